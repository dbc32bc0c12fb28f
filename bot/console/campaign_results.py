"""What became of a campaign: counted by wording, drawn, and as a table to take along."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from bot.db.campaign_tables import campaign_responses, deliveries
from bot.db.engine import Database

OUTCOMES = ("sent", "pending", "sending", "later", "blocked", "failed", "unknown", "skipped")
RESPONSES = (
    "read", "quiz.answered", "knowledge.answered", "check.opened", "ticket.registered",
    "unsubscribed",
)  # fmt: skip
UNCERTAIN_SHOWN = 500


@dataclass(frozen=True)
class Results:
    """Counts by wording: how sends ended, why some were skipped, what recipients did."""

    outcomes: dict[int, Counter[str]]
    reasons: Counter[str]
    responses: dict[int, Counter[str]]
    uncertain: Sequence[int]

    def total(self, what: str) -> int:
        """One outcome or response over all wordings."""
        tables = (*self.outcomes.values(), *self.responses.values())
        return sum(table[what] for table in tables)

    def share(self, variant: int, what: str) -> float:
        """A response as a share of those of this wording who got it, 0..1."""
        sent = self.outcomes.get(variant, Counter())["sent"]
        return self.responses.get(variant, Counter())[what] / sent if sent else 0.0

    def rows(self) -> list[tuple[str, str, int]]:
        """(wording, what, count) for a table."""
        found = []
        for variant in sorted(self.outcomes):
            letter = "AB"[variant]
            found += [(letter, what, self.outcomes[variant][what]) for what in OUTCOMES]
            answers = self.responses.get(variant, Counter())
            found += [(letter, what, answers[what]) for what in RESPONSES]
        return found + [("", f"skipped.{reason}", n) for reason, n in sorted(self.reasons.items())]


async def results_of(database: Database, campaign_id: int, variants: int) -> Results:
    """Count everything of one campaign."""
    d, r = deliveries.c, campaign_responses.c
    mine = d.campaign_id == campaign_id
    ended = sa.select(d.variant, d.state, sa.func.count()).where(mine)
    why = sa.select(d.error, sa.func.count()).where(mine, d.state == "skipped").group_by(d.error)
    did = (
        sa.select(d.variant, r.what, sa.func.count())
        .join(
            campaign_responses,
            sa.and_(r.campaign_id == d.campaign_id, r.citizen_id == d.citizen_id),
        )
        .where(mine)
        .group_by(d.variant, r.what)
    )
    lost = sa.select(d.citizen_id).where(mine, d.state == "unknown").order_by(d.citizen_id)
    async with database.read() as connection:
        outcomes = await connection.execute(ended.group_by(d.variant, d.state))
        responses = await connection.execute(did)
        reasons = await connection.execute(why)
        uncertain = list(await connection.scalars(lost.limit(UNCERTAIN_SHOWN)))
    return Results(
        _by_variant(outcomes, variants),
        Counter({row[0] or "": row[1] for row in reasons}),
        _by_variant(responses, variants),
        uncertain,
    )


def _by_variant(rows: Any, variants: int) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {variant: Counter() for variant in range(variants)}
    for variant, what, count in rows:
        found.setdefault(variant, Counter())[what] += count
    return found


def as_csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A table that spreadsheet programs open with Chinese intact."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """The same as a workbook, with a chart of the counts."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, last = book.add_worksheet(), len(rows)
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, 2, 18)
        chart = book.add_chart({"type": "bar"})
        chart.add_series(
            {"categories": ["Sheet1", 1, 1, last, 1], "values": ["Sheet1", 1, 2, last, 2]}
        )
        sheet.insert_chart("E2", chart)
    return out.getvalue()
