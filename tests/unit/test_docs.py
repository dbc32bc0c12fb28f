"""What the documents name exists: paths, functions, commands, settings, states, tests."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot.cli import cli
from bot.settings import Settings
from content.phrasebook import load_phrasebook
from handlers.staff import ROLES
from handlers.tickets.moves import KINDS, MOVES
from handlers.tickets.ticket import AUDIENCES

ROOT = Path(__file__).parent.parent.parent
DOCS = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("README*.md"), ROOT / "CHANGELOG.md"])
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)\)")
PATH = re.compile(
    r"^[\w.-]+(?:/[\w.-]+)*\.(?:py|yml|yaml|md|txt|html|js|css|toml|lock)(?:::[\w.-]+)?$"
)
FOLDER = re.compile(r"^[\w.-]+(?:/[\w.-]+)*/$")
COMMAND = re.compile(r"(?<![\w./-])(?:\.venv/bin/)?shian((?: (?!\|)[^\s`|]+)*)")
MADE_WHILE_RUNNING = frozenset({"uploads/", "keys/vault.json", "vault.json", "var/"})
STATUSES = frozenset({"built", "link only", "not yet"})
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
MECHANISMS = 81


def of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def named_in(path: Path) -> Iterator[str]:
    """Everything in backticks that looks like a path of the repository."""
    for code in CODE.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if (PATH.match(code) or FOLDER.match(code)) and code not in MADE_WHILE_RUNNING:
            yield code


@functools.cache
def definitions(file: Path) -> frozenset[str]:
    """Names a module defines, members as Class.member; names of the conversations in a .yml."""
    if file.suffix == ".yml":
        return frozenset(row["name"] for row in yaml.safe_load(file.read_text(encoding="utf-8")))
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        names.update(_names(node))
        if isinstance(node, ast.ClassDef):
            names.update(f"{node.name}.{name}" for child in node.body for name in _names(child))
    return frozenset(names)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def missing(reference: str) -> bool:
    name, _, member = reference.partition("::")
    file = ROOT / name
    if not file.exists():
        return True
    return bool(member) and member not in definitions(file)


@pytest.mark.parametrize("path", DOCS, ids=of)
def test_every_path_and_function_named_exists(path: Path) -> None:
    assert not [reference for reference in named_in(path) if missing(reference)]


@pytest.mark.parametrize("path", DOCS, ids=of)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    inner = [target for target in LINK.findall(text) if "://" not in target]
    assert not [target for target in inner if not (path.parent / target).exists()]


@pytest.mark.parametrize("path", DOCS, ids=of)
def test_every_command_and_option_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = [*CODE.findall(FENCE.sub("", text)), *"\n".join(FENCE.findall(text)).splitlines()]
    told = [words.split() for code in shown for words in COMMAND.findall(code)]
    assert not [" ".join(words) for words in told if not _is_command(words)]


def _is_command(words: list[str]) -> bool:
    """Whether the words lead through groups to a command that has all the options given."""
    found: Any = typer.main.get_command(cli)
    rest = list(words)
    while rest and rest[0] in getattr(found, "commands", {}):
        found = found.commands[rest.pop(0)]
    if hasattr(found, "commands"):
        return not rest
    known = {option for parameter in found.params for option in parameter.opts}
    return all(word in known for word in rest if word.startswith("--"))


@pytest.mark.parametrize("path", DOCS, ids=of)
def test_every_make_target_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^|=\S* )make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) <= targets


def test_both_readmes_give_the_same_commands() -> None:
    assert FENCE.findall(read("README.md")) == FENCE.findall(read("README.en.md"))


def test_the_journey_has_ten_stops_and_says_what_each_commits() -> None:
    stops = read("docs/journey.md").split("\n## ")[1:]
    assert [stop.split(".")[0] for stop in stops] == [str(n) for n in range(1, 11)]
    assert all("*Committed" in stop and "::" in stop for stop in stops)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = dict(
        re.findall(r"^\| `(SHIAN_\w+)` \| ([^|]+) \|", read("docs/operations.md"), re.MULTILINE)
    )
    assert set(table) == {f"SHIAN_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int) and field.default != "":
            assert f"`{str(field.default).lower()}`" in table[f"SHIAN_{name.upper()}"].lower()


def test_the_glossary_holds_every_role_kind_state_and_audience() -> None:
    text, phrases = read("docs/glossary.md"), load_phrasebook(ROOT / "content")
    states = {state for moves in MOVES.values() for state in moves}
    assert not [
        role for role, name in ROLES.items() if f"| {name} |" not in text or f"`{role}`" not in text
    ]
    assert not [s for s in states if f"| {phrases.text(f'state.{s}')} | `{s}` |" not in text]
    assert not [
        k for k in KINDS if f"| {phrases.text(f'kind.{k}')} |" not in text or f"`{k}`" not in text
    ]
    assert not [audience for audience in AUDIENCES if f"`{audience}`" not in text]


def test_the_glossary_names_no_state_that_is_gone() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \|", read("docs/glossary.md"), re.MULTILINE)
    assert set(rows) == {state for moves in MOVES.values() for state in moves}


def test_every_mechanism_has_a_status() -> None:
    rows = ROW.findall(read("docs/mechanisms.md"))
    assert [int(number) for number, *_ in rows] == list(range(1, MECHANISMS + 1))
    assert {status for _, _, status, _ in rows} <= STATUSES


def test_the_count_of_mechanisms_is_right() -> None:
    text = read("docs/mechanisms.md")
    statuses = [status for _, _, status, _ in ROW.findall(text)]
    counted = {
        status: int(n) for status, n in re.findall(r"(built|link only|not yet): (\d+)", text, re.I)
    }
    assert {s.lower(): n for s, n in counted.items()} == {s: statuses.count(s) for s in STATUSES}


def test_whatever_is_called_built_names_a_test() -> None:
    for number, _, status, details in ROW.findall(read("docs/mechanisms.md")):
        shown = [code for code in CODE.findall(details) if code.startswith("tests/")]
        assert shown or status != "built", number
        assert not [reference for reference in shown if missing(reference)], number


def test_every_decision_has_its_sections_and_its_line() -> None:
    index = read("docs/decisions/README.md")
    for path in sorted(ROOT.glob("docs/decisions/0*.md")):
        text = path.read_text(encoding="utf-8")
        assert f"({path.name})" in index
        sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert sections == ["Context", "Decision", "Alternatives", "Consequences"], path.name
        assert re.search(r"^Status: ", text, re.MULTILINE), path.name
