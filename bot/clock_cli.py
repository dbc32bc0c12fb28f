"""`shian clock`: what the law's deadlines are, and when one ends."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import typer

from bot.clock import SHANGHAI
from bot.settings import Settings
from content.law import ClockRule, Law, NoClockRule, load_law
from content.phrasebook import load_phrasebook
from content.workdays import load_workdays
from handlers.errors import ClockRefused
from handlers.tickets import clocks

app = typer.Typer(help="法定期限：列出、计算截止日", no_args_is_help=True)


def _known(jurisdiction: str | None) -> str | None:
    """The periods are the same everywhere; a place that does not exist is a mistake all the same."""
    names = sorted(path.stem for path in (Settings().content / "jurisdictions").glob("*.yml"))
    if jurisdiction is not None and jurisdiction not in names:
        raise typer.BadParameter(f"没有辖区 {jurisdiction!r} → 可用：{'、'.join(names)}")
    return jurisdiction


JURISDICTION = Annotated[
    str | None, typer.Option(help="辖区（各地期限相同）", callback=_known, metavar="J")
]


@app.command("list")
def listed(jurisdiction: JURISDICTION = None) -> None:
    """Every clock in force today, one JSON line each."""
    for rule in load_law(Settings().content).clocks(_today()):
        row = {
            "clock": rule.id,
            "name": rule.name,
            "days": rule.days,
            "unit": rule.unit,
            "law": rule.law,
            "article": rule.article,
        }
        print(json.dumps(row, ensure_ascii=False))


@app.command("due")
def due(
    clock: Annotated[str, typer.Argument(metavar="CLOCK")],
    since: Annotated[
        str,
        typer.Option("--from", metavar="ISO-TIME", help="起算的时间；没有时区的按北京时间"),
    ],
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="case.decide_collective：决定的天数")
    ] = None,
    jurisdiction: JURISDICTION = None,
) -> None:
    """The last day of a period that begins at a moment, and the days that do not count."""
    content = Settings().content
    law, workdays = load_law(content), load_workdays(content)
    start = clocks.local_day(_moment(since))
    rule = _rule(law, clock, start)
    if days is not None and rule.days is not None:
        raise typer.BadParameter(f"{clock} 的长短由法律规定 → 不要 --days")
    begun, length = _whole_period(law, rule, start, days)
    try:
        ends = clocks.due(rule, begun, workdays, days=length)
    except (ClockRefused, OverflowError) as error:
        raise typer.BadParameter(
            f"{clock} 的长短由负责人决定或太长 → 用 --days 给出天数"
        ) from error
    answer = {
        "clock": clock,
        "from": since,
        "due": ends.on.isoformat(),
        "skipped": [day.isoformat() for day in ends.skipped],
        "law": rule.law,
        "article": rule.article,
        "text": clocks.explain(rule, begun, ends, load_phrasebook(content), length),
        **({"provisional": True} if ends.provisional else {}),
    }
    print(json.dumps(answer, ensure_ascii=False))


def _whole_period(
    law: Law, rule: ClockRule, start: date, days: int | None
) -> tuple[date, int | None]:
    """An extension runs from the start of what it extends: its days come on top."""
    if rule.extends is None:
        return start, rule.days
    base = _rule(law, rule.extends, start).days or 0
    if rule.days is not None:
        return start, base + rule.days
    ordinary = sum(r.days or 0 for r in law.clocks(start) if r.extends == rule.extends)
    return start, base + ordinary + days if days else None


def _rule(law: Law, clock: str, on: date) -> ClockRule:
    """Raises BadParameter for an unknown clock, or one not in force then."""
    try:
        return law.clock(clock, on)
    except NoClockRule as error:
        names = law.names()
        if clock not in names:
            said = f"没有期限 {clock!r} → 可用：{'、'.join(names)}"
        else:
            said = f"{clock} 在 {on} 还没有生效或已失效 → 换一个日期"
        raise typer.BadParameter(said) from error


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        said = f"时间 {text!r} 看不懂 → 例如 2026-11-23T10:00:00+08:00"
        raise typer.BadParameter(said) from error
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    if not 1950 < at.year < 2150:
        raise typer.BadParameter(f"时间 {text!r} 太远 → 用 1951 到 2149 年之间的日期")
    return at.astimezone(SHANGHAI)


def _today() -> date:
    return datetime.now(SHANGHAI).date()
