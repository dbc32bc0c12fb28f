"""`shian clock`: a contract other tools call (JSON on stdout, exit code 2 for wrong usage)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import cli
from bot.clock_cli import app

NAMES = [
    "complaint.accept",
    "complaint.mediate",
    "complaint.notify_end",
    "report.verify",
    "report.verify_extended",
    "report.reassess",
    "case.decide",
    "case.decide_extended",
    "case.decide_collective",
    "dispute.settle",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def due(clock: str, since: str, *more: str) -> dict[str, Any]:
    result = run("due", clock, "--from", since, *more)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_every_clock_is_listed() -> None:
    result = run("list", "--jurisdiction", "changzhou_xinbei")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    names = [row["clock"] for row in rows]
    assert names[: len(NAMES)] == NAMES
    assert rows[0]["article"] == "第15条"


def test_a_deadline_and_where_it_comes_from() -> None:
    answer = due("complaint.accept", "2026-09-28T09:00:00+08:00")
    text = answer.pop("text")
    assert answer == {
        "clock": "complaint.accept",
        "from": "2026-09-28T09:00:00+08:00",
        "due": "2026-10-13",
        "skipped": [*(f"2026-10-0{n}" for n in range(1, 8)), "2026-10-11"],
        "law": "《市场监督管理投诉举报处理办法》（总局令第121号，2026-04-15起施行）",
        "article": "第15条",
    }
    assert text.startswith(answer["law"] + answer["article"])
    assert "截止2026-10-13" in text


@pytest.mark.parametrize(
    ("since", "ends"),
    [
        ("2026-09-28", "2026-10-13"),
        ("2026-09-28T23:30", "2026-10-13"),
        ("2026-09-28T23:30:00+08:00", "2026-10-13"),
        ("2026-09-27T15:59:00Z", "2026-10-12"),  # still the 27th in Shanghai
        ("2026-09-27T16:00:00Z", "2026-10-13"),
    ],
)
def test_the_day_is_that_of_shanghai(since: str, ends: str) -> None:
    assert due("complaint.accept", since)["due"] == ends


def test_the_whole_command_line_has_it() -> None:
    """`shian clock …` as design §9 names it; the clock app alone is not what other tools call.

    15 of the 30 days end on 04-21 | 22 23 24 | 27 to 30 | May 06 07 08, Saturday 09 | 11 12 13 14.
    """
    result = CliRunner().invoke(
        cli, ["clock", "due", "report.verify_extended", "--from", "2026-03-30"]
    )
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["due"]) == (0, "2026-05-14")
    assert "30个工作日" in answer["text"]
    refused = CliRunner().invoke(cli, ["clock", "due", "no.such", "--from", "2026-03-30"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "没有期限 'no.such'" in refused.output


def test_a_year_without_a_table_is_said_to_be_provisional() -> None:
    assert due("complaint.accept", "2026-12-25")["provisional"] is True
    assert "provisional" not in due("complaint.accept", "2026-09-28")


@pytest.mark.parametrize(
    ("clock", "days", "ends"),
    [
        ("report.verify", [], "2026-07-22"),
        ("report.verify_extended", [], "2026-08-12"),
        ("case.decide", [], "2026-09-29"),
        ("case.decide_extended", [], "2026-10-29"),
        ("case.decide_collective", ["--days", "60"], "2026-12-28"),
    ],
)
def test_an_extension_ends_with_the_whole_period(clock: str, days: list[str], ends: str) -> None:
    """From 2026-07-01: the days of an extension come on top of those before."""
    assert due(clock, "2026-07-01", *days)["due"] == ends


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope", "--from", "2026-09-28"], "complaint.accept"),
        (["complaint.accept", "--from", "昨天"], "看不懂"),
        (["complaint.accept", "--from", "2026-13-01"], "看不懂"),
        (["complaint.accept", "--from", "0001-01-01T00:00Z"], "太远"),
        (["complaint.accept", "--from", "2026-04-14"], "还没有生效"),
        (["complaint.accept", "--from", "2026-09-28", "--days", "3"], "由法律规定"),
        (["case.decide_collective", "--from", "2026-09-28"], "--days"),
        (["case.decide_collective", "--from", "2026-09-28", "--days", "0"], "--days"),
        (["complaint.accept", "--from", "2026-09-28", "--jurisdiction", "x"], "suining_hedong"),
        (["complaint.accept"], "--from"),
    ],
)
def test_wrong_usage_says_what_is_available(arguments: list[str], said: str) -> None:
    result = run("due", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert result.stdout == ""
