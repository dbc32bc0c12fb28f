"""What voters are told of a published result, once each; and the next draft of a repeated poll."""

from __future__ import annotations

from content.hant import in_script
from handlers.campaigns.polls import next_time
from handlers.campaigns.sampling_ports import Addressee, Poll, Sample
from handlers.messages import Reply
from handlers.ports import Citizen
from handlers.services import Services

BATCH = 500  # voters told in one transaction
MOST_NAMED = 4  # unqualified samples named in a message


def result_text(services: Services, poll: Poll, samples: list[Sample], locale: str) -> str:
    """The published result in a citizen's script."""
    bad = [sample for sample in samples if sample.conclusion == "unqualified"]
    phrases, good = services.phrases, len(samples) - len(bad)
    title, n = poll.texts.title, len(samples)
    lines = [phrases.text("poll.result", title=title, all=n, good=good, bad=len(bad))]
    lines += [_line(services, poll, sample) for sample in bad[:MOST_NAMED]]
    if len(bad) > MOST_NAMED:
        lines.append(phrases.text("poll.more_bad", count=len(bad) - MOST_NAMED))
    if poll.basis:
        lines.append(phrases.text("poll.basis", basis=poll.basis))
    office = services.jurisdiction.office_name
    assert poll.published_at is not None
    at = poll.published_at.astimezone(services.clock.now().tzinfo)
    lines.append(phrases.text("poll.issued", office=office, day=f"{at:%Y-%m-%d}"))
    return in_script("\n".join(lines), locale)


def _line(services: Services, poll: Poll, sample: Sample) -> str:
    product, item, place = sample.choice
    t = poll.texts
    where = sample.merchant or t.places[place]
    named = {"product": t.products[product], "item": t.items[item], "where": where}
    return services.phrases.text("poll.bad_sample", day=sample.tested_on, **named)


async def tell(services: Services) -> int:
    """Put the result into the outbox for everybody who wants it and was not told; gives how many.

    A batch is one transaction, and a voter is marked in it: doing this twice, or at two places at
    once, tells nobody twice.
    """
    async with services.unit_of_work() as work:
        polls = await work.sampling.polls.to_tell()
    return sum([await _tell(services, poll) for poll in polls])


async def _tell(services: Services, poll: Poll) -> int:
    told = 0
    async with services.unit_of_work() as work:
        samples = await work.sampling.polls.samples(poll.id)
    texts = {
        locale: result_text(services, poll, samples, locale) for locale in ("zh-Hans", "zh-Hant")
    }
    while batch := await _tell_some(services, poll.id, texts):
        told += batch
    now = services.clock.now()
    async with services.unit_of_work() as work:
        if not await work.sampling.polls.untold(poll.id):
            await work.sampling.polls.change(poll.id, told_at=now)
            await work.commit()
    return told


async def _tell_some(services: Services, poll_id: int, texts: dict[str, str]) -> int:
    now = services.clock.now()
    async with services.unit_of_work() as work:
        voters = await work.sampling.polls.take_voters(poll_id, BATCH, now)
        for voter in voters:
            text = texts.get(voter.locale, texts["zh-Hans"])
            key = f"poll:{poll_id}:{voter.id}"
            await work.outbox.reply(citizen(voter), Reply(text), key, priority=1)
        await work.commit()
    return len(voters)


def citizen(voter: Addressee) -> Citizen:
    """A voter as the outbox knows one."""
    return Citizen(voter.id, voter.channel, voter.address, voter.locale)


async def prepare_next(services: Services) -> int:
    """A draft of the next one for each repeated poll that is over; gives how many."""
    now = services.clock.now()
    async with services.unit_of_work() as work:
        over = await work.sampling.polls.without_successor(now)
        made = 0
        for poll in over:
            texts = next_time(poll.texts, now)
            added = await work.sampling.polls.add(texts, poll.written_by, poll.id)
            made += added is not None
        if over:
            await work.commit()
    return made
