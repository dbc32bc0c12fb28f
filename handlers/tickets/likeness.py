"""How alike two tickets are: whether they may be about one happening, and why. Pure and cheap.

What two tickets share and where they differ is weighed as evidence and added up; the sum becomes a
score 0..1. An officer reads the reasons and decides; nothing is linked by a score.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise

from handlers.tickets import merchant_names
from handlers.tickets.merchant_names import Folded, Reason
from nlu.timespans import time_value

WEIGHTS: Mapping[str, float] = {
    "same_lot": 5.0,  # one lot is one fault, whoever sold it
    "other_lot": -3.5,  # a maker's next lot is another case even with the same words
    "same_merchant": 2.6,  # needs the time or the matter besides: a big shop has many complaints
    "like_merchant": 1.6,
    "other_merchant": -5.0,  # two names, two subjects: also two shops of one chain
    "same_address": 2.8,  # road and house number
    "same_road": 0.8,  # a road has many shops
    "other_address": -1.5,
    "same_product": 1.0,
    "same_matter": 1.0,
    "other_matter": -1.3,  # weak: one meal is told as illness by one, as dirt by another
    "same_event_time": 1.6,
    "other_event_time": -2.0,
    "same_days": 0.4,
    "far_apart": -1.5,
    "like_text": 5.0,  # times the likeness
    "same_person": 0.8,  # Order 121 art. 35: a repeated report; says little about two purchases
}
EXCUSES: Mapping[str, frozenset[str]] = {
    "same_lot": frozenset({"other_merchant", "other_address", "other_event_time", "far_apart"})
}
"""What stops to speak against one happening: a lot is sold in many shops, over weeks."""
START = -4.4
"""Two tickets picked by chance are not about one happening."""
PROPOSE = 0.5
EVENT_WINDOW = timedelta(hours=72)
REGISTERED_WINDOW = timedelta(days=14)
TEXT_FLOOR = 0.06
"""Sharing fewer pairs of characters than this is chance."""
SKETCH = 128
LONGEST_TEXT = 1_000
LONG_ENOUGH = 10
SHORT_NAME = 3
_SPREAD, _ALL = 2_654_435_761, 0xFFFF_FFFF  # Knuth: neighbours end up far apart
_OTHER_ORDER = 0x5A5A_5A5A
LONGEST_KEY = 80

_NOT_TOLD = re.compile(r"[^一-鿿a-z0-9ａ-ｚ０-９]+")
_FILLER = re.compile(
    r"我们|你们|他们|我要|要求|希望|请问|投诉|举报|反映|有关部门|相关部门|处理|查处|严查|昨天|今天|前天|昨晚|今早|晚上|中午|早上|上午|下午|"
    r"发现|吃到|吃完|吃了|吃出|里面|有个|这家|那家|他家|店里|商家|老板|买的|买了|食品安全|食品安全法|违反|依据|第[一二三四五六七八九十百]+条|"
    r"退一赔[十三]|退款|赔偿|身体|怀疑|感觉|已经|还有|但是|结果|因为|所以|没有|的|了|是|在|和|都|就|也|还|很"
)
_ROAD = re.compile(
    r"((?!(?:我们|你们|一条|这条|那条))[一-鿿]{2}(?<![马公铁半小走网门])[东西南北中]?(?:大道|路|街(?!道)|巷)"
    r"|[一-鿿]{2}(?<![我你个农小区菜某们])(?:村|小区|花园|新村|广场))"
    r"(?:[^0-9，。,;；]{0,5}?(\d{1,5})号)?"
)
_LOT = re.compile(r"(?:批号|批次|生产日期)\D{0,4}([0-9A-Za-z./年月-]{6,20})")
_DATE = re.compile(r"(20\d\d)[年./-]?(\d{1,2})[月./-]?(\d{1,2})日?")


@dataclass(frozen=True)
class Facts:
    """What of a ticket is compared. `person` marks the citizen, never says who it is.

    `event_time` is an ISO time or the words a citizen used, read as of `registered_at` (aware).
    `matters` are labels of the problem. `sketch` is a stored `signature(text)`, or None.
    """

    number: str
    kind: str
    merchant: str = ""
    address: str = ""
    products: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    lot: str = ""
    event_time: str = ""
    registered_at: datetime | None = None
    text: str = ""
    person: str = ""
    sketch: frozenset[int] | None = None

    @cached_property
    def folded(self) -> Folded:
        """The parts of the name."""
        return merchant_names.fold(self.merchant)

    @cached_property
    def subject(self) -> str:
        """What an index finds the subject by; empty where the name names nobody."""
        return merchant_names.key(self.merchant)

    @cached_property
    def road(self) -> tuple[str, str]:
        """Road or village and house number; the text only counts where it gives a number."""
        told, said = _ROAD.search(self.address), _numbered(self.text)
        if said and (not told or (told[1] == said[0] and not told[2])):
            return said
        return (told[1], told[2] or "") if told else ("", "")

    @cached_property
    def lot_number(self) -> str:
        """The lot, told apart or in the text."""
        found = None if self.lot else _LOT.search(self.text)
        return _lot(self.lot or (found[1] if found else ""))

    @cached_property
    def happened_at(self) -> datetime | None:
        """When it happened, where that was told as a day or a time."""
        if not self.event_time or self.registered_at is None:
            return None
        return _moment(self.event_time, self.registered_at)

    @cached_property
    def signature(self) -> frozenset[int]:
        """The sketch of the story, without the subject's name: that counts by itself."""
        if self.sketch is not None:
            return self.sketch
        return signature(self.text.replace(self.merchant or "\0", " "))


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score 0..1 and what it is made of: (code, value) pairs, heaviest first."""

    score: float
    reasons: tuple[Reason, ...]


def signature(text: str) -> frozenset[int]:
    """A sketch of a story: its pairs of characters as numbers, the SKETCH smallest of them.

    Words every letter has are left out. A list of it is JSON; equal texts have equal sketches.
    """
    told = _NOT_TOLD.sub("", _FILLER.sub("", text[:LONGEST_TEXT].casefold()))
    units = memoryview(unicodedata.normalize("NFKC", told).encode("utf-16-le")).cast("H")
    pairs = {(x << 16 | y) * _SPREAD & _ALL for x, y in pairwise(units)}
    return frozenset(sorted(pairs)[:SKETCH] if len(pairs) > SKETCH else pairs)


def keys(facts: Facts) -> tuple[str, ...]:
    """What an index finds candidates by: subject, how its name begins, lot, road and number, product and day, person.

    Two tickets registered on one day or the next share a product key. Two stories share one of the
    text keys (the smallest member in each of two orders) with a chance of 1 - (1 - likeness)².
    """
    return tuple(dict.fromkeys(f"{kind}:{value}"[:LONGEST_KEY] for kind, value in _keys(facts)))


def likeness(a: Facts, b: Facts) -> Likeness:
    """How likely two tickets are about one happening. About 10 µs once the facts are read."""
    reasons = _excused([*_subject(a, b), *_goods(a, b), *_time(a, b)])
    weights = {code: WEIGHTS[code] for code, _ in reasons}
    shared = _overlap(a.signature, b.signature)
    if shared >= TEXT_FLOOR:
        weights["like_text"] = WEIGHTS["like_text"] * shared
        reasons.append(("like_text", f"{round(100 * shared)}%"))
    score = 1 / (1 + math.exp(-(START + sum(weights.values()))))
    return Likeness(round(score, 3), tuple(sorted(reasons, key=lambda r: -abs(weights[r[0]]))))


def _excused(reasons: list[Reason]) -> list[Reason]:
    excused = {code for reason, _ in reasons for code in EXCUSES.get(reason, ())}
    return [reason for reason in reasons if reason[0] not in excused]


def _keys(facts: Facts) -> Iterator[Reason]:
    if facts.subject:
        yield "m", facts.subject
        yield "n", facts.subject[:SHORT_NAME]
    if facts.lot_number:
        yield "l", facts.lot_number
    if facts.road[0]:
        yield "r", "".join(facts.road)
    if len(facts.signature) >= LONG_ENOUGH:
        yield "t", f"{min(facts.signature):x}"
        yield "u", f"{min(pair ^ _OTHER_ORDER for pair in facts.signature):x}"
    if facts.person:
        yield "w", facts.person
    if facts.registered_at is not None:
        for product in filter(None, facts.products):
            for days in (0, 1):
                day = (facts.registered_at + timedelta(days=days)).date()
                yield "p", f"{day:%y%m%d}:{product}"


def _subject(a: Facts, b: Facts) -> Iterator[Reason]:
    if a.subject and b.subject:
        alike = merchant_names.alike(a.folded, b.folded).score
        said = a.merchant if a.merchant == b.merchant else f"{a.merchant}/{b.merchant}"
        yield _merchant_code(alike), said
    if a.road[0] and b.road[0]:
        yield _address_code(a.road, b.road), _both("".join(a.road), "".join(b.road))
    if a.person and a.person == b.person:
        yield "same_person", ""


def _merchant_code(score: float) -> str:
    if score >= merchant_names.SAME:
        return "same_merchant"
    return "like_merchant" if score >= merchant_names.ALIKE else "other_merchant"


def _address_code(a: tuple[str, str], b: tuple[str, str]) -> str:
    if a[0] != b[0] or (a[1] and b[1] and a[1] != b[1]):
        return "other_address"
    return "same_address" if a[1] and b[1] else "same_road"


def _goods(a: Facts, b: Facts) -> Iterator[Reason]:
    goods = [x for x in a.products if any(x and y and (x in y or y in x) for y in b.products)]
    if goods:
        yield "same_product", "、".join(goods)
    if a.lot_number and b.lot_number:
        same = a.lot_number == b.lot_number
        # Many things are made on one day: a date is a lot only together with the product.
        if goods or not same or not _DATE.fullmatch(a.lot_number):
            yield "same_lot" if same else "other_lot", _both(a.lot_number, b.lot_number)
    if a.matters and b.matters:
        both = [matter for matter in a.matters if matter in b.matters]
        yield ("same_matter", both[0]) if both else ("other_matter", "")


def _time(a: Facts, b: Facts) -> Iterator[Reason]:
    if a.happened_at and b.happened_at:
        apart = abs(a.happened_at - b.happened_at)
        code = "same_event_time" if apart <= EVENT_WINDOW else "other_event_time"
        yield code, _both(f"{a.happened_at:%m-%d}", f"{b.happened_at:%m-%d}")
    if a.registered_at and b.registered_at:
        apart = abs(a.registered_at - b.registered_at)
        yield "same_days" if apart <= REGISTERED_WINDOW else "far_apart", str(apart.days)


def _overlap(a: frozenset[int], b: frozenset[int]) -> float:
    """Jaccard likeness of two stories; of long ones, over the numbers both sketches reach."""
    both = len(a & b)
    if not both:
        return 0.0
    reach = min((max(s) for s in (a, b) if len(s) == SKETCH), default=_ALL)
    compared = len(a | b) if reach == _ALL else sum(1 for x in a | b if x <= reach)
    return both / compared


def _lot(told: str) -> str:
    """A lot in one spelling: 2026年10月8日 is 20261008."""
    plain = unicodedata.normalize("NFKC", told).casefold()
    date = _DATE.search(plain)
    if date and len(plain) <= len(date[0]) + 1:
        return f"{date[1]}{int(date[2]):02}{int(date[3]):02}"
    return "".join(filter(str.isalnum, plain))


def _numbered(text: str) -> tuple[str, str] | None:
    found = next((match for match in _ROAD.finditer(text[:LONGEST_TEXT]) if match[2]), None)
    return (found[1], found[2]) if found else None


@lru_cache(maxsize=1024)
def _moment(told: str, now: datetime) -> datetime | None:
    value = time_value(unicodedata.normalize("NFKC", told), now)
    if value is None or value.startswith("P"):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(hour=12, tzinfo=now.tzinfo)


def _both(a: str, b: str) -> str:
    return a if a == b else f"{a}/{b}"
