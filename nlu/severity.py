"""A safety net under the severity classifier: words that make a case urgent whatever it says.

Missing a poisoning is the dear mistake, so the rules only ever raise the severity. They stay
quiet about what did not happen: negated, hypothetical, asked about in general.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Floor = tuple[str, int, int, str]
"""Severity at least, the span that says so, and the name of the rule."""

_NUMBER = r"[\d两俩仨二三四五六七八九十百几]"
_ILL = (
    r"上吐下泻|拉肚子|拉[了稀水得]|[窜跑屙]稀|[屙窜]肚|肚屙|闹肚子|腹泻|呕吐|[哇狂直]*吐[了得个过血到]|在吐|又吐|吐了?好几|吐又|"
    r"肚子[疼痛绞]|肚皮[疼痛]|腹痛|胃[疼痛绞]|绞痛|恶心|头[晕昏疼痛]|发[烧热抖麻冷]|高烧|过敏|[起出]疹|红疹|荨麻疹|抽[搐筋]|昏迷|晕[倒过厥]|"
    r"休克|胸闷|喘不|便血|拉血|吐血|脱水|虚脱|住院(?![部楼])|洗胃|急诊|抢救|输液|挂[水盐点]|吊[水针]|打点滴|中毒|肠胃炎|发病|不舒服|难受|吃坏|病了|迷糊|昏倒|手抖|浑身抖|脸[色都]?发?[绿青紫]|腹胀|打.{0,2}120|肿了|嘴[唇巴]?[麻紫]|舌头[麻]|救护车"
)
_VULNERABLE = (
    r"孩子|小孩|宝宝|婴儿|婴幼儿|幼儿|[我俺]娃|娃儿|娃娃|小朋友|学生|儿子|女儿|闺女|孙[子女]|外孙|囡|细路|小囡|孕|怀着|怀了|胎动|"
    r"老人|姥姥|姥爷|俺爷|俺奶|我爷|我奶|姑婆|病人|老头|老太|爷爷|奶奶|外公|外婆|老爷子|[七八九]十[多几来一二三四五六七八九]?岁?|[7-9]\d岁|(?<!\d)(?:[1-9]|1[0-3])岁|[一二三四五六七八九]岁|\d{1,2}个月大?"
)
_GROUP = r"学校|幼儿园|小学|中学|初中|高中|托班|托管|班上|全班|班里|食堂|工地|养老院|敬老院|福利院|护理院|月子中心|员工餐|宿舍|工棚|军训|婚宴|酒席|喜酒|宴席|流水席|坝坝宴"
_MANY = (
    rf"{_NUMBER}+多?[个名位口]?(?:人|同学|同事|工友|学生|孩子|娃|客人|老人|宾客|员工|大人|小孩|小朋友)|"
    r"全家|一家[三四五六七人老大子]|全班|都[拉吐晕疼泻中病]|我[俩们].{0,6}都|[和跟同].{0,8}[都也一起]{1,2}.{0,4}[拉吐晕疼泻中发住]|好几[个人]|[两俩仨]人|也[拉吐晕疼泻发]|一桌人|先后|陆续|十几"
)
_DANGER = (
    r"昏迷|抽搐|休克|呼吸困难|喘不[上过]气|透不过气|便血|拉血|血便|吐血|呕血|[嘴口]唇?发?[紫麻乌]|口唇发?[紫麻]|发绀|舌头发?麻|[手嘴]?[脚唇]发麻|麻木|视力.{0,3}[降糊]|看东西.{0,4}[糊重花]|眼.{0,6}看不|看不[清见](?:东西|人影|路)|瞳孔|胡言乱语|胃出血|昏死|胎动|眼[睛前].{0,5}[糊黑看重]|"
    r"复视|失明|无尿|没尿|尿不出|脱水|酱油[色样]尿|尿.{0,4}酱油|不省人事|叫不醒|意识不清|神志不清|两眼翻白|ICU|icu|重症监护|抢救|病危|肝衰|肾衰|透析|横纹肌|看见小人|幻觉|四肢无力|眼皮抬不|吐了?[十二三]?十几?[来多]?[次趟回]"
)
_DEATH = r"死了[一二两三几]?个?人|人没了|没救过来|[吃喝]死了|抢救无效|[一两三]人死|去世|身亡|丧命"
_TOXIN = (
    r"河[豚鲀]|毒蘑菇|野蘑菇|野生菌|野菌|见手青|毒菌|菌子|甲醇|工业酒精|假酒|草乌|川乌|乌头|附子|酸汤子|米酵菌酸|亚硝酸盐|工业盐|鼠药|毒鼠强|百草枯|敌敌畏|农药|"
    r"断肠草|钩吻|曼陀罗|四季豆|豆角没?熟?|发芽.{0,2}土豆|织纹螺|氰化|砒霜|断肠|夹竹桃|木薯|泡发.{0,6}木耳|隔夜木耳"
)
_POISON = r"投毒|下毒|下药|放毒|(?:往|在|朝).{0,12}(?:倒|撒|放|加|掺|投)(?:了|进|入)?.{0,6}(?:鼠药|老鼠药|农药|毒药|百草枯|毒鼠强)|(?:掺|拌)(?:了|进)?(?:鼠药|老鼠药|毒药|农药)|毒死(?:他|她|你|全)|报复社会"

_NEGATED = re.compile(
    r"(?:没有?|未|无|并非|不是|不会|不曾|莫得|冇|弗|勿|没有?人|无人|幸好没|还没|也没|从来没|防止?|避免|预防|以免|免得|担心|怕|害怕|小心)[^,。!?;\n]{0,6}$"
)
_HYPOTHETICAL = re.compile(
    r"如果|万一|假如|要是|假设|会不会|能不能|可不可以|可能会|怎么预防|怎样预防|如何预防|是不是会|听说|网传|据说|真的吗|真假|谣言|求证|"
    r"论文|比方|倘若|比如|以前|去年新闻|预防|症状有哪些"
)
_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_REPORTED = frozenset({"complaint", "report", "complaint_and_report", "supplement", "dissatisfied"})
"""Intents that tell of something that happened; others mostly ask in general."""
_ASKING = frozenset({"consult", "ask_tip", "out_of_scope", "human", "smalltalk", "track"})
_HAPPENING = re.compile(
    r"现在|刚才|刚刚|刚[吃喝]|正在|在线等|救命|赶紧|快[点告]|误[食吃喝]|急!|急死|已经[送拉吐]|还在[吐拉]|昨晚|今天|一直[吐拉哭]"
)


@dataclass(frozen=True, slots=True)
class SeverityRules:
    """Compiled patterns of the safety net."""

    patterns: Mapping[str, re.Pattern[str]]

    def floor(self, text: str, intent: str) -> Floor | None:
        """The lowest severity the words allow, None when the rules see nothing.

        `text` is normalised; the span counts its characters.
        """
        if intent not in _REPORTED and not (intent in _ASKING and _HAPPENING.search(text)):
            return None
        facts = self._facts(text)
        urgent = next(_urgent(facts), None)
        if urgent is not None:
            return ("urgent", *urgent)
        ill = facts.get("ill")
        return ("illness", *ill, "ill") if ill else None

    def _facts(self, text: str) -> dict[str, tuple[int, int]]:
        """First asserted match of every pattern."""
        facts: dict[str, tuple[int, int]] = {}
        for sentence in _SENTENCE.finditer(text):
            if _HYPOTHETICAL.search(sentence[0]):
                continue
            for name, pattern in self.patterns.items():
                span = _asserted(pattern, sentence[0], plain=name in _UNNEGATED)
                if span and name not in facts:
                    offset = sentence.start()
                    facts[name] = (span[0] + offset, span[1] + offset)
        return facts


_UNNEGATED = frozenset({"many", "vulnerable", "group", "toxin"})
_URGENT_PAIRS = (("ill", "many"), ("ill", "vulnerable"), ("ill", "group"), ("ill", "toxin"))
_URGENT_ALONE = ("poison", "death", "danger")


def build_severity_rules() -> SeverityRules:
    """The rules, compiled."""
    table = {
        "ill": _ILL, "many": _MANY, "vulnerable": _VULNERABLE, "group": _GROUP,
        "danger": _DANGER, "death": _DEATH, "toxin": _TOXIN, "poison": _POISON,
    }
    return SeverityRules({name: re.compile(pattern) for name, pattern in table.items()})


def _urgent(facts: dict[str, tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    for name in _URGENT_ALONE:
        if name in facts:
            yield *facts[name], name
    for first, second in _URGENT_PAIRS:
        if first in facts and second in facts:
            yield *facts[first], f"{first}+{second}"


def _asserted(
    pattern: re.Pattern[str], sentence: str, *, plain: bool
) -> tuple[int, int] | None:
    for match in pattern.finditer(sentence):
        if plain or not _NEGATED.search(sentence[: match.start()]):
            return match.start(), match.end()
    return None
