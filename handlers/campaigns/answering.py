"""What a citizen does with a broadcast: read it, ask for more."""

from __future__ import annotations

from handlers import offers
from handlers.errors import NoSuchCampaign
from handlers.knowledge.answering import told
from handlers.knowledge.reviewing import taught
from handlers.turn import Turn

FOLLOWING = frozenset({"knowledge.answered", "check.opened", "ticket.registered", "quiz.answered"})


async def pressed(turn: Turn, value: str) -> None:
    """The button `cp:<campaign>:read` or `:more` under a broadcast."""
    number, _, what = value.partition(":")
    known = number.isdecimal() and len(number) < 12 and what in ("read", "more")
    if not known or not await _noted(turn, int(number)):
        turn.say("bad.old_button")
    elif what == "more":
        await _tell_more(turn, int(number))
    else:
        turn.say("campaign.thanks")


async def note_followed(turn: Turn) -> None:
    """Count what a citizen asks, answers or reports soon after a broadcast as following it."""
    for what in {event.type for event in turn.events} & FOLLOWING:
        await turn.work.campaigns.followed(turn.citizen.id, what, turn.now)


async def _noted(turn: Turn, number: int) -> bool:
    return await turn.work.campaigns.responded(number, turn.citizen.id, "read", turn.now)


async def _tell_more(turn: Turn, number: int) -> None:
    try:
        campaign = await turn.work.campaigns.get(number)
    except NoSuchCampaign:
        turn.say("bad.old_button")
        return
    items = await taught(turn.services, turn.work, turn.now.date())
    item = items.get(campaign.subject)
    if item is None:
        turn.say("campaign.withdrawn")
        return
    turn.dialog.wondering = item.title
    turn.say_text(told(item, turn.services.phrases, turn.citizen.locale), offers.ANSWERED)
