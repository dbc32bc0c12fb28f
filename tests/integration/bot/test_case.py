"""A matter from registration to strike-off: legal steps, clocks, notices, who may move it where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import case_tables as c
from bot.first_dispatch import first_dispatch
from handlers import errors
from handlers.tickets import actions, closing, deciding, dispatching
from handlers.tickets.deciding import Step
from handlers.tickets.ticket import Ticket
from tests.integration.bot.case import (
    CHEN,
    DU,
    FARM,
    FEN,
    LIN,
    MARKET,
    NAMED,
    OFFICE,
    WANG,
    Case,
)  # fmt: skip

TODAY = date(2026, 11, 23)


@pytest.fixture
async def case(app: App, clock: SetClock) -> AsyncIterator[Case]:
    yield Case(app, clock)


def state_of(ticket: Ticket, name: str) -> list[str]:
    return [clock.state for clock in ticket.clocks if clock.name == name]


def due_of(ticket: Ticket, name: str) -> list[date]:
    return [clock.due_on for clock in ticket.clocks if clock.name == name]


async def received(case: Case, number: str) -> None:
    await deciding.receive(case.app.services, WANG, number, "12315平台", "3205001", TODAY)


async def test_statutory_clocks_start_with_the_formal_receipt(case: Case) -> None:
    services, number = case.app.services, await case.file()
    before = await case.load(number)
    assert {clock.name for clock in before.clocks} == {"target.claim", "target.first_response"}
    await received(case, number)
    assert due_of(await case.load(number), "complaint.accept") == [date(2026, 12, 2)]
    await actions.claim(services, WANG, number)
    await deciding.take_step(services, WANG, number, Step("accepted", "符合受理条件。"))
    after = await case.load(number)
    assert state_of(after, "complaint.accept") == ["met"]
    assert state_of(after, "target.claim") == ["met"]
    assert due_of(after, "complaint.mediate") == [date(2027, 1, 22)]  # 60 days, a Friday
    assert after.clocks[-1].provisional


async def test_a_receipt_has_a_credible_day(case: Case) -> None:
    number = await case.file()
    for day in (date(2026, 11, 22), date(2026, 11, 24)):
        with pytest.raises(errors.ReceiptMissing):
            await deciding.receive(case.app.services, WANG, number, "12315", "1", day)
    assert (await case.load(number)).received == {}


async def test_order_121_does_not_bind_other_departments(case: Case) -> None:
    services, number = case.app.services, await case.file(lead=FARM, text="菜地打禁用农药")
    await deciding.receive(services, LIN, number, "农业农村局窗口", "7", TODAY)
    assert not due_of(await case.load(number), "complaint.accept")
    await actions.claim(services, LIN, number)
    await closing.resolve(services, LIN, number, "已现场检查并督促整改。")
    assert (await case.load(number)).state == "resolved"


async def test_appraisal_does_not_count_and_an_extension_needs_an_approver(case: Case) -> None:
    services, number = case.app.services, await case.file()
    report = await case.file("report", "举报卖过期肉")
    await received(case, number)
    await received(case, report)
    await actions.claim(services, WANG, number)
    with pytest.raises(errors.NoSuchClock):
        await deciding.pause_clock(services, WANG, number, "complaint.mediate", "检测")
    await deciding.take_step(services, WANG, number, Step("accepted", "受理。"))
    await deciding.pause_clock(services, WANG, number, "complaint.mediate", "送检")
    case.wait(days=10)
    await deciding.resume_clock(services, WANG, number, "complaint.mediate")
    assert due_of(await case.load(number), "complaint.mediate") == [date(2027, 2, 1)]
    with pytest.raises(errors.NotPermitted):
        await deciding.extend_clock(services, WANG, report, "report.verify_extended", "案情复杂")
    await deciding.extend_clock(services, CHEN, report, "report.verify_extended", "案情复杂")
    assert due_of(await case.load(report), "report.verify") == [
        date(2027, 1, 4)
    ]  # 1 January counts as long as its table is not known
    with pytest.raises(errors.ClockRefused):
        await deciding.extend_clock(services, CHEN, report, "report.verify_extended", "再延一次")


async def test_new_facts_restart_the_clock_of_a_report(case: Case) -> None:
    services, number = case.app.services, await case.file("report", "举报卖过期肉")
    await received(case, number)
    case.wait(days=7)
    await deciding.new_facts(services, WANG, number, "又拍到仓库里换标签")
    after = await case.load(number)
    assert state_of(after, "report.verify") == ["superseded"]
    assert due_of(after, "report.reassess") == [date(2026, 12, 21)]


@pytest.mark.parametrize("ground", [None, 0, 8])
async def test_declining_names_one_of_the_seven_grounds(case: Case, ground: int | None) -> None:
    services, number = case.app.services, await case.file()
    await actions.claim(services, WANG, number)
    with pytest.raises(errors.GroundMissing):
        await deciding.take_step(services, WANG, number, Step("declined", "说明", ground))
    assert (await case.load(number)).state == "claimed"
    assert await case.rows(c.documents) == []


async def test_a_declined_complaint_gets_its_notice_with_ground_and_remedies(case: Case) -> None:
    citizen = await case.citizen()
    services = case.app.services
    number = await case.file(citizen=citizen, identity=NAMED, fields={"merchant": "老王烧烤"})
    await actions.claim(services, WANG, number)
    await deciding.take_step(services, WANG, number, Step("declined", "买来转卖。", 3))
    notice = next(text for text in await case.told(citizen) if "不予受理决定书" in text)
    for words in ("参考文本", "第16条第3项", "2026-04-15", "消费者协会", "仲裁", "人民法院"):
        assert words in notice
    assert "李小明" not in notice
    [kept] = await case.rows(c.documents)
    assert "老王烧烤".encode() not in kept.content
    assert (await case.load(number)).state == "declined"


async def test_handing_over_names_the_authority(case: Case) -> None:
    services, number = case.app.services, await case.file()
    await actions.claim(services, WANG, number)
    with pytest.raises(errors.ReasonMissing):
        await deciding.take_step(services, WANG, number, Step("handed_over", "不归我们"))
    await deciding.take_step(
        services, WANG, number, Step("handed_over", "养殖环节。", authority="区农业农村局")
    )
    told = await case.told((await case.load(number)).citizen_id)
    assert any("区农业农村局" in text and "第115条" in text for text in told)


async def test_market_regulation_cannot_end_a_matter_undecided(case: Case) -> None:
    services, number = case.app.services, await case.file()
    await actions.claim(services, WANG, number)
    with pytest.raises(errors.DecisionMissing):
        await closing.resolve(services, WANG, number, "问过了，没事。")
    assert (await case.load(number)).state == "claimed"


async def test_a_matter_handed_on_three_times_is_the_office_s(case: Case) -> None:
    services, number = case.app.services, await case.file()
    for staff, unit in ((WANG, FARM), (LIN, MARKET), (WANG, FARM)):
        await dispatching.transfer(services, staff, number, unit, "不归我们")
    with pytest.raises(errors.PingPong):
        await dispatching.transfer(services, LIN, number, MARKET, "不归我们")
    await dispatching.return_to_office(services, LIN, number, "请裁定")
    disputed = await case.load(number)
    assert (disputed.state, disputed.lead, disputed.interim) == ("returned", OFFICE, FARM)
    assert state_of(disputed, "dispute.settle") == ["running"]
    await actions.reply(services, LIN, number, "先到现场看了。")  # 先办后议
    await dispatching.name_interim(services, FEN, number, MARKET)
    await actions.note(services, WANG, number, "先查许可证")
    await dispatching.dispatch(services, DU, number, MARKET, "销售环节")
    settled = await case.load(number)
    assert (settled.lead, settled.interim, settled.hops) == (MARKET, None, 4)
    assert state_of(settled, "dispute.settle") == ["met"]


async def test_a_transfer_to_oneself_changes_nothing(case: Case) -> None:
    number = await case.file()
    with pytest.raises(errors.SameUnit):
        await dispatching.transfer(case.app.services, WANG, number, MARKET, "还是我们")
    assert (await case.load(number)).version == 0


async def test_clocks_go_with_the_ticket_and_keep_their_dates(case: Case) -> None:
    services, number = case.app.services, await case.file("report", "举报卖过期肉")
    await received(case, number)
    before = await case.load(number)
    case.wait(days=3)
    await dispatching.transfer(services, WANG, number, FARM, "产地在农田")
    after = await case.load(number)
    assert [k.due_on for k in after.clocks] == [k.due_on for k in before.clocks]
    assert {k.unit for k in after.clocks if k.state == "running"} == {FARM}


async def test_an_assisting_unit_finishes_its_own_part(case: Case) -> None:
    services, number = case.app.services, await case.file()
    await dispatching.give_task(services, WANG, number, FARM, "查产地", date(2026, 11, 30))
    [task] = await case.rows(c.tasks)
    with pytest.raises(errors.NoSuchTask):
        await dispatching.finish_task(services, LIN, number, task.id + 1, "查过")
    await dispatching.finish_task(services, LIN, number, task.id, "产地合格证是真的")
    [done] = await case.rows(c.tasks)
    assert (done.answer, done.done_at is not None) == ("产地合格证是真的", True)
    with pytest.raises(errors.NoSuchTask):
        await dispatching.finish_task(services, LIN, number, task.id, "再报一次")


async def ended(case: Case) -> str:
    services, number = case.app.services, await case.file()
    await actions.claim(services, WANG, number)
    await deciding.take_step(services, WANG, number, Step("declined", "转卖。", 3))
    await closing.resolve(services, WANG, number, "已书面告知。")
    return number


async def test_striking_off_needs_a_look_at_the_ticket_as_it_is(case: Case) -> None:
    services, number = case.app.services, await ended(case)
    await case.look(DU, number)
    case.wait(minutes=5)
    await closing.ask_strike_off(services, WANG, number, "材料齐全")
    with pytest.raises(errors.NotLookedAt):
        await closing.strike_off(services, DU, number, "批量")
    await case.look(DU, number)
    await closing.strike_off(services, DU, number, "看过告知书")
    assert (await case.load(number)).state == "struck_off"
    with pytest.raises(errors.MoveNotAllowed):
        await closing.strike_off(services, DU, number, "再来一次")


async def test_a_spot_check_that_fails_brings_it_back(case: Case) -> None:
    services, number = case.app.services, await ended(case)
    await closing.ask_strike_off(services, WANG, number, "材料齐全")
    await case.look(DU, number)
    await closing.strike_off(services, DU, number, "看过")
    await case.look(DU, number)
    await closing.spot_check(services, DU, number, "告知书没有送达", passed=False)
    again = await case.load(number)
    assert (again.state, again.lead, again.officer) == ("dispatched", MARKET, None)


async def test_two_officers_claim_at_once_and_one_is_told(case: Case) -> None:
    services, number = case.app.services, await case.file()
    results = await asyncio.gather(
        *(actions.claim(services, who, number, 0) for who in (WANG, CHEN)), return_exceptions=True
    )
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], (errors.Stale, errors.MoveNotAllowed))
    claimed = [e for e in await case.timeline(number) if e.type == "claimed"]
    assert len(claimed) == 1


async def test_a_refused_move_names_its_rule(case: Case) -> None:
    number = await case.file()
    with pytest.raises(errors.MoveNotAllowed) as refused:
        await deciding.take_step(case.app.services, WANG, number, Step("accepted", "受理"))
    assert refused.value.details["to"] == "accepted"
    assert case.app.services.phrases.has("rule.accepted")


async def test_first_dispatch_counts_what_stayed(case: Case) -> None:
    services = case.app.services
    stays, moves = await case.file(), await case.file()
    await dispatching.transfer(services, WANG, moves, FARM, "产地环节")
    since = case.clock.now() - timedelta(days=1)
    [share] = await first_dispatch(case.app.database, "unit", since)
    assert (share.key, share.matters, share.stayed, share.percent) == (MARKET, 2, 1, 50)
    assert stays != moves


async def test_a_unit_gives_a_matter_to_its_own_station_and_goes_on_seeing_it(
    case: Case,
) -> None:
    place = case.app.services.jurisdiction
    station = replace(
        place.units[MARKET], id="sjs", name="三井市监所", level="station", parent=MARKET
    )
    units = {**place.units, "sjs": station}
    services = replace(case.app.services, jurisdiction=replace(place, units=units))
    number = await case.file()
    with pytest.raises(errors.SameUnit):
        await dispatching.delegate(services, CHEN, number, FARM)
    with pytest.raises(errors.NotPermitted):
        await dispatching.delegate(services, WANG, number, "sjs")
    await dispatching.delegate(services, CHEN, number, "sjs")
    ticket = await case.load(number)
    assert (ticket.lead, MARKET in ticket.assist, ticket.hops) == ("sjs", True, 0)
    [share] = await first_dispatch(case.app.database, "unit", case.clock.now() - timedelta(days=1))
    assert share.percent == 100  # going down a level is no error of routing
