"""Taking facts from what was said, so that nothing is asked twice."""

from __future__ import annotations

import re

from handlers.dialog import Draft
from handlers.patients import patient_in
from handlers.words import demands_in
from nlu.understanding import Understanding

ENTITY_SLOTS: dict[str, str] = {
    "merchant": "merchant",
    "address": "address",
    "event_time": "event_time",
    "onset": "onset",
    "people": "people",
    "food": "food",
    "brand": "brand",
    "batch": "batch",
    "symptom": "symptom",
    "amount": "amount",
    "platform": "platform",
    "order_no": "order_no",
    "phone": "phone",
    "person": "name",
}
HEALTH_SLOTS = ("symptom", "onset", "patient", "meals")
IDENTITY_SLOTS = ("name", "phone", "contact_address", "id_number")
MAX_ANSWER = 500
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
_HOME = re.compile(
    r"(?:我?家?住在?|我家在|(?:家庭|通讯|联系|收件|收货)?(?:住址|地址)(?:是|在|[:：]))\s*"
    r"(?P<place>[^，,。；;！!\n]{4,60})"
)
_OWN_HOME = re.compile(r"我?家?住在?|我家在|(?:家庭|通讯|联系|收件|收货)(?:住址|地址)")
_NOT_A_NAME = re.compile(r"[0-9a-zA-Z?？!！，。]{3,}")
_NAME_LEAD = re.compile(r"^(?:我(?:的)?(?:名字)?(?:叫|是|姓)|名字(?:是|叫)?|姓名[:：]?|叫)\s*")


_SAID_NAME = re.compile(
    r"(?:我(?:的名字)?叫|本人叫?|姓名[:：是]?|名字[:：是叫]|投诉人[:：是]?) ?(?P<name>[\u4e00-\u9fff]{2,4})(?=$|[，,。；;、\s\d])"
)
_TIME_ONLY = re.compile(
    r"(?:就|就是|大概|好像|应该|大约|差不多)?(?:[今昨前当]天|前[几两]天|大前天|上?上?个?(?:周|星期|礼拜|月)[一二三四五六日天底初末]?|"
    r"\d{1,2}月\d{1,2}[日号]|\d{1,2}号)(?:的)?(?:早上|上午|中午|下午|晚上|夜里|晚饭|午饭)?(?:\d{1,2}点半?|[一二三四五六七八九十]+点半?)?(?:左右|吧|的|时候)*"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def absorb(draft: Draft, message_key: str, text: str, heard: Understanding) -> None:
    """Add a message to the matter: its words, its labels and every fact it names."""
    draft.narrative.append([message_key, text])
    merge_labels(draft, heard)
    take_facts(draft, facts_in(text, heard))


def take_facts(draft: Draft, found: dict[str, str]) -> None:
    """Fill blanks; a place named more exactly replaces the vaguer name."""
    for slot, value in found.items():
        known = draft.facts.setdefault(slot, value)
        if slot in ("address", "merchant") and known in value:
            draft.facts[slot] = value


def facts_in(text: str, heard: Understanding) -> dict[str, str]:
    """Slot → value for everything a message names."""
    found: dict[str, str] = {}
    for entity in heard.entities:
        slot = ENTITY_SLOTS.get(entity.type)
        if slot:
            found.setdefault(slot, entity.text)
    if _TIME_ONLY.fullmatch(text.strip()):
        found.setdefault("event_time", text.strip())
    if phone := phone_in(text):
        found["phone"] = phone
    if name := said_name(text):
        found["name"] = name
    if patient := "symptom" in found and patient_in(text):
        found["patient"] = patient
    if home := home_in(text):
        found["contact_address"] = home
        if found.get("address", "") in home:
            found.pop("address", None)
    if demand := demands_in(text):
        found["demand"] = demand
    return found


def phone_in(text: str) -> str | None:
    """The first telephone number, digits as written; None when there is none."""
    match = _PHONE.search(re.sub(r"(?<=\d)[ \-](?=\d{4})", "", text))
    return match.group() if match else None


def home_in(text: str) -> str | None:
    """Where the writer says to live (我住…、通讯地址：…); None when they do not."""
    match = _HOME.search(text)
    return match["place"].strip() if match and _OWN_HOME.search(match.group()) else None


def said_name(text: str) -> str | None:
    """A name given as one's own (我叫…), or written beside a telephone number; else None."""
    match = _SAID_NAME.search(text)
    if match:
        return match["name"]
    phone = phone_in(text)
    beside = text.replace(phone, "").strip(" ，,。:：电话手机号码是") if phone else ""
    return beside if is_name(beside) else None


def is_name(text: str) -> bool:
    """Whether a few characters look like a person's full name."""
    return 2 <= len(text) <= 4 and text[0] in _SURNAMES


def name_in(text: str, heard: Understanding) -> str | None:
    """A person's name in an answer to 怎么称呼您; None when the answer holds none."""
    person = heard.first("person")
    if person:
        return person.text
    if said := said_name(text):
        return said
    bare = _NAME_LEAD.sub("", text.strip()).strip("，。,. ")
    return bare if 1 < len(bare) <= 12 and not _NOT_A_NAME.search(bare) else None


SEVERITIES = ("normal", "illness", "urgent")


def merge_labels(draft: Draft, heard: Understanding) -> None:
    """Let a further message add to the labels: severity only rises, blanks are filled."""
    labels = draft.labels
    if not labels:
        labels.update(intent=draft.kind, probabilities={}, evidence=[], hazards=[])
    severity = max(labels.get("severity", "normal"), heard.severity, key=SEVERITIES.index)
    labels.update(severity=severity, engine=heard.engine, model_version=heard.model_version)
    for kind in ("stage", "venue", "product"):
        if not labels.get(kind) and getattr(heard, kind):
            labels[kind] = getattr(heard, kind)
            labels["probabilities"][kind] = heard.probabilities.get(kind, 1.0)
    labels["hazards"] = list(dict.fromkeys([*labels["hazards"], *heard.hazards]))
    labels["evidence"] += [[e.task, e.text, e.weight] for e in heard.evidence]
    labels["evidence"] = labels["evidence"][:24]


def answer_for(slot: str, text: str, heard: Understanding) -> str | None:
    """The answer to a slot in a message: its entity, else the whole text; None when unfit."""
    special = {"phone": lambda: phone_in(text), "name": lambda: name_in(text, heard)}
    if slot in special:
        return special[slot]()
    return _entity(slot, heard) or text.strip()[:MAX_ANSWER] or None


def _entity(slot: str, heard: Understanding) -> str | None:
    wanted = {"place": ("merchant", "address")}.get(slot, (slot,))
    kinds = [t for t, s in ENTITY_SLOTS.items() if s in wanted]
    return next((e.text for kind in kinds if (e := heard.first(kind))), None)
