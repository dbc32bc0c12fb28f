"""Names of businesses, folded: 老王烧烤 and 老王烧烤店（人民路店） may be one subject. Suggestions only.

Two names are never made one by this module; an officer reads the reasons and decides.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BRACKETS = re.compile(r"[（(【\[]([^）)】\]]*)[）)】\]]")
_NOISE = re.compile(r"[\s·•.,，。、“”\"'‘’《》<>!！?？~～_-]+")
_PLACE = re.compile(r"^(?:[一-鿿]{2,3}(?:省|市)|[一-鿿]{1,3}(?:区|县|镇|乡|街道))+(?=[一-鿿]{2})")
_BRANCH = re.compile(
    r"([一-鿿]{2,3}(?:路|街|巷|广场|商场|大道|城|中心|校区|小区|门))(?:分?店|号店)$"
)
_COMPANY = re.compile(r"(?:股份)?(?:有限)?(?:责任)?公司$|集团$|个体工商户$|经营部$|商行$|工作室$")
_TRADE = re.compile(
    r"(?:连锁|分|旗舰|专卖|直营|加盟|总)?(?:店|馆|铺|坊|屋|居|轩|餐厅|饭店|酒楼|酒家|餐馆|饭馆|食府|超市|便利店|菜场|农贸市场)$"
)
_SAYS_NOTHING = re.compile(
    r"^(?:(?:那|这|某|一|该|楼下|路边|门口|小区|学校|单位|公司|我们|附近|对面|隔壁|幼儿园|网上|外卖|夜市|早点|早餐|"
    r"烧烤|水果|蔬菜|奶茶|火锅|小吃|快餐|包子|面|食堂|餐饮|熟食|家|个|的|门|里|边|口|新开))*$"
)
LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Folded:
    """A name without what differs by accident: `core` is the name itself, `branch` which shop."""

    core: str
    branch: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How likely two names mean one subject, 0..1, and why: (code, value) pairs."""

    score: float
    reasons: tuple[tuple[str, str], ...]


def fold(name: str) -> Folded:
    """The name in its parts."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    inside = _BRACKETS.findall(plain)
    rest = _NOISE.sub("", _BRACKETS.sub("", plain))
    branch = next((_NOISE.sub("", part) for part in inside if part.strip()), "")
    found = _BRANCH.search(rest)
    if found and len(rest) - len(found[0]) >= 2:
        branch, rest = branch or found[1], rest[: found.start()]
    rest = _cut(_PLACE, rest)
    for ending in (_COMPANY, _TRADE, _COMPANY):
        rest = _cut(ending, rest)
    return Folded(rest, re.sub(r"(?:分|旗舰|专卖)?店$", "", branch))


def key(name: str) -> str:
    """What an index finds a name by; empty for a name that says nothing (那家店, 学校食堂)."""
    core = fold(name).core
    return "" if len(core) < 2 or _SAYS_NOTHING.match(core) else core[:LONGEST_KEY]


def compare(first: str, second: str) -> Suggestion:
    """Whether two names may mean one subject."""
    a, b = fold(first), fold(second)
    if not key(first) or not key(second):
        return Suggestion(0.0, ())
    score, reason = _core_score(a.core, b.core)
    if not score:
        return Suggestion(0.0, ())
    reasons = [reason]
    if a.branch and b.branch:
        same = a.branch in b.branch or b.branch in a.branch
        reasons.append(("same_branch" if same else "other_branch", f"{a.branch}/{b.branch}"))
        score = min(1.0, score + 0.1) if same else score * 0.4
    return Suggestion(round(score, 3), tuple(reasons))


def _core_score(a: str, b: str) -> tuple[float, tuple[str, str]]:
    if a == b:
        return 0.9, ("same_core", a)
    short, long = sorted((a, b), key=len)
    if len(short) >= 3 and short in long:
        return 0.6 + 0.25 * len(short) / len(long), ("contained", short)
    if len(short) >= 3 and _edits(a, b) == 1:
        return 0.7, ("one_character", f"{a}/{b}")
    return 0.0, ("", "")


def _edits(a: str, b: str) -> int:
    """Characters that differ where lengths agree, or 1 for one too many; 9 for more."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True))
    short, long = sorted((a, b), key=len)
    one = any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    return 1 if len(long) - len(short) == 1 and one else 9


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """The text without the pattern, unless too little of a name would remain."""
    shorter = pattern.sub("", text, count=1)
    return shorter if len(shorter) >= 2 else text
