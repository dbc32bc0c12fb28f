"""Several tickets about one happening: proposed, linked by an officer, answered together."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.bootstrap import App
from bot.clock import SetClock
from bot.console import incident_views
from bot.db import case_tables as c
from handlers import errors
from handlers.ports import Staff
from handlers.tickets import actions, closing, deciding, incident, releases
from handlers.tickets.deciding import Step
from tests.integration.bot.case import CHEN, DU, LIN, MARKET, NAMED, OFFICE, WANG, Case

REVIEWER = Staff("shen", "审", "reviewer", OFFICE)


@pytest.fixture
async def case(app: App, clock: SetClock) -> AsyncIterator[Case]:
    yield Case(app, clock)


async def two(case: Case) -> tuple[str, str]:
    told = {"merchant": "老王烧烤", "address": "人民路12号", "event_time": "2026-11-22"}
    first = await case.file(
        text="昨晚在老王烧烤吃了烤串，回来上吐下泻", fields=told, identity=NAMED
    )
    case.wait(hours=5)
    told = {**told, "merchant": "老王烧烤店（人民路店）"}
    second = await case.file("report", "举报老王烧烤，昨晚吃烤串的好几个人上吐下泻", fields=told)
    return first, second


async def test_one_happening_is_proposed_with_reasons_and_never_linked_by_itself(
    case: Case,
) -> None:
    first, second = await two(case)
    await case.file(text="河海路水果店缺斤少两", fields={"merchant": "鲜果多水果店"})
    [proposal] = await case.rows(c.proposals)
    one, other = await case.load(first), await case.load(second)
    assert {proposal.ticket_id, proposal.other_id} == {one.id, other.id}
    codes = {code for code, _ in proposal.reasons}
    assert {"same_merchant", "same_address", "same_event_time"} <= codes
    assert (one.incident_id, other.incident_id, proposal.state) == (None, None, "open")
    assert one.merchant_id != other.merchant_id  # folded names are suggested, never joined


async def test_one_answer_reaches_every_reporter_and_each_ticket_ends_by_its_own_law(
    case: Case,
) -> None:
    first, second = await two(case)
    services = case.app.services
    number = await incident.link(services, DU, first, second)
    assert number == "EV20261123-001"
    assert await incident.reply_to_all(services, WANG, first, "已封存食品并送检。") == 2
    for ticket in (first, second):
        told = await case.told((await case.load(ticket)).citizen_id)
        [answer] = [text for text in told if "已封存食品并送检" in text]
        others = second if ticket == first else first
        assert ticket in answer
        assert others not in answer
        assert "李小明" not in answer
    await actions.claim(services, WANG, first)
    await deciding.take_step(services, WANG, first, Step("declined", "转卖", 3))
    await closing.resolve(services, WANG, first, "已书面告知。")
    assert (await case.load(second)).state == "dispatched"


async def test_a_refused_proposal_is_not_shown_again(case: Case) -> None:
    first, second = await two(case)
    services = case.app.services
    await incident.refuse(services, DU, first, second)
    with pytest.raises(errors.NoSuchProposal):
        await incident.link(services, DU, second, first)
    ticket = await case.load(first)
    assert ticket.id is not None
    assert await incident_views.alike(case.app.database, ticket.id, DU) == []


async def test_nobody_links_what_nobody_proposed(case: Case) -> None:
    first = await case.file()
    other = await case.file(text="河海路水果店缺斤少两")
    with pytest.raises(errors.NoSuchProposal):
        await incident.link(case.app.services, DU, first, other)
    with pytest.raises(errors.NotPermitted):
        await incident.link(case.app.services, WANG, first, other)
    with pytest.raises(errors.NoSuchIncident):
        await incident.reply_to_all(case.app.services, WANG, first, "统一说明")


async def test_with_facts_only_nothing_leaves_that_a_second_person_has_not_signed(
    case: Case,
) -> None:
    first, second = await two(case)
    services, fact = case.app.services, "截至18时，共有6人就诊，涉事食品已封存。"
    await incident.link(services, DU, first, second)
    await incident.set_facts_only(services, DU, first, True)
    with pytest.raises(errors.FactsOnly):
        await incident.reply_to_all(services, WANG, first, "应该是烤串没熟。")
    with pytest.raises(errors.FactsOnly):
        await actions.reply(services, WANG, second, fact)
    opened = (await case.load(first)).incident_id
    assert opened is not None
    release = await releases.write(services, CHEN, opened, fact)
    with pytest.raises(errors.NotPermitted):
        await releases.sign(services, CHEN, release)
    await releases.sign(services, REVIEWER, release)
    await actions.reply(services, WANG, second, fact)
    assert any(fact in text for text in await case.told((await case.load(second)).citizen_id))


async def test_an_insider_s_ticket_is_compared_with_nothing(case: Case) -> None:
    told = {"merchant": "老王烧烤", "address": "人民路12号"}
    await case.file(text="老王烧烤用过期肉串", fields=told)
    await case.file("report", "老王烧烤用过期肉串", fields=told, secrecy="insider", lead=OFFICE)
    assert await case.rows(c.proposals) == []


async def test_two_names_are_one_subject_when_an_officer_says_so(case: Case) -> None:
    first, second = await two(case)
    ids = [(await case.load(number)).merchant_id for number in (first, second)]
    database, now = case.app.database, case.clock.now()
    assert ids[0] is not None
    assert ids[1] is not None
    page = await incident_views.merchant(database, ids[0])
    assert [k.number for k in page.tickets] == [first]
    [(like, name, why)] = page.like
    assert (like, name) == (ids[1], "老王烧烤店（人民路店）")
    assert why.reasons[0][0] == "same_core"
    await incident_views.join(database, ids[1], ids[0], "staff:du", now)
    page = await incident_views.merchant(database, ids[0])
    assert {k.number for k in page.tickets} == {first, second}
    await incident_views.join(database, ids[1], None, "staff:du", now)
    page = await incident_views.merchant(database, ids[0])
    assert [k.number for k in page.tickets] == [first]


async def test_an_officer_of_another_unit_cannot_speak_for_the_incident(case: Case) -> None:
    first, second = await two(case)
    await incident.link(case.app.services, DU, first, second)
    with pytest.raises(errors.NoSuchTicket):
        await incident.reply_to_all(case.app.services, LIN, first, "我们的说明")
    assert (await case.load(first)).lead == MARKET
