"""Content loads, and what is wrong with it is named with file, line and remedy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from content.errors import ContentError
from content.faq import load_faq
from content.hant import convert
from content.jurisdiction import load_jurisdiction
from content.phrasebook import LOCALES, load_phrasebook, load_ui
from handlers.steps import asked_slots
from handlers.tickets.moves import KINDS, MOVES
from handlers.wording import findings

CONTENT = Path("content")
JURISDICTIONS = ("changzhou_xinbei", "suining_hedong", "template")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.mark.parametrize("name", JURISDICTIONS)
def test_jurisdictions_load(name: str) -> None:
    place = load_jurisdiction(CONTENT, name)
    assert place.units[place.office].name
    assert place.role("market") in place.units
    assert all(place.role(d.lead) in place.units for d in place.defaults)


def test_duty_counts_match_the_seed_documents() -> None:
    assert len(load_jurisdiction(CONTENT, "changzhou_xinbei").duties) == 62
    assert len(load_jurisdiction(CONTENT, "suining_hedong").duties) == 64


@pytest.mark.parametrize("name", JURISDICTIONS)
def test_a_confirmed_row_is_one_whose_source_names_its_lead(name: str) -> None:
    for duty in load_jurisdiction(CONTENT, name).duties:
        assert duty.confirmed == (duty.lead is not None), duty.id


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old`; gives the line it stood on."""
    path = folder / "jurisdictions" / f"{name}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    lead: scjg\n", "    lead: nobody\n", "names unit 'nobody'"),
        ("    lead: scjg\n", "    lead: zhen\n", "zhen is collective"),
        ("    when: {stage: [environment]", "    when: {stages: [environment]", "'stages'"),
        ("  office: shian\n", "  office: null\n", "role office is empty"),
        ("  market: scjg\n", "  market: xyz\n", "'xyz' is no unit"),
        ("id: xb-002", "id: xb-001", "xb-001 stands twice"),
        ("level: county", "level: village", "units.0.level"),
        ("duties:\n", "duties: [\n", "not valid YAML"),
    ],
)
def test_a_broken_duty_list_is_named_by_line(folder: Path, old: str, new: str, said: str) -> None:
    line = edit(folder, "changzhou_xinbei", old, new)
    with pytest.raises(ContentError) as caught:
        load_jurisdiction(folder, "changzhou_xinbei")
    problem = next(p for p in caught.value.problems if said in p.what)
    assert problem.file.name == "changzhou_xinbei.yml"
    assert abs(problem.line - line) <= 14  # a row is named by its first line
    assert problem.remedy


def test_an_unknown_jurisdiction_names_the_known_ones(folder: Path) -> None:
    with pytest.raises(ContentError, match="suining_hedong"):
        load_jurisdiction(folder, "atlantis")


def test_scripts_have_the_same_keys_and_placeholders() -> None:
    hans, hant = (load_phrasebook(CONTENT).by_locale[locale] for locale in LOCALES)
    holes = re.compile(r"\{[a-z_]+\}")
    assert {k: holes.findall(v) for k, v in hans.items()} == {
        k: holes.findall(v) for k, v in hant.items()
    }


def test_the_traditional_phrases_are_up_to_date() -> None:
    from opencc import OpenCC

    source = (CONTENT / "phrases" / "zh-Hans.yml").read_text(encoding="utf-8")
    made = convert(source, OpenCC("s2t").convert)
    assert made == (CONTENT / "phrases" / "zh-Hant.yml").read_text(encoding="utf-8"), "make hant"


@pytest.mark.parametrize("page", ["web", "console"])
def test_page_words_exist_in_both_scripts(page: str) -> None:
    assert load_ui(CONTENT, page).by_locale["zh-Hant"]


def test_every_step_state_and_kind_has_its_words() -> None:
    book = load_phrasebook(CONTENT)
    states = {state for moves in MOVES.values() for state in moves}
    needed = [f"ask.{s}" for s in asked_slots()]
    needed += [f"state.{s}" for s in states] + [f"kind.{k}" for k in KINDS]
    needed += [f"faq.{name}" for name, _ in load_faq(CONTENT).patterns]
    assert [key for key in needed if not book.has(key)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_phrase_crosses_a_red_line(locale: str) -> None:
    book = load_phrasebook(CONTENT)
    crossed = {
        k: found for k, t in book.by_locale[locale].items() if (found := findings(t, from_bot=True))
    }
    assert crossed == {}


def test_a_bad_pattern_in_the_answers_is_named(folder: Path) -> None:
    path = folder / "faq.yml"
    path.write_text("schema_version: 1\nanswers:\n  - {name: x, about: '(('}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"faq\.yml:3"):
        load_faq(folder)


def test_a_condition_nobody_can_meet_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.checking import check
    from bot.settings import Settings

    edit(folder, "changzhou_xinbei", "stage: [grain]", "stage: [grains]")
    assert check(Settings(content=folder)) == 1
    found = capsys.readouterr().out
    assert "xb-017" in found
    assert "grains" in found
