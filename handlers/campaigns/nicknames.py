"""Nicknames that everybody reads: what is refused, and why.

Compared as people read: script, width, case, spaces, signs and look-alikes make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from content.abuse import AbuseWords
from nlu.normalise import Normaliser

LENGTH = range(2, 13)
PHONE = re.compile(r"\d{7,}")
LATIN = re.compile(r"[a-z]+")
SHORT = 3  # Latin letters; a shorter word counts only where it stands alone
_ALLOWED = re.compile(r"[\w·\- ]+")
_SIGNS = re.compile(r"[\W_]+")
_DIGITS = str.maketrans(
    "零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两oOlI", "0012345678912345678912" + "0011"
)


def refused(name: str, words: AbuseWords, offices: Iterable[str] = ()) -> str | None:
    """What is wrong with a nickname: length, characters, phone, insults, contact or office."""
    if len(name) not in LENGTH:
        return "length"
    if not _ALLOWED.fullmatch(name) or not _bare(name):
        return "characters"
    if PHONE.search(_bare(name).translate(_DIGITS)):
        return "phone"
    said = _forms(name, words)
    named = {**words.words, "office": (*words.words.get("office", ()), *offices)}
    for kind, bad in named.items():
        if any(_holds(said, word, words) for word in bad):
            return kind
    return None


def key(name: str, words: AbuseWords) -> str:
    """What two nicknames share that people would take for the same."""
    return _alike(_bare(name), words)


def _holds(said: set[str], word: str, words: AbuseWords) -> bool:
    """Whether one of the forms holds the word, or the word in its own look-alikes."""
    for form in (_bare(word), _alike(_bare(word), words)):
        if len(form) <= SHORT and LATIN.fullmatch(form):
            found = any(form in LATIN.findall(text) for text in said)
        else:
            found = any(form in text for text in said)
        if found:
            return True
    return False


def _forms(name: str, words: AbuseWords) -> set[str]:
    bare = _bare(name)
    return {bare, _alike(bare, words)}


def _alike(text: str, words: AbuseWords) -> str:
    return "".join(words.alike.get(char, char) for char in text)


def _bare(text: str) -> str:
    """Simplified, half width, lower case, without spaces and signs."""
    return _SIGNS.sub("", _NORMAL.normalise(text).text.casefold())


_NORMAL = Normaliser()
