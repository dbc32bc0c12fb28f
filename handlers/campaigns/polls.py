"""你点我检, the office's side: a poll from draft to published result. Four eyes sign the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.campaigns import results
from handlers.campaigns.sampling import plan
from handlers.campaigns.sampling_ports import Poll, PollTexts, Sample
from handlers.errors import (
    BasisMissing,
    FormRefused,
    FourEyes,
    NoSuchCampaign,
    PollStage,
    ReasonMissing,
    ResultsMissing,
)
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.staff import check_role
from handlers.wording import check

REPEATS = ("once", "weekly", "quarterly")
MOST_LABELS, LONGEST_LABEL = 12, 16  # buttons of a small phone
MOST_SAMPLES = 500
LONGEST_TITLE = 60


def checked(texts: PollTexts, reserved: str) -> PollTexts:
    """The poll as written; raises FormRefused naming what cannot be. `reserved` is a label of ours."""
    rules = (
        ("title", 2 <= len(texts.title) <= LONGEST_TITLE),
        ("times", texts.closes_at > texts.opens_at),
        ("samples", 1 <= texts.samples <= MOST_SAMPLES),
        ("repeat", texts.repeat in REPEATS),
        ("products", _fit(texts.products, reserved)),
        ("items", _fit(texts.items, reserved)),
        ("places", _fit(texts.places, reserved)),
    )
    for name, kept in rules:
        if not kept:
            raise FormRefused(refused=name)
    check("\n".join((texts.title, *texts.products, *texts.items, *texts.places)))
    return texts


def _fit(labels: Sequence[str], reserved: str) -> bool:
    few = 1 <= len(labels) <= MOST_LABELS and len(set(labels)) == len(labels)
    return few and all(0 < len(x) <= LONGEST_LABEL and x != reserved for x in labels)


async def write(services: Services, staff: Staff, texts: PollTexts) -> int:
    """A new draft; gives its id. Raises NotPermitted, FormRefused, ForbiddenWording."""
    check_role(staff, "write_campaigns", "poll")
    async with services.unit_of_work() as work:
        poll_id = await work.sampling.polls.add(_checked(services, texts), staff.login, None)
        assert poll_id is not None
        await _audit(services, work, staff, "poll.written", poll_id)
        await work.commit()
    return poll_id


async def rewrite(services: Services, staff: Staff, poll_id: int, texts: PollTexts) -> None:
    """Change a draft. Raises PollStage for one that citizens have seen."""
    check_role(staff, "write_campaigns", f"poll:{poll_id}")
    async with services.unit_of_work() as work:
        await _at(work, poll_id, "draft")
        await work.sampling.polls.rewrite(poll_id, _checked(services, texts))
        await _audit(services, work, staff, "poll.rewritten", poll_id)
        await work.commit()


async def announce(services: Services, staff: Staff, poll_id: int) -> None:
    """Let citizens vote from its opening on. Raises FormRefused for one that is over already."""
    check_role(staff, "write_campaigns", f"poll:{poll_id}")
    async with services.unit_of_work() as work:
        poll = await _at(work, poll_id, "draft")
        if poll.texts.closes_at <= services.clock.now():
            raise FormRefused(refused="over")
        await work.sampling.polls.change(poll_id, state="announced")
        await _audit(services, work, staff, "poll.announced", poll_id)
        await work.commit()


async def fix_plan(services: Services, staff: Staff, poll_id: int) -> None:
    """Make the sampling plan of the votes, once voting is over."""
    check_role(staff, "write_campaigns", f"poll:{poll_id}")
    async with services.unit_of_work() as work:
        poll = await _at(work, poll_id, "announced")
        if poll.texts.closes_at > services.clock.now():
            raise PollStage(poll=poll_id)
        await work.sampling.polls.plan(
            poll_id, planned(poll, await work.sampling.polls.votes(poll_id))
        )
        await work.sampling.polls.change(poll_id, state="planned")
        await _audit(services, work, staff, "poll.planned", poll_id)
        await work.commit()


def planned(
    poll: Poll, votes: dict[tuple[int | None, int | None, int | None], int]
) -> list[Sample]:
    """The plan as samples to be filled in."""
    texts = poll.texts
    sizes = (len(texts.products), len(texts.items), len(texts.places))
    cells = plan(votes, sizes, texts.samples)
    return [Sample(number, cell) for number, cell in enumerate(cells, 1)]


async def enter_table(services: Services, staff: Staff, poll_id: int, table: str) -> int:
    """Results from a table, all or nothing; gives how many. Raises BadTable."""
    samples = await _samples(services, staff, poll_id)
    today = services.clock.now().date()
    return await _enter(services, staff, poll_id, results.read(table, samples, today, staff.login))


async def enter_one(
    services: Services, staff: Staff, poll_id: int, number: int, given: dict[str, str]
) -> None:
    """The result of one sample. Raises BadTable, NoSuchCampaign for a sample that is not planned."""
    samples = {sample.number: sample for sample in await _samples(services, staff, poll_id)}
    if number not in samples:
        raise NoSuchCampaign(poll=poll_id, sample=number)
    today = services.clock.now().date()
    made = results.conclude(samples[number], given, today, staff.login)
    await _enter(services, staff, poll_id, [made])


async def _samples(services: Services, staff: Staff, poll_id: int) -> list[Sample]:
    check_role(staff, "write_campaigns", f"poll:{poll_id}")
    async with services.unit_of_work() as work:
        return await work.sampling.polls.samples(poll_id)


async def _enter(services: Services, staff: Staff, poll_id: int, made: Sequence[Sample]) -> int:
    """Results change what was handed in for a signature: it has to be handed in again."""
    now = services.clock.now()
    async with services.unit_of_work() as work:
        await _at(work, poll_id, "planned", "submitted")
        for sample in made:
            check(f"{sample.merchant}\n{sample.note}")
            await work.sampling.polls.record(poll_id, sample, now)
        await work.sampling.polls.change(poll_id, state="planned", submitted_by=None)
        await _audit(services, work, staff, "poll.results", poll_id)
        await work.commit()
    return len(made)


async def submit(services: Services, staff: Staff, poll_id: int, basis: str) -> None:
    """Hand the results in for a signature.

    Raises ResultsMissing, and BasisMissing where an unqualified result names a merchant.
    """
    check_role(staff, "write_campaigns", f"poll:{poll_id}")
    basis = " ".join(basis.split())
    check(basis)
    async with services.unit_of_work() as work:
        await _at(work, poll_id, "planned")
        samples = await work.sampling.polls.samples(poll_id)
        waiting = sum(sample.conclusion == "pending" for sample in samples)
        if waiting:
            raise ResultsMissing(count=waiting)
        if not basis and any(s.merchant for s in samples if s.conclusion == "unqualified"):
            raise BasisMissing(poll=poll_id)
        values = {"state": "submitted", "basis": basis, "submitted_by": staff.login}
        await work.sampling.polls.change(poll_id, **values)
        await _audit(services, work, staff, "poll.submitted", poll_id)
        await work.commit()


async def sign(services: Services, staff: Staff, poll_id: int) -> None:
    """Publish the results. Raises FourEyes for whoever handed them in or entered one."""
    check_role(staff, "sign_campaigns", f"poll:{poll_id}")
    async with services.unit_of_work() as work:
        poll = await _at(work, poll_id, "submitted")
        samples = await work.sampling.polls.samples(poll_id)
        if staff.login in {poll.submitted_by, *(sample.entered_by for sample in samples)}:
            raise FourEyes(poll=poll_id)
        now = services.clock.now()
        values = {"state": "published", "signed_by": staff.login, "published_at": now}
        await work.sampling.polls.change(poll_id, **values)
        await _audit(services, work, staff, "poll.published", poll_id)
        await work.commit()


async def send_back(services: Services, staff: Staff, poll_id: int, reason: str) -> None:
    """Not signed, with the reason. Raises ReasonMissing."""
    check_role(staff, "sign_campaigns", f"poll:{poll_id}")
    if not reason.strip():
        raise ReasonMissing()
    async with services.unit_of_work() as work:
        await _at(work, poll_id, "submitted")
        await work.sampling.polls.change(poll_id, state="planned", submitted_by=None)
        now, subject = services.clock.now(), f"poll:{poll_id}"
        actor, data = f"staff:{staff.login}", {"reason": reason.strip()}
        await work.audit.record(now, actor, "poll.sent_back", subject, data)
        await work.commit()


def next_time(texts: PollTexts, now: datetime) -> PollTexts:
    """The same poll one period later, or as many later as make it end in the future."""
    made = texts
    while made.closes_at <= now:
        opens, closes = _later(made.opens_at, made.repeat), _later(made.closes_at, made.repeat)
        made = replace(made, opens_at=opens, closes_at=closes)
    return made


def _later(at: datetime, repeat: str) -> datetime:
    """A week later, or three months: the same day, or the last one of a shorter month."""
    if repeat == "weekly":
        return at + timedelta(days=7)
    years, month = divmod(at.month - 1 + 3, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=at.year + years, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=at.year + years, month=month + 1)


def _checked(services: Services, texts: PollTexts) -> PollTexts:
    return checked(texts, services.phrases.text("button.poll_anything"))


async def _at(work: UnitOfWork, poll_id: int, *states: str) -> Poll:
    """The poll, kept from others; raises NoSuchCampaign, or PollStage where it is not in one of these."""
    poll = await work.sampling.polls.lock(poll_id)
    if poll is None:
        raise NoSuchCampaign(poll=poll_id)
    if poll.state not in states:
        raise PollStage(poll=poll_id)
    return poll


async def _audit(
    services: Services, work: UnitOfWork, staff: Staff, action: str, poll_id: int
) -> None:
    now, subject = services.clock.now(), f"poll:{poll_id}"
    await work.audit.record(now, f"staff:{staff.login}", action, subject, {})
