"""Names of businesses, folded: 老王烧烤 and 老王烧烤店（人民路店） may be one subject. Suggestions only.

Two names are never made one by this module; an officer reads the reasons and decides.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

Reason = tuple[str, str]

TRADES: Mapping[str, str] = {
    "grill": "烧烤 烤肉 烤鱼 烤串 撸串 烤鸭 炸鸡 炸串",
    "hotpot": "火锅 串串 串串香 冒菜 麻辣烫 冷锅鱼 砂锅 酸菜鱼",
    "noodles": "面馆 面店 面庄 米线 米粉 粉店 拉面 牛肉面 小面 馄饨 水饺 饺子 饺子馆 肠粉",
    "bakery": "烘焙 蛋糕 蛋糕店 面包 面包店 面包房 饼屋 饼家 西点",
    "drinks": "奶茶 茶饮 咖啡 饮品 甜品 糖水",
    "breakfast": "早餐 早点 包子 包子铺 汤包 豆浆 粥铺",
    "canteen": "快餐 盒饭 团膳 供餐",
    "grocer": "超市 便利店 生鲜 副食 百货 粮油 粮店 零食 烟酒 小卖部 杂货 副食店",
    "fruit": "水果 水果店 果行 果园 鲜果",
    "market": "农贸市场 菜市场 批发市场 市场 菜场",
    "cooked": "卤味 熟食 烧腊 凉菜 鸭脖",
    "meat": "肉铺 肉店 水产 海鲜 冻品 冷库",
    "maker": "食品厂 加工厂 酒厂 面粉厂 厂",
    "mother": "母婴 孕婴 母婴店 奶粉",
    "drugs": "药房 大药房 药店",
}
"""What a business does → words a name ends with. Two trades are two businesses: 老王烧烤, 老王面馆."""

_ANY_TRADE = "店 馆 铺 坊 屋 轩 楼 餐厅 饭店 饭馆 餐馆 饭庄 酒楼 酒家 酒店 大酒店 食府 小吃 小吃店 餐饮 食品 商店 小店 大排档 直播间 网店 食堂"
_TRADE_OF: Mapping[str, str] = {
    **dict.fromkeys(_ANY_TRADE.split(), ""),
    **{word: trade for trade, words in TRADES.items() for word in words.split()},
}


def _either(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_KNOWN = _either(" ".join(_TRADE_OF))
_OLD = str.maketrans(
    "樓館飯麵燒燴雞鴨鵝魚蝦廳莊園餅鋪舖檔記麗華龍鳳鮮貨糧體點號東門黃鴻緣樂興順達發豐寶億萬來車馬錦銀鍋灣島區縣鎮鄉廣場學傑財",
    "楼馆饭面烧烩鸡鸭鹅鱼虾厅庄园饼铺铺档记丽华龙凤鲜货粮体点号东门黄鸿缘乐兴顺达发丰宝亿万来车马锦银锅湾岛区县镇乡广场学杰财",
)
_BRACKETS = re.compile(r"[(【\[〔]([^)】\]〕]*)[)】\]〕]?")
_NOISE = re.compile(r"[\s·•・.,，。、“”\"'‘’《》<>「」!！?？~～_/|-]+")
_SAID_WHERE = re.compile(
    r"^(?:在|位于)?[一-鿿0-9]{0,8}?(?:路|街|巷|小区|广场|门口|旁边|对面|附近|楼下|隔壁)(?:上|边|里)?(?:的|那家|那个)(?:叫)?"
)
_PLACE = re.compile(
    r"^((?:[一-鿿]{2,3}省)?(?:[一-鿿]{2,3}(?<![超菜夜门城集花鱼闹股都])市(?!场))?"
    r"(?:[一-鿿]{1,3}(?<![小社校园景地片库茶老])(?:区|县)(?![一-鿿]?域))?"
    r"(?:(?<=[市区县])[一-鿿]{1,3}(?:镇|乡|街道))?)(?=[一-鿿a-z0-9]{2})"
)
_MALLS = "万达 吾悦 银泰 万象 万象城 大悦城 龙湖 天街 奥体 高铁站 火车站 机场 大学城 滨江 开发区 万达广场 吾悦广场"
_ROAD = r"[一-鿿]{2}[东西南北中]?(?:大道|路|街|巷)"
_BRANCH = re.compile(
    rf"({_ROAD}|[一-鿿]{{2}}(?:广场|中心|小区|校区|花园|商场|新村|古镇)|{_either(_MALLS)}|城[东西南北中])(?:分?店|号店)$"
)
_AFTER_TRADE = re.compile(rf"(?:{_KNOWN})([一-鿿]{{2,6}}?)(?:分店|店)$")
_A_PLACE = re.compile(
    rf"(?:[路街巷道桥江河湖山门城镇村园区场心厦庄湾里口站校苑府]|{_either(_MALLS)})(?:分?店|\d*号店?)?$"
)
_COMPANY = re.compile(
    r"(?:(?:餐饮|酒店|企业)?(?:管理|服务|文化|科技)?(?:股份)?(?:有限)?(?:责任)?公司|集团|个体工商户|经营部|经营户|批发部|批发行|商行|商贸|贸易|工作室"
    r"|(?:有限)?合伙企业|合作社)(?:[一-鿿]{2,4}分公司)?$"
)
_SHOP = re.compile(r"(?:连锁|分|总|旗舰|官方旗舰|专卖|专营|直营|加盟|老)店$")
_TRADE = re.compile(rf"(?:{_KNOWN})$")
_VAGUE = (
    "那 这 某 一 该 哪 有 几 楼下 楼上 路边 路口 街边 门口 门前 小区 社区 村里 村口 镇上 城里 学校 校门口 单位 公司 工地 厂里 医院 "
    "我们 我家 我 他们 附近 对面 隔壁 旁边 后面 前面 幼儿园 小学 中学 大学 养老院 敬老院 网上 网店 线上 外卖 平台 直播间 商家 店家 卖家 "
    "老板 夜市 地摊 摊位 摊贩 摊子 摊 小摊 流动 无名 没名字 不知名 不知道 不清楚 同一 一个 小 大 新开 新 老 黑作坊 作坊 菜贩 "
    "美团 饿了么 淘宝 淘宝网 天猫 京东 拼多多 抖音 快手 微信 小红书 闲鱼 多多买菜 家 个 的 上 门 里 边 口 处 "
    "蔬菜 菜 肉 猪肉 面 饼 特产 街 商场"
)
_SAYS_NOTHING = re.compile(rf"(?:{_either(_VAGUE + ' ' + ' '.join(_TRADE_OF))})*+")
_TELLING = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡余杜叶程魏吕丁任沈姚卢"
    "一二三四五六七八九十0123456789东西南北中"
)
"""Where two names differ in these, they name two people or two schools, not one with a slip."""
LONGEST_NAME = 100
LONGEST_KEY = 60
WEAK = 2
"""A core this short (老王) names many businesses: its trade must agree too."""
SAME = 0.8
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Folded:
    """A name without what differs by accident.

    `core` is the name itself, `whole` the core with its trade words, `trade` what the business does
    (a key of TRADES, or empty), `branch` which shop of a chain, `district` where it says to be.
    """

    core: str
    whole: str = ""
    trade: str = ""
    branch: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How likely two names mean one subject, 0..1, and why: (code, value) pairs."""

    score: float
    reasons: tuple[Reason, ...]


NOTHING = Suggestion(0.0, ())


@functools.lru_cache(maxsize=1024)
def fold(name: str) -> Folded:
    """The name in its parts. Takes any text, raises nothing."""
    plain = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold().translate(_OLD).strip()
    inside = [_NOISE.sub("", part) for part in _BRACKETS.findall(plain)]
    rest = _SAID_WHERE.sub("", _NOISE.sub("", _BRACKETS.sub("", plain)))
    rest, branch = _branch(rest)
    branch = next((_shop(part) for part in inside if _A_PLACE.search(part)), branch)
    rest, district = _district(rest)
    rest = _cut(_SHOP, _cut(_COMPANY, rest))
    core, trade = _trade(rest)
    return Folded(core, rest, trade, branch, district)


def key(name: str) -> str:
    """What an index finds a name by: the core; empty for what names nobody (那家店, 学校食堂)."""
    parts = fold(name)
    if len(parts.core) < WEAK or _SAYS_NOTHING.fullmatch(parts.whole):
        return ""
    return parts.core[:LONGEST_KEY]


def compare(first: str, second: str) -> Suggestion:
    """Whether two names may mean one subject; 0 where either names nobody."""
    return alike(fold(first), fold(second)) if key(first) and key(second) else NOTHING


def alike(a: Folded, b: Folded) -> Suggestion:
    """Whether two folded names that say something may mean one subject."""
    score, reason = _names(a, b)
    if not score:
        return NOTHING
    reasons = [reason]
    for code, one, other, same, differs in (
        ("trade", a.trade, b.trade, 1.1, 0.4),
        ("branch", a.branch, b.branch, 1.1, 0.4),
        ("district", a.district, b.district, 1.0, 0.6),
    ):
        if one and other:
            agree = one in other or other in one
            score *= same if agree else differs
            said = _both(a.whole, b.whole) if code == "trade" else _both(one, other)
            reasons.append((f"{'same' if agree else 'other'}_{code}", said))
    if bool(a.branch) != bool(b.branch):
        score *= 0.9
        reasons.append(("one_branch", a.branch or b.branch))
    return Suggestion(round(min(1.0, score), 3), tuple(reasons))


def _names(a: Folded, b: Folded) -> tuple[float, Reason]:
    if a.whole == b.whole:
        return 0.95, ("same_core", a.whole)
    if a.core == b.core:
        return (0.9 if len(a.core) > WEAK or a.trade == b.trade else 0.7), ("same_core", a.core)
    short, long = sorted((a.whole, b.whole), key=len)
    if len(short) > WEAK and short in long:
        return 0.55 + 0.3 * len(short) / len(long), ("contained", short)
    if len(min(a.core, b.core, key=len)) > WEAK and _one_slip(a.core, b.core):
        return 0.5 + 0.05 * min(5, len(a.core)), ("one_character", _both(a.core, b.core))
    return 0.0, ("", "")


def _one_slip(a: str, b: str) -> bool:
    """Whether one character was mistyped, left out or put in, and not one that tells people apart."""
    if len(a) == len(b):
        wrong = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
        return len(wrong) == 1 and not _TELLING.issuperset(wrong[0])
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) != 1:
        return False
    at = next((i for i, x in enumerate(short) if x != long[i]), len(short))
    return long[at + 1 :] == short[at:] and long[at] not in _TELLING


def _both(a: str, b: str) -> str:
    return a if a == b else f"{a}/{b}"


def _branch(name: str) -> tuple[str, str]:
    """The name and the shop it names at its end, as 万达店, 人民路店 or 烧烤东门桥店."""
    known = _BRANCH.search(name)
    found = known or _AFTER_TRADE.search(name)
    if not found or found.start(1) < WEAK or not (known or _A_PLACE.search(found[1])):
        return name, ""
    return name[: found.start(1)], found[1]


def _district(name: str) -> tuple[str, str]:
    found = _PLACE.match(name)
    return (name[found.end() :], found[1]) if found else (name, "")


def _trade(name: str) -> tuple[str, str]:
    """The name without what it sells, and that; 阿芳烧烤店 loses 店, then 烧烤."""
    trade = ""
    for _ in range(3):
        found = _TRADE.search(name)
        if not found or found.start() < WEAK:
            break
        name, trade = name[: found.start()], trade or _TRADE_OF[found[0]]
    return name, trade


def _shop(branch: str) -> str:
    return re.sub(r"(?:分|号)?店$", "", branch)


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """The text without the pattern, unless too little of a name would remain."""
    shorter = pattern.sub("", text, count=1)
    return shorter if len(shorter) >= WEAK else text
