"""Campaigns in the console: the list, the form, one campaign with preview, steps and results."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from bot.console import campaign_forms as forms
from bot.console.campaign_results import as_csv, as_xlsx, results_of
from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import BadInput, NoSuchPage
from bot.db.campaign_rows import campaign_from
from bot.db.campaign_tables import campaign_pictures, campaigns
from bot.db.case_tables import staff_links
from bot.db.statements import insert_into
from bot.db.tables import staff as staff_table
from bot.media import MediaRefused, clean_photo
from content.phrasebook import LOCALES
from handlers.campaigns import actions
from handlers.campaigns import campaign as rules
from handlers.campaigns.composing import compose
from handlers.campaigns.ports import Campaign
from handlers.errors import CampaignRefused, ShianError
from handlers.knowledge.dating import merged
from handlers.knowledge.reviewing import taught

LISTED = 200
AHEAD = timedelta(days=60)
STEPS = ("edit", "approve", "send_back", "schedule", "unschedule", "pause", "resume", "cancel")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_list(visit: Visit) -> Response:
    """All campaigns, the newest first; occasions to come."""
    _let_in(visit)
    c, today = campaigns.c, visit.desk.now().date()
    statement = sa.select(campaigns).order_by(c.id.desc()).limit(LISTED)
    async with visit.host.database.read() as connection:
        found = [campaign_from(row) for row in (await connection.execute(statement)).mappings()]
    async with visit.host.services.unit_of_work() as work:
        entries = await work.occasions.all()
    calendar = merged(visit.host.services.calendar, entries)
    days = [today + timedelta(days=n) for n in range(AHEAD.days)]
    coming = [(day, span) for at in days for day, span in calendar.on(at) if span.start == at]
    may = rules.may(visit.staff, "create")
    return visit.page(
        "campaigns.html", campaigns=found, coming=coming, unknown=calendar.unknown(today.year),
        may_create=may, now=visit.desk.now(),
    )  # fmt: skip


async def show_form(visit: Visit) -> Response:
    """An empty form; `?set=` begins a series from a set of items."""
    rules.check_may(visit.staff, "create")
    query = visit.request.query_params
    begun = {"kind": "series" if "set" in query else "text", "topic-tips": "1", "late_hours": "24"}
    begun |= {name: query[name] for name in ("set", "title") if name in query}
    return await _form(visit, begun)


async def create(visit: Visit) -> Response:
    """Keep a draft, or a series of them; what was typed stays when it is refused."""
    try:
        campaign = forms.campaign_of(visit)
        if campaign.kind == "series":
            await _create_series(visit, campaign)
            return go(f"{PREFIX}/campaigns")
        number = await actions.create(visit.host.services, visit.staff, campaign)
    except ShianError as error:
        return await _form(visit, visit.form, error)
    return go(f"{PREFIX}/campaigns/{number}")


async def show(visit: Visit) -> Response:
    """One campaign: as citizens will read it, who approved it, what came of it."""
    _let_in(visit)
    services, campaign = visit.host.services, await _stored(visit)
    results = await results_of(visit.host.database, campaign.id, campaign.variants)
    async with services.unit_of_work() as work:
        reach = await work.campaigns.reach(campaign.audience)
    steps = {
        step: rules.may(visit.staff, step) and step in rules.MOVES.get(campaign.state, {})
        for step in STEPS
    }
    steps["approve"] &= campaign.author != visit.staff.login
    steps["schedule"] &= rules.approved(campaign)
    return visit.page(
        "campaign.html", campaign=campaign, previews=await _previews(visit, campaign), reach=reach,
        results=results, steps=steps, offer=services.subscriptions, places=forms.places_of(visit),
        due=forms.local(campaign.due), may_test=rules.may(visit.staff, "test"),
    )  # fmt: skip


async def show_edit(visit: Visit) -> Response:
    """The form as it was filled in."""
    rules.check_may(visit.staff, "edit")
    campaign = await _stored(visit)
    return await _form(visit, forms.filled(campaign), campaign=campaign)


async def save(visit: Visit) -> Response:
    """Keep the changed form."""
    number, version = _number(visit), _version(visit)
    try:
        new = forms.campaign_of(visit)
        await actions.edit(visit.host.services, visit.staff, number, new, version)
    except ShianError as error:
        return await _form(visit, visit.form, error, await _stored(visit))
    return go(f"{PREFIX}/campaigns/{number}")


async def step(visit: Visit) -> Response:
    """Approve, send back, schedule, pause, resume, cancel."""
    services, number, version = visit.host.services, _number(visit), _version(visit)
    person, name = visit.staff, visit.path("step")
    if name == "approve":
        await actions.approve(services, person, number, version)
    elif name == "send_back":
        await actions.send_back(services, person, number, visit.field("reason"), version)
    elif name == "schedule":
        due = forms.moment_of(visit.field("due")) or visit.desk.now()
        await actions.schedule(services, person, number, due, version)
    elif name in ("unschedule", "pause", "resume", "cancel"):
        await actions.take_step(services, person, number, name, version)
    else:
        raise NoSuchPage()
    return go(f"{PREFIX}/campaigns/{number}")


async def illustrate(visit: Visit) -> Response:
    """Store the uploaded picture and show it above the text; without one take it away."""
    rules.check_may(visit.staff, "edit")
    picture = await _keep_picture(visit) if visit.upload else None
    number = _number(visit)
    await actions.illustrate(visit.host.services, visit.staff, number, picture, _version(visit))
    return go(f"{PREFIX}/campaigns/{number}")


async def test(visit: Visit) -> Response:
    """Send it to oneself: to the chat open in this browser, and to one's linked Telegram account."""
    rules.check_may(visit.staff, "test")
    services, campaign = visit.host.services, await _stored(visit)
    addresses = await _own_addresses(visit)
    if not addresses:
        raise CampaignRefused(reasons=("no_own_chat",))
    async with services.unit_of_work() as work:
        items = await taught(services, work, visit.desk.now().date())
        for channel, address in addresses:
            citizen = await work.citizens.get_or_add(channel, address, visit.locale)
            for variant in range(campaign.variants):
                reply = compose(services, campaign, variant, citizen.locale, items)
                key = f"test:{campaign.id}:{secrets.token_hex(8)}"
                await work.outbox.reply(citizen, reply, key)
        await work.commit()
    visit.host.wake_delivery()
    return go(f"{PREFIX}/campaigns/{campaign.id}?done=test")


async def count(visit: Visit) -> Response:
    """How many citizens the ticked conditions reach now."""
    _let_in(visit)
    query = visit.request.query_params
    audience = forms.audience_of(visit, lambda name: query.get(name, ""))
    async with visit.host.services.unit_of_work() as work:
        nobody = not audience.topics and not audience.everyone
        reach = 0 if nobody else await work.campaigns.reach(audience)
    return JSONResponse({"text": visit.t("campaigns.reach", n=reach)})


async def table(visit: Visit) -> Response:
    """The results as CSV or XLSX."""
    _let_in(visit)
    campaign, kind = await _stored(visit), visit.path("kind")
    if kind not in ("csv", "xlsx"):
        raise NoSuchPage()
    results = await results_of(visit.host.database, campaign.id, campaign.variants)
    name = visit.desk.words.name
    rows = [(letter, name("result", what, visit.locale), n) for letter, what, n in results.rows()]
    header = [visit.t(f"campaigns.column_{column}") for column in ("wording", "what", "count")]
    content = as_csv(header, rows) if kind == "csv" else as_xlsx(header, rows)
    headers = {"Content-Disposition": f"attachment; filename=campaign-{campaign.id}.{kind}"}
    return Response(content, media_type="text/csv" if kind == "csv" else XLSX, headers=headers)


def _let_in(visit: Visit) -> None:
    if visit.staff.role not in rules.APPROVERS:
        raise NoSuchPage()


def _number(visit: Visit) -> int:
    return int(visit.path("id"))


def _version(visit: Visit) -> int:
    typed = visit.field("version")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 9):
        raise BadInput()
    return int(typed)


async def _stored(visit: Visit) -> Campaign:
    async with visit.host.services.unit_of_work() as work:
        return await work.campaigns.get(_number(visit))


async def _form(
    visit: Visit,
    form: Mapping[str, str],
    error: ShianError | None = None,
    campaign: Campaign | None = None,
) -> Response:
    """The form, with what was filled in and, after a refusal, why."""
    status = error.status if error else 200
    chosen = await forms.choices(visit)
    return visit.page(
        "campaign_form.html", status, form=form, error=error, campaign=campaign, **chosen
    )


async def _create_series(visit: Visit, campaign: Campaign) -> None:
    chosen = await forms.choices(visit)
    wanted = visit.field("set")
    items: list[str] = next((live for s, live in chosen["sets"] if s.id == wanted), [])
    await actions.create_series(visit.host.services, visit.staff, campaign, items)


async def _previews(visit: Visit, campaign: Campaign) -> list[dict[str, Any]]:
    """Each wording in both scripts, exactly as it is sent; none for a subject no longer taught."""
    services = visit.host.services
    async with services.unit_of_work() as work:
        items = await taught(services, work, visit.desk.now().date())
    shown = []
    for variant in range(campaign.variants):
        for locale in LOCALES:
            try:
                reply = compose(services, campaign, variant, locale, items)
            except KeyError:
                continue
            shown.append({"letter": "AB"[variant], "locale": locale, "reply": reply})
    return shown


async def _keep_picture(visit: Visit) -> str:
    try:
        data, media_type = await asyncio.to_thread(clean_photo, visit.upload)
    except MediaRefused as error:
        raise CampaignRefused(reasons=("picture",)) from error
    sha256, folder = hashlib.sha256(data).hexdigest(), visit.host.attachments_dir
    folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread((folder / sha256).write_bytes, data)
    row = {"sha256": sha256, "media_type": media_type, "uploaded_by": visit.staff.login}
    async with visit.host.database.write() as connection:
        insert = insert_into(connection.dialect.name, campaign_pictures).on_conflict_do_nothing()
        await connection.execute(insert.values(**row, at=visit.desk.now()))
    return sha256


async def _own_addresses(visit: Visit) -> list[tuple[str, str]]:
    from bot.api.chat import COOKIE
    from bot.channels.webchat import NAME, address_of

    token = visit.request.cookies.get(COOKIE, "")
    found = [(NAME, address_of(token))] if token else []
    c = staff_links.c
    mine = sa.select(c.telegram_id).join(staff_table, staff_table.c.id == c.staff_id)
    async with visit.host.database.read() as connection:
        linked = await connection.scalar(mine.where(staff_table.c.login == visit.staff.login))
    return [*found, ("telegram", str(linked))] if linked else found
