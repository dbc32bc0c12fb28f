"""知识竞赛: each question once, the leaderboard, a flood slowed down, the certificate."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from bot.db.sampling_tables import contest_entries
from bot.links import SignedLinks
from handlers.campaigns import contests
from handlers.errors import FormRefused, NoSuchCampaign, NotPermitted
from handlers.knowledge import reviewing
from handlers.messages import Incoming
from handlers.ports import Staff
from handlers.respond import respond
from handlers.turn import Turn
from tests.conversations.campaigns import LIN, XUAN, contest
from tests.integration.bot.browser import open_page
from tests.integration.bot.test_polls import press, rows

COUNTED: list[int] = []


async def say(app: App, who: str, text: str) -> Turn:
    COUNTED.append(1)
    turn = await respond(Incoming("web", f"{who}-{len(COUNTED)}", who, text), app.services)
    assert turn is not None
    return turn


async def join(app: App, who: str, contest_id: int, name: str) -> Turn:
    await press(app, who, f"contest:go:{contest_id}")
    return await say(app, who, name)


async def questions(app: App, contest_id: int) -> list[int]:
    """The right options, in the contest's order."""
    async with app.units_of_work() as work:
        found = await work.sampling.contests.get(contest_id)
    assert found is not None
    known = {question.id: question for question in app.services.questions}
    return [known[name].right for name in found.texts.questions]


async def play(app: App, who: str, contest_id: int, wrong: int = 0, seconds: int = 5) -> list[str]:
    """Answer everything, the first `wrong` ones wrongly."""
    clock, said = app.clock, list[str]()
    assert isinstance(clock, SetClock)
    for place, right in enumerate(await questions(app, contest_id)):
        clock.advance(timedelta(seconds=seconds))
        choice = right if place >= wrong else (right + 1) % 2
        said += await press(app, who, f"contest:q:{contest_id}:{place}:{choice}")
    return said


async def test_right_answers_count_first_then_time(app: App) -> None:
    number = await contest(app.services)
    for who, name, wrong, seconds in (
        ("anna", "豆花姐姐", 1, 3), ("bert", "慢慢来", 0, 30), ("carl", "快刀", 0, 4)
    ):  # fmt: skip
        await join(app, who, number, name)
        await play(app, who, number, wrong, seconds)
    board = (await say(app, "anna", "排行榜")).replies[0].text
    assert [line.partition("：")[0] for line in board.splitlines()[1:4]] == [
        "1. 快刀", "2. 慢慢来", "3. 豆花姐姐"
    ]  # fmt: skip
    assert "您：第3名，答对2题，9秒" in board
    assert "您：" not in (await say(app, "dora", "排行榜")).replies[0].text


async def test_each_question_counts_once_and_in_its_turn(app: App) -> None:
    number = await contest(app.services)
    await join(app, "anna", number, "豆花姐姐")
    right = await questions(app, number)
    skipped = await press(app, "anna", f"contest:q:{number}:2:{right[2]}")  # was never shown
    assert "每题只能答一次" in skipped[0]
    await press(app, "anna", f"contest:q:{number}:0:{(right[0] + 1) % 2}")
    again = await press(app, "anna", f"contest:q:{number}:0:{right[0]}")
    assert "每题只能答一次" in again[0]
    (row,) = await rows(app, contest_entries)
    assert (row.right, row.answered) == (0, 1)


@pytest.mark.parametrize(
    "value", ["q:{0}:9:0", "q:{0}:0:9", "q:{0}:0", "go:77", "go:", "top:x", "q:{0}:0:²"]
)
async def test_a_button_made_up_by_hand_is_an_old_one(app: App, value: str) -> None:
    number = await contest(app.services)
    await join(app, "anna", number, "豆花姐姐")
    said = await press(app, "anna", "contest:" + value.format(number))
    assert said
    assert [row.answered for row in await rows(app, contest_entries)] == [0]


async def test_a_nickname_is_refused_with_the_reason_and_asked_again(app: App) -> None:
    number = await contest(app.services)
    assert "不文明" in (await join(app, "anna", number, "傻 b")).replies[0].text
    assert "单位" in (await say(app, "anna", "食安办小王")).replies[0].text
    assert "报名成功" in (await say(app, "anna", "豆花姐姐")).replies[0].text
    taken = await join(app, "bert", number, "豆花-姐姐")
    assert "已经有人用了" in taken.replies[0].text
    assert "没有报名" in (await say(app, "bert", "算了")).replies[0].text
    assert len(await rows(app, contest_entries)) == 1


async def test_a_flood_is_slowed_down_and_nobody_else_is(app: App, clock: SetClock) -> None:
    number = await contest(app.services, count=30)
    for who, name in (("anna", "急性子"), ("bert", "慢性子")):
        await join(app, who, number, name)
    right = await questions(app, number)
    said = [await press(app, "anna", f"contest:q:{number}:{n}:{right[n]}") for n in range(20)]
    assert not any("太快" in text for answer in said for text in answer)
    for _ in range(3):
        assert "先歇一分钟" in (await press(app, "anna", f"contest:q:{number}:20:{right[20]}"))[0]
    assert "答对了" in (await press(app, "bert", f"contest:q:{number}:0:{right[0]}"))[0]
    floods = [row for row in await rows(app, t.audit) if row.action == "contest.flood"]
    assert len(floods) == 1
    clock.advance(timedelta(seconds=61))
    assert "答对了" in (await press(app, "anna", f"contest:q:{number}:20:{right[20]}"))[0]
    counted = {row.nickname: row.answered for row in await rows(app, contest_entries)}
    assert counted == {"急性子": 21, "慢性子": 1}


async def test_questions_come_from_live_items_only(app: App) -> None:
    number = await contest(app.services)
    async with app.units_of_work() as work:
        live = await contests.live_questions(app.services, work, app.clock.now())
        found = await work.sampling.contests.get(number)
    assert found is not None
    assert set(found.texts.questions) <= set(live)
    assert len(live) < len(app.services.questions)
    topic = live[found.texts.questions[0]].topic
    item = next(i for i in app.services.library.items.values() if i.topic == topic)
    await reviewing.pull(
        app.services, Staff("lin", "林", "reviewer", "shian"), item.id, "来源更新了"
    )
    turn = await join(app, "anna", number, "豆花姐姐")
    assert "第2题" in turn.replies[-1].text


async def test_a_contest_ends_and_its_certificate_says_the_rank(app: App, clock: SetClock) -> None:
    number = await contest(app.services)
    async with open_page(app) as page:
        await page.say("参加", button=f"contest:go:{number}")
        await page.say("豆花姐姐")
        for place, right in enumerate(await questions(app, number)):
            said = await page.say("", button=f"contest:q:{number}:{place}:{right}")
        link = next(w for w in said[-1]["text"].split("：") if w.startswith("/api/contest"))
        answer = await page.http.get(link)
        assert answer.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).size == (1200, 848)
        forged = link.replace("/1-", "/2-")
        assert (await page.http.get(forged)).status_code == 404
        assert (await page.http.get("/api/contest/certificate/1-.png")).status_code == 404
        clock.advance(timedelta(days=8))
        later = await page.http.get(link)
        assert later.content != answer.content
        over = await page.say("", button=f"contest:go:{number}")
        assert "已经结束" in over[0]["text"]
        await contests.hide(app.services, XUAN, 1)
        assert (await page.http.get(link)).status_code == 404
        board = (await page.say("排行榜"))[0]["text"]
    assert "豆花姐姐" not in board
    assert "不在排行榜上显示" in board


async def test_elsewhere_the_link_needs_a_site(app: App) -> None:
    links = SignedLinks(app.vault, "https://shian.example")
    assert links.link("contest", 7).startswith("https://shian.example/api/contest/certificate/7-")
    token = links.link("contest", 7).rpartition("/")[2].removesuffix(".png")
    assert links.opened("contest", token) == 7
    for other in ("8-" + token[2:], "7-", "", "x", "²-" + token[2:], "9" * 30 + "-x"):
        assert links.opened("contest", other) is None


async def test_who_may_open_stop_and_hide(app: App, clock: SetClock) -> None:
    now = clock.now()
    for title, closes, count, refused in (
        ("", now + timedelta(days=1), 3, "contest_title"),
        ("挑战", now, 3, "times"),
        ("挑战", now + timedelta(days=1), 2, "count"),
        ("挑战", now + timedelta(days=1), 51, "count"),
    ):
        with pytest.raises(FormRefused) as caught:
            await contests.open_contest(app.services, XUAN, title, now, closes, count)
        assert caught.value.details == {"refused": refused}
    with pytest.raises(NotPermitted):
        await contests.open_contest(app.services, LIN, "挑战", now, now + timedelta(days=1), 3)
    number = await contest(app.services)
    await contests.stop(app.services, XUAN, number)
    with pytest.raises(NoSuchCampaign):
        await contests.stop(app.services, XUAN, number)
    with pytest.raises(NoSuchCampaign):
        await contests.hide(app.services, XUAN, 99)
    assert "没有知识竞赛" not in (await say(app, "anna", "排行榜")).replies[0].text
