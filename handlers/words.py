"""Small closed word lists of the dialog: yes, no, don't know, never mind. Not understanding."""

from __future__ import annotations

import re

_TRIM = re.compile(r"[\s，。！？!?,.~～…、的了吧啊呀哦嗯呢哈]+")

YES = frozenset(
    "是 好 同意 可以 行 要 继续 对 嗯 确认 确定 好的 是的 愿意 没问题 我同意 需要 yes ok".split()
)
NO = frozenset(
    "不 否 不同意 不用 不要 不行 不愿意 拒绝 不可以 不需要 算 不想 没有 no 不想说 不方便 不提供".split()
)
NOTHING = frozenset({"没有"})
UNKNOWN = frozenset(
    "不知道 不清楚 不晓得 忘 忘记 记不得 记不清 说不清 没注意 没看 不记得 不确定 晓不得 唔知 唔知道 "
    "无 跳过 不详 没留意 想不起来 看不清 找不到 不认识 弗晓得".split()
)
CANCEL = frozenset(
    "取消 算 不投诉 不举报 不弄 不说 退出 停止 不搞 算数 不填 不办 不报 不告 /cancel 取消登记 不用登记 "
    "我不投诉 我不举报 我不想投诉 我不想举报 不想投诉 不想举报 先不投诉 先不举报 没事".split()
)
GREETING = frozenset("你好 您好 在吗 在 hi hello 喂 有人吗 早 早上好 下午好 晚上好 哈喽".split())

THANKS = frozenset(
    "谢谢 谢谢您 谢谢你 多谢 感谢 谢了 辛苦 辛苦您 麻烦您 麻烦 唔该 多謝 謝謝 再见 拜拜".split()
)
OPENINGS: dict[str, str] = {
    **dict.fromkeys(
        "投诉 我要投诉 我想投诉 要投诉 投訴 我要投訴 投诉商家 我要投诉商家".split(), "complaint"
    ),
    **dict.fromkeys(
        "举报 我要举报 我想举报 要举报 舉報 我要舉報 匿名举报 我要匿名举报 举报商家 我要举报商家 我想匿名举报".split(),
        "report",
    ),
}
_CANCELLED = re.compile(
    r"(?:那?算了?|那)?[，, ]*我?(?:就|还是)?(?:先|暂时)?(?:不想?|别|不要|不用)(?:再)?"
    r"(?:投诉|举报|弄|填|登记|搞|投訴|舉報)[了吧啦 ！!。]*"
)
_AGREED = re.compile(
    r"同意|可以|愿意|没问题|沒問題|願意|(?:登记|填|提供|留)(?:吧|好了)|行(?:吧|啊|的)?$|好(?:吧|啊|的|呀)?$|要(?:的)?$"
)
_REFUSED = re.compile(
    r"不(?:太|大)?(?:同意|可以|行|愿|願|想|要|用|给|登记|留|提供|方便|说)|拒绝|拒絕|别登记|匿名|没必要|算了"
)
ANOTHER = re.compile(
    r"另一(?:件|个|家)|另外一(?:件|个|家)|还有(?:一)?(?:件|个)事|(?:另外|还|再|顺便)[^，。]{0,4}(?:举报|投诉|反映|發現|发现)|"
    r"又(?:发现|看到|遇到)|别的事"
)

CORRECTION = re.compile(
    r"说错|搞错|写错|弄错|打错|记错|填错|更正|改成|改为|改一下|纠正|刚才(?:那个)?不对|"
    r"不对[,，。 ]*(?:是|应该)|应该是"
)
QUESTION = re.compile(
    r"[?？]|[吗嘛么](?:$|[,，。!！])|怎么|多久|几天|为什么|為什麼|为啥|什么时候|能不能|可不可以|会不会|是不是|"
    r"要不要|需不需要|啥意思|什么意思|啥时候|哪里可以|如何|凭什么|多少天|咋"
)
CHILD_SPEAKING = re.compile(
    r"我(?:今年|才|现在|是)?\s*(?P<age>\d{1,2}|[一二三四五六七八九十]{1,2})\s*岁(?!的)|"
    r"我(?:是|在|上|读|念)(?:小学|[一二三四五六]年级|小学生)"
)
DEMANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "退款",
        re.compile(r"退(?:我|回|还|還)?(?:钱|款|錢|货款|全款|费)|把钱退|退一赔|要求退(?!订)|退费"),
    ),
    ("赔偿损失", re.compile(r"赔(?!礼)|賠(?!禮)|医药费|醫藥費|误工费|损失费")),
    ("更换", re.compile(r"换货|更换|換貨|换一[个份袋盒]|给我换|重新发")),
    ("退货", re.compile(r"退货|退貨")),
    ("道歉", re.compile(r"道歉|赔礼|賠禮|给个说法|给说法|给我个说法")),
    ("补足数量", re.compile(r"补足|补齐|少给的")),
    ("重作", re.compile(r"重做|重作|重新做")),
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}


_TRADITIONAL = frozenset(
    "們個這來說對時後過還沒會開關門錢訴舉報買賣東車長見風飛飯館廳衛檢驗產雞魚鴨豬體點發聽讀寫醫藥經營業號"
    "碼電話請問謝萬與專嗎麼樣裡給讓從為嘗試廠場鮮爛壞異髮蟲頭腸熱湯麵餅麥黃綠藍紅紙單據證實驗處罰應該認識"
)


def is_traditional(text: str) -> bool:
    """Whether a text is written in traditional script: at least two characters only it has."""
    return sum(character in _TRADITIONAL for character in text) > 1


def plain(text: str) -> str:
    """The text without particles and punctuation, for comparison with the lists above."""
    return _TRIM.sub("", text).lower()


def is_one_of(text: str, words: frozenset[str]) -> bool:
    """Whether the whole message is one of `words`, particles aside."""
    return text.strip().lower() in words or plain(text) in words


def wants_to_cancel(text: str) -> bool:
    """Whether the whole message drops the matter being told: 取消, 算了不投诉了."""
    return is_one_of(text, CANCEL) or _CANCELLED.fullmatch(text.strip()) is not None


def agreement_in(text: str) -> bool | None:
    """A typed yes or no to a consent; None for a question or anything else."""
    if QUESTION.search(text) or len(text) > 20:
        return None
    if _REFUSED.search(text) or is_one_of(text, NO - NOTHING):
        return False
    return True if _AGREED.search(text) or is_one_of(text, YES) else None


def demands_in(text: str) -> str | None:
    """What the citizen asks for, in the words of the official form; None when nothing is named."""
    found = [name for name, pattern in DEMANDS if pattern.search(text)]
    return "、".join(found) or None


def child_is_speaking(text: str) -> bool:
    """Whether the writer says to be under 14 (PIPL art. 31)."""
    match = CHILD_SPEAKING.search(text)
    if match is None:
        return False
    age = match["age"]
    return age is None or _number(age) < 14


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _DIGITS.get(text[-1], 99)
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


_INSIDER = re.compile(
    r"内部(?:人员|员工|职工|知情)|我(?:以前|曾经|之前|原来|现在)?是(?:这|那|该|他们|里面)?[^，。！？]{0,8}(?:的)?"
    r"(?:员工|工人|职工|厨师|厨工|帮厨|配菜|服务员|保洁|质检员|会计|库管|仓管|采购员|离职)"
    r"|我(?:就)?在(?:这|那|该|他们|里面)[^，。！？]{0,6}(?:上班|工作|打工|干活|做事|做过|干过)"
)


def insider_is_speaking(text: str) -> bool:
    """Whether the writer seems to work, or to have worked, for whom they report."""
    return bool(_INSIDER.search(text))
