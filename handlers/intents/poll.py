"""你点我检 in the chat: product, item, place by buttons; one vote of a citizen, changed a few times.

What was chosen so far travels in the buttons, so an old button means what it meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from content.hant import in_script
from handlers.campaigns.sampling import bar, tally
from handlers.campaigns.sampling_ports import Choice, Poll, Vote
from handlers.campaigns.telling import result_text
from handlers.intents import book
from handlers.turn import Turn

MOST_CHANGES = 3
MOST_OFFERED = 5
TOP = 3
PARTS = ("product", "item", "place")
CONSENT = "poll_result"


async def show(turn: Turn) -> None:
    """The open poll, the choice of several, or when the next one opens; 送检 is booked elsewhere."""
    if book.MEANT.search(turn.text):
        await book.show(turn)
        return
    announced = await turn.work.sampling.polls.announced(turn.now)
    open_now = [poll for poll in announced if poll.open_at(turn.now)]
    if len(open_now) == 1:
        await _begin(turn, open_now[0])
    elif open_now:
        named = [(_said(turn, p.texts.title), f"poll:go:{p.id}") for p in open_now[:MOST_OFFERED]]
        turn.say("poll.which", named)
    else:
        await _none(turn, announced)


async def pressed(turn: Turn, rest: str) -> None:
    """A button of a poll: go:id, v:id:choices, tell:id:yes|no, result:id."""
    what, _, value = rest.partition(":")
    number, _, more = value.partition(":")
    poll = await turn.work.sampling.polls.get(int(number)) if _is_id(number) else None
    if poll is None or poll.state == "draft":
        turn.say("bad.old_button")
    elif what == "result" and poll.state == "published":
        await _result(turn, poll)
    elif what == "tell" and more in ("yes", "no"):
        await _wish(turn, poll, more == "yes")
    elif what in ("go", "v"):
        await _choose(turn, poll, more.split(":") if more else [])
    else:
        turn.say("bad.old_button")


async def stop(turn: Turn) -> int:
    """Take back every wish to be told; gives how many there were."""
    count = await turn.work.sampling.polls.wish_nothing(turn.citizen.id)
    if count:
        await _consent(turn, False)
    return count


async def _none(turn: Turn, coming: Sequence[Poll]) -> None:
    last = await turn.work.sampling.polls.newest_published()
    buttons = [("button.poll_result", f"poll:result:{last.id}")] if last else []
    if await turn.work.sampling.testing.coming(turn.now):
        buttons.append(("button.book", "book:list"))
    if coming:
        opens = coming[0].texts.opens_at.astimezone(turn.now.tzinfo)
        title = _said(turn, coming[0].texts.title)
        turn.say("poll.none_next", buttons, title=title, opens=f"{opens:%Y-%m-%d %H:%M}")
    else:
        turn.say("poll.none", buttons)


async def _begin(turn: Turn, poll: Poll) -> None:
    """Ask for the first part; who has voted sees the vote first."""
    vote = await turn.work.sampling.polls.vote_of(poll.id, turn.citizen.id)
    if vote is None:
        _ask(turn, poll, [])
        return
    left = MOST_CHANGES - vote.changes
    buttons = [("button.poll_change", f"poll:go:{poll.id}")] if left > 0 else []
    text = await _standing(turn, poll)
    turn.say(
        "poll.yours", buttons, choice=_named(turn, poll, vote.choice), left=left, standing=text
    )


async def _choose(turn: Turn, poll: Poll, parts: list[str]) -> None:
    if not poll.open_at(turn.now):
        turn.say("poll.over")
    elif not _fits(poll, parts):
        turn.say("bad.old_button")
    elif len(parts) < len(PARTS):
        _ask(turn, poll, parts)
    else:
        product, item, place = (None if part == "-" else int(part) for part in parts)
        await _vote(turn, poll, (product, item, place))


def _ask(turn: Turn, poll: Poll, parts: list[str]) -> None:
    """The next part, with what was chosen so far in every button."""
    part = PARTS[len(parts)]
    so_far = ":".join((f"poll:v:{poll.id}", *parts))
    labels = _labels(poll)[len(parts)]
    offered = [(_said(turn, label), f"{so_far}:{n}") for n, label in enumerate(labels)]
    title = _said(turn, poll.texts.title)
    turn.say(f"poll.ask_{part}", [*offered, ("button.poll_anything", f"{so_far}:-")], title=title)


async def _vote(turn: Turn, poll: Poll, choice: Choice) -> None:
    polls, citizen = turn.work.sampling.polls, turn.citizen.id
    before = await polls.vote_of(poll.id, citizen)
    changes = before.changes + (before.choice != choice) if before else 0
    if changes > MOST_CHANGES and before:
        turn.say("poll.enough", choice=_named(turn, poll, before.choice), most=MOST_CHANGES)
        return
    await polls.vote(Vote(poll.id, citizen, choice, changes), turn.now)
    turn.record("poll.voted", poll=poll.id, changes=changes)
    standing = await _standing(turn, poll)
    turn.say("poll.thanks", choice=_named(turn, poll, choice), standing=standing)
    if before is None or before.wants_result is None:
        answers = [(f"button.poll_{a}", f"poll:tell:{poll.id}:{a}") for a in ("yes", "no")]
        turn.say("poll.ask_tell", answers)


async def _standing(turn: Turn, poll: Poll) -> str:
    """The products most wanted, as bars of plain text."""
    votes = await turn.work.sampling.polls.votes(poll.id)
    counts = [c for c in tally(votes, 0, poll.texts.products) if c.votes][:TOP]
    lines = [f"{_said(turn, count.label)} {bar(count)} {count.votes}" for count in counts]
    return turn.phrase("poll.standing", count=sum(votes.values()), lines="\n".join(lines)).strip()


async def _wish(turn: Turn, poll: Poll, wanted: bool) -> None:
    """A consent of its own: whoever votes is not told anything unless they say so here."""
    polls = turn.work.sampling.polls
    if await polls.vote_of(poll.id, turn.citizen.id) is None:
        turn.say("bad.old_button")
        return
    await polls.wish(poll.id, turn.citizen.id, wanted)
    await _consent(turn, wanted)
    turn.say("poll.will_tell" if wanted else "poll.will_not_tell")


async def _consent(turn: Turn, granted: bool) -> None:
    wording = turn.services.phrases.text("poll.ask_tell")
    await turn.work.consents.record(turn.citizen.id, CONSENT, granted, wording, turn.now)
    turn.record("consent.given" if granted else "consent.refused", purpose=CONSENT)


async def _result(turn: Turn, poll: Poll) -> None:
    samples = await turn.work.sampling.polls.samples(poll.id)
    turn.say_text(result_text(turn.services, poll, samples, turn.citizen.locale))


def _named(turn: Turn, poll: Poll, choice: Choice) -> str:
    anything = turn.phrase("poll.anything")
    pairs = zip(_labels(poll), choice, strict=True)
    return "、".join(anything if n is None else _said(turn, labels[n]) for labels, n in pairs)


def _fits(poll: Poll, parts: Sequence[str]) -> bool:
    sizes = [len(labels) for labels in _labels(poll)]
    return len(parts) <= len(sizes) and all(
        part == "-" or (_is_id(part) and int(part) < size)
        for part, size in zip(parts, sizes, strict=False)
    )


def _labels(poll: Poll) -> tuple[tuple[str, ...], ...]:
    return poll.texts.products, poll.texts.items, poll.texts.places


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _said(turn: Turn, text: str) -> str:
    return in_script(text, turn.citizen.locale)
