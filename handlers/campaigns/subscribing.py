"""Subscribing in the chat: chosen topic by topic, consent written down, one tap to end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from content.hant import in_script
from handlers.campaigns.ports import Subscription
from handlers.turn import Turn

ALL = "all"
QUIET = {"night": (22, 8), "long": (20, 9), "none": (None, None)}
OFTEN = {"any": 0, "day": 1, "week": 7}
EVERYWHERE = "everywhere"


async def offer(turn: Turn) -> None:
    """Say what there is and what consent means; a tap subscribes."""
    held = await _held(turn)
    topics = turn.services.subscriptions.topics
    buttons = [(_said(turn, name), f"sub:on-{key}") for key, name in topics.items()]
    if held.active:
        named = "、".join(_said(turn, topics.get(t, t)) for t in sorted(held.topics))
        turn.say("subscribe.held", [*buttons, *_settings(turn)], topics=named)
        return
    turn.say("subscribe.offer", [*buttons, ("subscribe.all", f"sub:on-{ALL}")])


async def pressed(turn: Turn, value: str) -> None:
    """A button of a subscription: `on-<topic>`, `set-<what>`, `quiet-…`, `often-…`, `off…`."""
    what, _, rest = value.replace(":", "-", 1).partition("-")
    handler = PRESSED.get(what)
    if handler is None or not await handler(turn, rest):
        turn.say("bad.old_button")


async def stop(turn: Turn, campaign: str = "") -> bool:
    """End every subscription at once; nothing is asked."""
    held = await _held(turn)
    if campaign.isdecimal() and len(campaign) < 12:
        number = int(campaign)
        await turn.work.campaigns.responded(number, turn.citizen.id, "unsubscribed", turn.now)
    if held.active:
        await _keep(turn, replace(held, active=False, topics=frozenset()))
        await _consent(turn, granted=False, wording=turn.phrase("subscribe.ended"))
    turn.say("subscribe.ended")
    turn.record("unsubscribed")
    return True


async def _on(turn: Turn, topic: str) -> bool:
    known = turn.services.subscriptions.topics
    chosen = frozenset(known) if topic == ALL else frozenset({topic}) & frozenset(known)
    if not chosen:
        return False
    held = await _held(turn)
    topics = held.topics | chosen if held.active else chosen
    await _keep(turn, replace(held, active=True, topics=topics))
    await _consent(turn, granted=True, wording=turn.phrase("subscribe.offer"))
    named = "、".join(_said(turn, known[t]) for t in known if t in topics)
    turn.say("subscribe.done", _settings(turn), topics=named)
    turn.record("subscribed", topics=sorted(topics))
    return True


async def _set(turn: Turn, what: str) -> bool:
    if what not in ("quiet", "often", "group", "place"):
        return False
    names = {"group": turn.services.subscriptions.groups, "place": _places(turn)}.get(what)
    if names is None:
        values = QUIET if what == "quiet" else OFTEN
        buttons = [(f"subscribe.{what}_{key}", f"sub:{what}-{key}") for key in values]
    else:
        buttons = [(_said(turn, name), f"sub:{what}-{key}") for key, name in names.items()]
    turn.say(f"subscribe.ask_{what}", buttons)
    return True


async def _quiet(turn: Turn, choice: str) -> bool:
    hours = QUIET.get(choice)
    if hours is None:
        return False
    return await _change(turn, lambda s: replace(s, quiet_from=hours[0], quiet_until=hours[1]))


async def _often(turn: Turn, choice: str) -> bool:
    days = OFTEN.get(choice)
    return days is not None and await _change(turn, lambda s: replace(s, every_days=days))


async def _group(turn: Turn, choice: str) -> bool:
    """Choosing a group again takes it away."""
    known = turn.services.subscriptions.groups
    return choice in known and await _change(turn, lambda s: replace(s, groups=s.groups ^ {choice}))


async def _place(turn: Turn, choice: str) -> bool:
    if choice not in _places(turn):
        return False
    district = "" if choice == EVERYWHERE else choice
    return await _change(turn, lambda s: replace(s, district=district))


async def _change(turn: Turn, change: Callable[[Subscription], Subscription]) -> bool:
    held = await _held(turn)
    if not held.active:
        turn.say("subscribe.first")
        return True
    await _keep(turn, change(held))
    turn.say("subscribe.kept", _settings(turn))
    return True


def _settings(turn: Turn) -> list[tuple[str, str]]:
    """What can be set; the place only where the jurisdiction names places."""
    placed = bool(turn.services.jurisdiction.grids)
    return [button for button in SETTINGS if placed or button[1] != "sub:set-place"]


def _places(turn: Turn) -> dict[str, str]:
    grids = {grid.id: grid.name for grid in turn.services.jurisdiction.grids}
    return {EVERYWHERE: turn.phrase("subscribe.everywhere"), **grids}


async def _held(turn: Turn) -> Subscription:
    return await turn.work.subscriptions.get(turn.citizen.id) or Subscription(
        turn.citizen.id, False
    )


async def _keep(turn: Turn, subscription: Subscription) -> None:
    await turn.work.subscriptions.keep(subscription, turn.now)


async def _consent(turn: Turn, *, granted: bool, wording: str) -> None:
    await turn.work.consents.record(turn.citizen.id, "subscription", granted, wording, turn.now)


def _said(turn: Turn, text: str) -> str:
    return in_script(text, turn.citizen.locale)


SETTINGS = (
    ("subscribe.set_quiet", "sub:set-quiet"),
    ("subscribe.set_often", "sub:set-often"),
    ("subscribe.set_group", "sub:set-group"),
    ("subscribe.set_place", "sub:set-place"),
    ("subscribe.stop", "sub:off"),
)
PRESSED = {
    "on": _on, "set": _set, "quiet": _quiet, "often": _often, "group": _group, "place": _place,
    "off": stop,
}  # fmt: skip
