"""Public nicknames: what is refused, in whatever script, width or look-alike it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.abuse import load_abuse
from content.errors import ContentError
from handlers.campaigns.nicknames import key, refused

WORDS = load_abuse(Path("content"))
OFFICES = ("常州市新北区食安办", "新北区城管局")


@pytest.mark.parametrize(
    "name", ["小满", "豆花姐姐", "草莓妈妈", "沙县小吃", "清水比目鱼", "Sberry", "7up", "马克", "尼克", "操场跑步", "你好吗", "日日鲜"]
)  # fmt: skip
def test_ordinary_names_pass(name: str) -> None:
    assert refused(name, WORDS, OFFICES) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("满", "length"), ("一二三四五六七八九十甲乙丙", "length"), ("😀😀", "characters"), ("- -", "characters"),
        ("<b>小满", "characters"), ("13800001234", "phone"), ("一三八零零零零一二三", "phone"),
        ("138 0000 123", "phone"), ("１３８００００１２３", "phone"), ("傻逼", "insults"), ("傻 逼", "insults"),
        ("沙笔王", "insults"), ("傻b", "insults"), ("S B", "insults"), ("5b", "insults"), ("ＳＢ", "insults"),
        ("ѕb", "insults"), ("fu-ck", "insults"), ("傻_屄", "insults"), ("艹你", "insults"), ("尼玛的", "insults"),
        ("加我微信", "contact"), ("vx吧", "contact"), ("Q Q", "contact"), ("食安办小王", "office"),
        ("張局長", "office"), ("王书记", "office"), ("新北区城管局", "office"), ("Admin", "office"), ("官 方", "office"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(name: str, why: str) -> None:
    assert refused(name, WORDS, OFFICES) == why


def test_names_that_read_the_same_are_the_same() -> None:
    assert key("豆花 姐姐", WORDS) == key("豆花-姐姐", WORDS) == key("豆花姐姐", WORDS)
    assert key("馬克S", WORDS) == key("马克5", WORDS)
    assert key("豆花", WORDS) != key("豆腐", WORDS)


@pytest.mark.parametrize(
    ("old", "new"), [("艹: 操", "艹: 操操"), ("insults:", "insult:"), ("[傻逼, ", '["", 傻逼, ')]
)
def test_a_broken_list_is_named(tmp_path: Path, old: str, new: str) -> None:
    text = Path("content/abuse.yml").read_text(encoding="utf-8")
    (tmp_path / "abuse.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=r"abuse\.yml"):
        load_abuse(tmp_path)
