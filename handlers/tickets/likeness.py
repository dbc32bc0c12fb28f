"""How alike two tickets are: whether they may be about one happening, and why. Pure and cheap.

The score adds up what is shared; the weights say what convinces a person who reads two letters:
the same lot of a product nearly alone, the same shop only together with the time or the story.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from handlers.tickets import merchant_names

WEIGHTS: Mapping[str, float] = {
    "same_merchant": 0.40,
    "like_merchant": 0.25,
    "other_merchant": -0.45,
    "same_lot": 0.55,
    "other_lot": -0.35,
    "same_address": 0.25,
    "same_product": 0.10,
    "same_event_time": 0.25,
    "same_days": 0.10,
    "far_apart": -0.30,
    "like_text": 0.45,  # times the likeness
    "same_person": 0.15,
}
PROPOSE = 0.55
NEAR = timedelta(days=3)
FAR = timedelta(days=21)
_ROAD = re.compile(r"([一-鿿]{2,6}(?:路|街|巷|大道|广场|小区|村|市场))\D{0,3}(\d{1,5}号)?")
_LOT = re.compile(r"(?:批号|批次|生产日期)\D{0,4}([0-9A-Za-z./-]{6,20})")


@dataclass(frozen=True)
class Facts:
    """What of a ticket is compared. `person` marks the citizen, never who it is."""

    number: str
    kind: str
    merchant: str = ""
    address: str = ""
    products: tuple[str, ...] = ()
    lot: str = ""
    event_time: str = ""
    registered_at: datetime | None = None
    text: str = ""
    person: str = ""

    @cached_property
    def subject(self) -> str:
        """The folded name."""
        return merchant_names.key(self.merchant)

    @cached_property
    def road(self) -> str:
        """Road and house number of the address, or of the text where the address names none."""
        found = _ROAD.search(self.address) or _ROAD.search(self.text)
        return "".join(part or "" for part in found.groups()) if found else ""

    @cached_property
    def lot_number(self) -> str:
        """The lot, told apart or in the text."""
        found = _LOT.search(self.text)
        return (self.lot or (found[1] if found else "")).casefold()

    @cached_property
    def signature(self) -> frozenset[str]:
        """The character pairs of the story; names of the shop left out, they count by themselves."""
        text = re.sub(
            r"[^一-鿿a-z0-9]+", "", self.text.replace(self.merchant or "\0", "").casefold()
        )
        return frozenset(text[i : i + 2] for i in range(min(len(text) - 1, 600)))


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score 0..1 and what it is made of: (code, value) pairs, heaviest first."""

    score: float
    reasons: tuple[tuple[str, str], ...]


def keys(facts: Facts) -> tuple[str, ...]:
    """What an index finds candidates by: subject, lot, road, product and day."""
    day = facts.registered_at.date().isoformat() if facts.registered_at else ""
    found = [
        ("m", facts.subject),
        ("l", facts.lot_number),
        ("r", facts.road),
        ("p", f"{facts.products[0]}:{day}" if facts.products and day else ""),
    ]
    return tuple(f"{kind}:{value}"[:80] for kind, value in found if value)


def likeness(a: Facts, b: Facts) -> Likeness:
    """How likely two tickets are about one happening."""
    reasons = [*_subject(a, b), *_goods(a, b), *_time(a, b)]
    shared = _overlap(a.signature, b.signature)
    weights = {code: WEIGHTS[code] for code, _ in reasons}
    if shared >= 0.08:
        weights["like_text"] = WEIGHTS["like_text"] * min(1.0, shared * 2.5)
        reasons.append(("like_text", f"{round(100 * shared)}%"))
    score = min(1.0, max(0.0, sum(weights.values())))
    return Likeness(score, tuple(sorted(reasons, key=lambda r: -weights[r[0]])))


def _subject(a: Facts, b: Facts) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if a.subject and b.subject:
        alike = merchant_names.compare(a.merchant, b.merchant).score
        code = "same_merchant" if alike >= 0.85 else "like_merchant" if alike >= 0.5 else ""
        found.append(
            (code or "other_merchant", a.merchant if code else f"{a.merchant}/{b.merchant}")
        )
    if a.road and a.road == b.road:
        found.append(("same_address", a.road))
    if a.person and a.person == b.person:
        found.append(("same_person", ""))
    return found


def _goods(a: Facts, b: Facts) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if a.lot_number and b.lot_number:
        same = a.lot_number == b.lot_number
        found.append(("same_lot" if same else "other_lot", a.lot_number))
    both = sorted({*a.products} & {*b.products})
    return [*found, ("same_product", "、".join(both))] if both else found


def _time(a: Facts, b: Facts) -> list[tuple[str, str]]:
    found = (
        [("same_event_time", a.event_time)] if a.event_time and a.event_time == b.event_time else []
    )
    if a.registered_at is None or b.registered_at is None:
        return found
    apart = abs(a.registered_at - b.registered_at)
    if apart <= NEAR:
        found.append(("same_days", f"{apart.days + 1}"))
    elif apart > FAR:
        found.append(("far_apart", f"{apart.days}"))
    return found


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared pairs over those of the shorter story: a short message can repeat a long one."""
    fewer = min(len(a), len(b))
    return len(a & b) / max(fewer, 12) if fewer else 0.0
