"""Bad content and settings: file, line and remedy, exit code 1, nothing half started."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.processes import ROOT, environment, free_port

pytestmark = pytest.mark.acceptance

CITY = "jurisdictions/changzhou_xinbei.yml"
REMEDY = re.compile(r"→ \S+")


def shian(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, run in `folder` (where a .env may lie) until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(SHIAN_DATA=str(folder / "data"), **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What it said; it ended with 1, without a traceback."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said, said
    assert REMEDY.search(said), said
    return said


def replaced(old: str, new: str) -> Callable[[str], str]:
    """An edit of a file; fails when there is nothing to replace."""

    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


BROKEN: dict[str, tuple[str, Callable[[str], str]]] = {
    "no YAML": (CITY, replaced("roles:\n", "roles: [\n")),
    "a tab": (CITY, replaced("  office: shian", "\toffice: shian")),
    "a control character": (CITY, replaced("  office: shian", "  office: shian\x07")),
    "empty": (CITY, lambda _: ""),
    "a list": (CITY, lambda _: "- a\n- b\n"),
    "units missing": (CITY, replaced("\nunits:", "\nunitz:")),
    "units are words": (
        CITY,
        lambda text: re.sub(r"\nunits:.*?\nroles:", "\nunits: all\n\nroles:", text, flags=re.S),
    ),
    "a unit is a word": (
        CITY,
        replaced(
            '  - {id: scjg, name: "区市场监管局", level: county, parent: null, confirmed: false}',
            "  - scjg",
        ),
    ),
    "a unit without id": (CITY, replaced("  - {id: scjg, name:", "  - {name:")),
    "a unit without name": (CITY, replaced('id: scjg, name: "区市场监管局",', "id: scjg,")),
    "an unknown field of a unit": (CITY, replaced("{id: scjg,", "{id: scjg, colour: red,")),
    "a unit of no level": (CITY, replaced("level: county", "level: moon")),
    "a role without unit": (CITY, replaced("  market: scjg", "  market: nobody")),
    "an unknown role": (CITY, replaced("  market: scjg", "  markets: scjg")),
    "roles are a list": (
        CITY,
        lambda text: re.sub(r"\nroles:.*?\nduties:", "\nroles: [a]\n\nduties:", text, flags=re.S),
    ),
    "no office": (CITY, replaced("  office: shian", "  office: null")),
    "a duty twice": (CITY, replaced("- id: xb-002", "- id: xb-001")),
    "a duty of nobody": (CITY, replaced("joint: [shian, saw_members]", "joint: [ghost]")),
    "a duty without when": (CITY, replaced("    when: {}\n", "")),
    "joint is a word": (CITY, replaced("joint: [shian, saw_members]", "joint: shian")),
    "when is a list": (CITY, replaced("    when: {}\n", "    when: [catering]\n")),
    "an unknown condition": (CITY, replaced("    when: {}\n", "    when: {weather: [rain]}\n")),
    "an unknown label": (CITY, replaced("    when: {}\n", "    when: {stage: [moon]}\n")),
    "source is a word": (CITY, lambda text: re.sub(r"\nsource: .*", "\nsource: book", text)),
    "a key twice": (CITY, replaced("\nname: 常州市新北区\n", "\nname: 常州市新北区\nname: 常州\n")),
    "defaults missing": ("routing.yml", replaced("\ndefaults:", "\ndefault:")),
    "a phrase missing": (
        "phrases/zh-Hant.yml",
        lambda text: re.sub(r"\n  empty: .*", "", text, count=1),
    ),
    "phrases are no YAML": ("phrases/zh-Hans.yml", lambda text: text + "\n: : :\n"),
    "page words missing": (
        "phrases/web.zh-Hant.yml",
        lambda text: re.sub(r"\nplaceholder: .*", "", text),
    ),
    "console words missing": ("phrases/console.zh-Hant.yml", lambda text: text[: len(text) // 2]),
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content, to be broken."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content", ignore=ignored))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_content_is_named_with_file_line_and_remedy(
    name: str, content: Path, tmp_path: Path
) -> None:
    file, edit = BROKEN[name]
    path = content / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    said = refused(shian(tmp_path, "check", SHIAN_CONTENT=str(content)))
    assert re.search(rf"{re.escape(str(content))}/[\w./-]+\.yml:\d+: ", said), said


@pytest.mark.parametrize(
    "name", ["no YAML", "a duty of nobody", "phrases are no YAML", "page words missing"]
)
def test_serve_does_not_start_on_broken_content(name: str, content: Path, tmp_path: Path) -> None:
    file, edit = BROKEN[name]
    path = content / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    done = shian(tmp_path, "serve", "--port", str(free_port()), SHIAN_CONTENT=str(content))
    said = refused(done)
    assert re.search(rf"{re.escape(file)}:\d+: ", said), said


def test_content_that_is_not_utf_8(content: Path, tmp_path: Path) -> None:
    path = content / CITY
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    said = refused(shian(tmp_path, "check", SHIAN_CONTENT=str(content)))
    assert f"{path}:" in said


def test_content_folder_that_does_not_exist(tmp_path: Path) -> None:
    for command in (("check",), ("serve", "--port", str(free_port()))):
        said = refused(shian(tmp_path, *command, SHIAN_CONTENT=str(tmp_path / "nowhere")))
        assert "nowhere" in said


@pytest.mark.parametrize("command", [("check",), ("serve", "--port", "0")], ids=["check", "serve"])
def test_unknown_jurisdiction(command: tuple[str, ...], tmp_path: Path) -> None:
    said = refused(shian(tmp_path, *command, "--jurisdiction", "atlantis"))
    assert "atlantis" in said
    assert "changzhou_xinbei" in said


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_port_that_cannot_be(port: str, tmp_path: Path) -> None:
    said = refused(shian(tmp_path, "serve", "--port", port))
    assert "SHIAN_PORT" in said or "--port" in said


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


def test_port_that_is_taken(tmp_path: Path) -> None:
    with listening() as port:
        said = refused(shian(tmp_path, "serve", "--port", str(port)))
    assert str(port) in said


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("SHIAN_PORT=eighty", "SHIAN_PORT"),
        ("SHIAN_HTTPS=perhaps", "SHIAN_HTTPS"),
        ("SHIAN_LOG_LEVEL=LOUD", "SHIAN_LOG_LEVEL"),
        ("SHIAN_DATABASE_URL=nonsense", "SHIAN_DATABASE_URL"),
        ("SHIAN_TELEGRAM_TOKEN=nonsense", "SHIAN_TELEGRAM_TOKEN"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("serve",)], ids=["check", "serve"])
def test_env_value_that_cannot_be_read(
    line: str, name: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{line}\n", encoding="utf-8")
    port = () if command == ("check",) or "PORT" in line else ("--port", str(free_port()))
    assert name in refused(shian(tmp_path, *command, *port))


def test_env_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("SHIAN_HOST=主机\n".encode("gb18030"))
    assert ".env" in refused(shian(tmp_path, "check"))


def test_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    said = refused(shian(tmp_path, "serve", "--port", str(free_port())))
    assert str(tmp_path / "data") in said


def test_good_content_passes(tmp_path: Path) -> None:
    done = shian(tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
