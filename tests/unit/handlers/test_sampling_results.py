"""Tables of results: what is read, and every mistake named by its line."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.campaigns.results import conclude, read, write
from handlers.campaigns.sampling_ports import Sample
from handlers.errors import BadTable
from tests.unit.handlers.test_sampling import texts

TODAY = date(2026, 12, 5)
PLAN = [Sample(1, (0, 0, 0)), Sample(2, (1, 1, 1)), Sample(3, (1, 0, 0))]


def mistakes(table: str) -> list[tuple[int, str]]:
    with pytest.raises(BadTable) as caught:
        read(table, PLAN, TODAY, "xuan")
    return [(line, what) for line, what, _ in caught.value.details["mistakes"]]  # type: ignore[attr-defined]


def test_a_table_is_read_whatever_spreadsheet_wrote_it() -> None:
    for sign in (",", "\t", "，"):
        table = "\ufeff序号,结论,检测日期,商户,备注\n1,合格,2026-12-01,,\n\n2,不合格,2026/12/2,某某超市,超标\n"
        made = read(table.replace(",", sign), PLAN, TODAY, "xuan")
        assert [(s.number, s.conclusion, s.tested_on, s.merchant) for s in made] == [
            (1, "qualified", date(2026, 12, 1), ""),
            (2, "unqualified", date(2026, 12, 2), "某某超市"),
        ]
        assert {s.entered_by for s in made} == {"xuan"}


def test_every_mistake_is_named_with_its_line() -> None:
    table = (
        "序号,结论,检测日期,商户\n1,好,2026-12-01,\n9,合格,2026-12-01,\n2,合格,,\n"
        f"2,合格,昨天,\n3,合格,2026-12-09,\n3,合格,2026-12-01,{'长' * 101}\nx,合格,,\n1,待出,,\n1,待出,,\n"
    )
    assert mistakes(table) == [
        (2, "conclusion"), (3, "number"), (4, "no_day"), (5, "day"), (6, "future"),
        (7, "long_merchant"), (8, "number"), (10, "twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", (1, "head")),
        ("编号,结果\n1,合格", (1, "head")),
        ("序号,结论", (2, "empty")),
        ('序号,结论\n1,"合格', (2, "quotes")),
    ],
)
def test_a_table_that_is_none(table: str, told: tuple[int, str]) -> None:
    assert mistakes(table) == [told]


def test_what_is_written_can_be_read_back_and_runs_nothing() -> None:
    day = date(2026, 12, 1)
    done = [
        conclude(
            PLAN[0],
            {"conclusion": "不合格", "tested_on": "2026.12.1", "merchant": "=1+1"},
            TODAY,
            "a",
        )
    ]
    table = write(texts(), [*done, *PLAN[1:]])
    assert "'=1+1" in table
    back = read(table, PLAN, TODAY, "a")
    assert (back[0].merchant, back[0].tested_on, back[0].conclusion) == ("=1+1", day, "unqualified")
    assert [s.conclusion for s in back] == ["unqualified", "pending", "pending"]
