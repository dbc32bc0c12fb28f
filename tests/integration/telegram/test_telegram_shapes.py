"""Texts in pieces, keyboards and pacing, without a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.keyboards import UnusableButton, inline_keyboard
from bot.channels.telegram.pacing import Bucket, Limit, Pacing
from bot.channels.telegram.splitting import LONGEST, split
from handlers.messages import Button


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.text(alphabet="字a😀 \n。", max_size=200), st.integers(2, 40))
def test_pieces_fit_and_lose_only_white_space(text: str, longest: int) -> None:
    pieces = split(text, longest)
    assert all(0 < units(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_cut_at_lines_then_sentences() -> None:
    assert split("甲" * 3000 + "\n" + "乙" * 3000) == ["甲" * 3000, "乙" * 3000]
    assert split("甲" * 3000 + "。" + "乙" * 3000) == ["甲" * 3000 + "。", "乙" * 3000]
    assert [len(piece) for piece in split("甲" * 9000)] == [4096, 4096, 808]
    assert [len(piece) for piece in split("😀" * 4096)] == [2048, 2048]
    assert split("a" * LONGEST) == ["a" * LONGEST]


def test_broken_unicode_and_nothing() -> None:
    assert split("坏\ud800字") == ["坏?字"]
    assert split("") == split(" \n ") == []


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["同意", "不同意", "取消"], [["同意", "不同意"], ["取消"]]),
        (["投诉：我要解决纠纷", "是", "否"], [["投诉：我要解决纠纷"], ["是", "否"]]),
        (["是", "举报：我发现了问题", "否"], [["是"], ["举报：我发现了问题"], ["否"]]),
        (["Complaint one", "Complaint two"], [["Complaint one", "Complaint two"]]),
    ],
)
def test_rows_by_width(labels: list[str], rows: list[list[str]]) -> None:
    keyboard = inline_keyboard([Button(label, label[:8]) for label in labels])
    assert keyboard is not None
    assert [[key.text for key in row] for row in keyboard.inline_keyboard] == rows


def test_no_buttons_no_keyboard() -> None:
    assert inline_keyboard([]) is None


def test_values_up_to_64_bytes() -> None:
    assert inline_keyboard([Button("好", "x" * 64)])
    with pytest.raises(UnusableButton, match="65 bytes"):
        inline_keyboard([Button("好", "x" * 65)])


def test_bucket_gives_a_burst_then_the_rate() -> None:
    bucket = Bucket(Limit(rate=2, burst=3))
    assert [bucket.reserve(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert bucket.reserve(200.0) == 0


@pytest.mark.parametrize(("chats", "window", "most"), [(200, 1.0, 30), (1, 60.0, 63)])
async def test_pacing_in_any_window(chats: int, window: float, most: int) -> None:
    now, sent = [0.0], []

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    pacing = Pacing(now=lambda: now[0], sleep=sleep)
    for number in range(400):
        await pacing.wait(str(number % chats))
        sent.append(now[0])
    peak = max(sum(at <= other < at + window for other in sent) for at in sent)
    assert peak <= most


async def test_groups_get_twenty_a_minute() -> None:
    now, sent = [0.0], []

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    pacing = Pacing(now=lambda: now[0], sleep=sleep)
    for _ in range(100):
        await pacing.wait("-100")
        sent.append(now[0])
    assert max(sum(at <= other < at + 60 for other in sent) for at in sent) <= 20


async def test_chats_at_rest_are_forgotten() -> None:
    pacing = Pacing(now=lambda: float(len(pacing._chats)) * 10, sleep=_no_sleep)
    for number in range(5000):
        await pacing.wait(str(number))
    assert len(pacing._chats) <= 2000


async def _no_sleep(_seconds: float) -> None:
    return None
