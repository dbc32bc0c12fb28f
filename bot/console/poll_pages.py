"""你点我检 in the console: polls of a year, one poll with votes, plan and results."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console import reading
from bot.console.desk import PREFIX, Visit, go
from bot.db.poll_rows import SqlPolls
from handlers.campaigns import polls, results
from handlers.campaigns.sampling import tally
from handlers.campaigns.sampling_ports import Poll, PollTexts, Sample
from handlers.errors import NoSuchCampaign
from handlers.staff import PERMISSIONS

HISTORY = timedelta(days=366)
MOST_PLANNED = 40  # rows of the plan shown while people still vote


async def show(visit: Visit) -> Response:
    """Drafts, running ones, and the past twelve months."""
    async with visit.host.database.read() as connection:
        found = await SqlPolls(connection).since(visit.desk.now() - HISTORY)
    return visit.page("polls.html", polls=found, repeats=polls.REPEATS, **_rights(visit))


async def show_one(visit: Visit) -> Response:
    """One poll: live counts, the plan, results."""
    async with visit.host.database.read() as connection:
        rows = SqlPolls(connection)
        poll = _there(await rows.get(reading.row_id(visit)))
        votes, samples = await rows.votes(poll.id), await rows.samples(poll.id)
    texts = poll.texts
    labels = {"products": texts.products, "items": texts.items, "places": texts.places}
    counts = {name: tally(votes, n, labels[name]) for n, name in enumerate(labels)}
    return visit.page(
        "poll.html",
        poll=poll,
        counts=counts,
        voters=sum(votes.values()),
        samples=samples or polls.planned(poll, votes)[:MOST_PLANNED],
        over=texts.closes_at <= visit.desk.now(),
        repeats=polls.REPEATS,
        conclusions=results.CONCLUSIONS,
        may_sign_this=_may_sign(visit, poll, samples),
        **_rights(visit),
    )


async def table(visit: Visit) -> Response:
    """The plan as a table to be filled in."""
    async with visit.host.database.read() as connection:
        rows = SqlPolls(connection)
        poll = _there(await rows.get(reading.row_id(visit)))
        text = results.write(poll.texts, await rows.samples(poll.id))
    headers = {"Content-Disposition": f'attachment; filename="poll-{poll.id}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


async def write(visit: Visit) -> Response:
    """A new draft."""
    poll_id = await polls.write(visit.host.services, visit.staff, _texts(visit))
    return go(f"{PREFIX}/polls/{poll_id}")


async def act(visit: Visit) -> Response:
    """The buttons of a poll's page."""
    services, staff, poll_id = visit.host.services, visit.staff, reading.row_id(visit)
    match visit.path("action"):
        case "rewrite":
            await polls.rewrite(services, staff, poll_id, _texts(visit))
        case "announce":
            await polls.announce(services, staff, poll_id)
        case "plan":
            await polls.fix_plan(services, staff, poll_id)
        case "table":
            given = visit.form.get("file") or visit.form.get("table", "")
            await polls.enter_table(services, staff, poll_id, given)
        case "sample":
            given_one = {name: visit.field(name) for name in results.COLUMNS.values()}
            number = reading.number(visit, "number")
            await polls.enter_one(services, staff, poll_id, number, given_one)
        case "submit":
            await polls.submit(services, staff, poll_id, visit.field("basis"))
        case "sign":
            await polls.sign(services, staff, poll_id)
        case "send-back":
            await polls.send_back(services, staff, poll_id, visit.field("reason"))
        case _:
            raise NoSuchCampaign(poll=poll_id)
    return go(f"{PREFIX}/polls/{poll_id}")


def _texts(visit: Visit) -> PollTexts:
    return PollTexts(
        title=visit.field("title"),
        opens_at=reading.moment(visit, "opens_at"),
        closes_at=reading.moment(visit, "closes_at"),
        products=reading.lines(visit, "products"),
        items=reading.lines(visit, "items"),
        places=reading.lines(visit, "places"),
        samples=reading.number(visit, "samples"),
        repeat=visit.field("repeat"),
    )


def _rights(visit: Visit) -> dict[str, bool]:
    role = visit.staff.role
    return {
        "may_write": role in PERMISSIONS["write_campaigns"],
        "may_sign": role in PERMISSIONS["sign_campaigns"],
    }


def _may_sign(visit: Visit, poll: Poll, samples: list[Sample]) -> bool:
    own = {poll.submitted_by, *(sample.entered_by for sample in samples)}
    return _rights(visit)["may_sign"] and visit.staff.login not in own


def _there(poll: Poll | None) -> Poll:
    if poll is None:
        raise NoSuchCampaign()
    return poll
