"""你点我检 from vote to result: one vote each, and each who wants it is told once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from bot.db.sampling_tables import poll_votes
from bot.scheduler import JOBS, Scheduler
from handlers.campaigns import polls, telling
from handlers.campaigns.sampling_ports import Vote
from handlers.errors import BasisMissing, FourEyes, NotPermitted, PollStage, ResultsMissing
from handlers.messages import Incoming
from handlers.respond import respond
from tests.conversations.campaigns import LIN, XUAN, poll


async def press(app: App, who: str, value: str) -> list[str]:
    number = str(len(await rows(app, t.outbox)))
    incoming = Incoming("web", f"{who}-{value}-{number}", who, text="", button=value)
    turn = await respond(incoming, app.services)
    assert turn is not None
    return [reply.text for reply in turn.replies]


async def rows(app: App, table: sa.Table) -> list[sa.Row]:  # type: ignore[type-arg]
    async with app.database.read() as connection:
        return list((await connection.execute(sa.select(table))).all())


async def voters(app: App, poll_id: int, count: int, wants: bool | None = True) -> list[int]:
    ids = []
    async with app.units_of_work() as work:
        for n in range(count):
            citizen = await work.citizens.get_or_add("web", f"v{poll_id}-{wants}-{n}", "zh-Hans")
            vote = Vote(poll_id, citizen.id, (n % 3, n % 2, None), 0)
            await work.sampling.polls.vote(vote, app.clock.now())
            if wants is not None:
                await work.sampling.polls.wish(poll_id, citizen.id, wants)
            ids.append(citizen.id)
        await work.commit()
    return ids


async def conclude(app: App, poll_id: int, merchant: str = "", basis: str = "") -> None:
    """All the way to a published result."""
    clock = app.clock
    assert isinstance(clock, SetClock)
    clock.advance(timedelta(days=8))
    await polls.fix_plan(app.services, XUAN, poll_id)
    day = clock.now().date()
    lines = [
        f"{n},{'不合格' if n == 2 else '合格'},{day},{merchant if n == 2 else ''}"
        for n in range(1, 7)
    ]
    await polls.enter_table(
        app.services, XUAN, poll_id, "\n".join(["序号,结论,检测日期,商户", *lines])
    )
    await polls.submit(app.services, XUAN, poll_id, basis)
    await polls.sign(app.services, LIN, poll_id)


async def test_one_vote_of_a_citizen_changed_three_times_at_most(app: App) -> None:
    poll_id = await poll(app.services)
    for n in (0, 1, 2, 0):
        said = await press(app, "anna", f"poll:v:{poll_id}:{n}:-:1")
        assert "已记下您的一票" in said[0]
    again = await press(app, "anna", f"poll:v:{poll_id}:0:-:1")  # the same again changes nothing
    assert "已记下您的一票" in again[0]
    refused = await press(app, "anna", f"poll:v:{poll_id}:1:1:1")
    assert "最多改3次" in refused[0]
    votes = await rows(app, poll_votes)
    assert [(v.product, v.item, v.place, v.changes) for v in votes] == [(0, None, 1, 3)]


@pytest.mark.parametrize(
    "value",
    ["v:{0}:3:0:0", "v:{0}:0:0:0:0", "v:{0}:x:0:0", "v:999:0:0:0", "tell:{0}:yes", "tell:{0}:maybe",
     "result:{0}", "go", "v::", "v:99999999999999999999:0", "v:²:0"],
)  # fmt: skip
async def test_a_button_made_up_by_hand_is_an_old_one(app: App, value: str) -> None:
    poll_id = await poll(app.services)
    said = await press(app, "anna", "poll:" + value.format(poll_id))
    assert said
    assert not await rows(app, poll_votes)


async def test_voting_ends_with_the_poll_and_the_next_one_is_named(
    app: App, clock: SetClock
) -> None:
    first = await poll(app.services)
    later = clock.now() + timedelta(days=10)
    await poll(app.services, "下一期", opens_at=later, closes_at=later + timedelta(days=2))
    clock.advance(timedelta(days=8))
    assert "已经结束" in (await press(app, "anna", f"poll:v:{first}:0:0:0"))[0]
    turn = await respond(Incoming("web", "w1", "anna", "你点我检怎么参加"), app.services)
    assert turn is not None
    assert "下一期“下一期”从2026-12-03 12:00开始" in turn.replies[0].text


async def test_everybody_who_wants_the_result_gets_it_once(
    app: App, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 4)
    poll_id = await poll(app.services)
    wanting = await voters(app, poll_id, 11)
    await voters(app, poll_id, 3, wants=False)
    await voters(app, poll_id, 3, wants=None)
    async with app.database.write() as connection:
        gone = sa.update(t.citizens).where(t.citizens.c.id == wanting[0])
        await connection.execute(gone.values(reachable=False))
    assert await telling.tell(app.services) == 0
    await conclude(app, poll_id)
    told = await asyncio.gather(telling.tell(app.services), telling.tell(app.services))
    assert sum(told) == 10
    assert await telling.tell(app.services) == 0
    sent = await rows(app, t.outbox)
    assert sorted(row.dedup_key for row in sent) == sorted(
        f"poll:{poll_id}:{v}" for v in wanting[1:]
    )
    text = app.vault.open_json(f"outbox.payload|{sent[0].dedup_key}", sent[0].payload)["text"]
    assert "共抽6批次，合格5批次，不合格1批次" in text
    async with app.units_of_work() as work:
        done = await work.sampling.polls.get(poll_id)
    assert done is not None
    assert done.told_at == clock.now()


async def test_a_crash_between_batches_tells_the_rest_and_nobody_twice(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 3)
    poll_id = await poll(app.services)
    wanting = await voters(app, poll_id, 7)
    await conclude(app, poll_id)
    texts = dict.fromkeys(("zh-Hans", "zh-Hant"), "结果")
    await telling._tell_some(app.services, poll_id, texts)  # then the process is killed
    assert len(await rows(app, t.outbox)) == 3
    await telling.tell(app.services)
    assert len(await rows(app, t.outbox)) == len(wanting)


async def test_unsubscribing_takes_the_wish_back(app: App) -> None:
    poll_id = await poll(app.services)
    await press(app, "anna", f"poll:v:{poll_id}:0:0:0")
    await press(app, "anna", f"poll:tell:{poll_id}:yes")
    await respond(Incoming("web", "w1", "anna", "退订"), app.services)
    await conclude(app, poll_id)
    assert await telling.tell(app.services) == 0
    consents = [(row.purpose, row.granted) for row in await rows(app, t.consents)]
    assert consents == [("poll_result", True), ("poll_result", False)]
    assert "不合格1批次" in (await press(app, "anna", f"poll:result:{poll_id}"))[0]


async def test_the_next_one_is_drafted_once(app: App, clock: SetClock) -> None:
    poll_id = await poll(app.services, repeat="weekly")
    assert await telling.prepare_next(app.services) == 0
    clock.advance(timedelta(days=9))
    made = await asyncio.gather(*(telling.prepare_next(app.services) for _ in range(2)))
    assert sum(made) == 1
    async with app.units_of_work() as work:
        newest = (await work.sampling.polls.since(clock.now()))[0]
    assert (newest.state, newest.follows) == ("draft", poll_id)
    assert newest.texts.opens_at == clock.now() - timedelta(days=2)


async def test_the_scheduler_does_both(app: App, clock: SetClock) -> None:
    poll_id = await poll(app.services, repeat="quarterly")
    await voters(app, poll_id, 2)
    await conclude(app, poll_id)
    job = next(job for job in JOBS if job.what == "polls")
    assert await Scheduler(app).ring(job, clock.now())
    assert len(await rows(app, t.outbox)) == 2


async def test_a_named_merchant_needs_a_basis_and_another_pair_of_eyes(app: App) -> None:
    poll_id = await poll(app.services)
    with pytest.raises(BasisMissing):
        await conclude(app, poll_id, merchant="某某生鲜店")
    await polls.submit(app.services, XUAN, poll_id, "《食品安全法》第118条，市监公告〔2026〕12号")
    for who in (XUAN, LIN):
        as_reviewer = who.__class__(who.login, who.name, "reviewer", who.unit)
        if who is XUAN:
            with pytest.raises(NotPermitted):
                await polls.sign(app.services, who, poll_id)
            with pytest.raises(FourEyes):
                await polls.sign(app.services, as_reviewer, poll_id)
        else:
            await polls.sign(app.services, as_reviewer, poll_id)
    async with app.units_of_work() as work:
        done = await work.sampling.polls.get(poll_id)
        samples = await work.sampling.polls.samples(poll_id)
    assert done is not None
    text = telling.result_text(app.services, done, samples, "zh-Hans")
    assert "某某生鲜店" in text
    assert "市监公告〔2026〕12号" in text
    with pytest.raises(PollStage):
        await polls.enter_one(app.services, XUAN, poll_id, 1, {"conclusion": "待出"})


async def test_a_result_that_changed_has_to_be_handed_in_again(app: App, clock: SetClock) -> None:
    poll_id = await poll(app.services)
    clock.advance(timedelta(days=8))
    await polls.fix_plan(app.services, XUAN, poll_id)
    with pytest.raises(ResultsMissing):
        await polls.submit(app.services, XUAN, poll_id, "")
    day = clock.now().date().isoformat()
    given = {"conclusion": "合格", "tested_on": day}
    for number in range(1, 7):
        await polls.enter_one(app.services, XUAN, poll_id, number, given)
    await polls.submit(app.services, XUAN, poll_id, "")
    await polls.enter_one(app.services, XUAN, poll_id, 1, given)
    with pytest.raises(PollStage):
        await polls.sign(app.services, LIN, poll_id)
