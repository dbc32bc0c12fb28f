"""`shian knowledge ask`: a contract other tools call (JSON lines in, JSON lines out)."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from bot.knowledge_cli import app

BEANS = {"id": "a", "text": "豆角没炒熟能吃吗"}
STALE = {"id": "b", "text": "隔夜菜致癌是真的吗"}
NOTHING = {"id": "c", "text": "今晚看什么电影"}


def ask(*lines: str, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(app, ["ask", *options], input="\n".join(lines))
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_answers_in_order_and_leaves_drafts_alone() -> None:
    code, rows = ask(*map(json.dumps, (BEANS, STALE, NOTHING)))
    assert code == 0
    assert [(row["id"], row["topic"], row["item"]) for row in rows] == [
        ("a", 14, "tip-014"),
        ("b", None, None),
        ("c", None, None),
    ]
    assert "来源：" in str(rows[0]["answer"])
    assert 0.5 <= float(str(rows[0]["score"])) <= 1


def test_drafts_are_included_when_asked_for() -> None:
    _, rows = ask(json.dumps(STALE), options=("--include-drafts",))
    assert rows[0]["topic"] == 59


def test_a_malformed_line_is_named_and_the_run_goes_on() -> None:
    code, rows = ask("{", '{"id": 1}', '{"id": 2, "text": 5}', "", json.dumps(BEANS))
    assert code == 1
    assert [("error" in row) for row in rows] == [True, True, True, False]
