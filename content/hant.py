"""Writes the traditional-script phrases from the simplified ones: `make hant`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

PHRASES = Path(__file__).parent / "phrases"
_PLACEHOLDER = re.compile(r"(\{[a-z_]+\})")
_BY_HAND = ("web.zh-Hans.yml",)  # the words of the chat page
_ORDINARY = str.maketrans("裏爲覈纔羣牀", "裡為核才群床")  # what OpenCC prefers, few people write
_OTHER_SCRIPT = re.compile(r"(?m)^(  other_script: ).*$")


def convert(text: str, to_hant: Callable[[str], str]) -> str:
    """The text in traditional script; placeholders and the name of the other script stay."""
    parts = _PLACEHOLDER.split(text)
    changed = "".join(part if part.startswith("{") else to_hant(part) for part in parts)
    return _OTHER_SCRIPT.sub(r"\1简体", changed.translate(_ORDINARY))


def in_script(text: str, locale: str) -> str:
    """A text of the library as this citizen reads it."""
    return convert(text, _to_hant()) if locale == "zh-Hant" else text


@lru_cache(maxsize=1)
def _to_hant() -> Callable[[str], str]:
    from opencc import OpenCC

    converted: Callable[[str], str] = OpenCC("s2t").convert
    return converted


def main() -> None:
    """Convert the phrases of the bot and of the console."""
    for path in sorted(PHRASES.glob("*zh-Hans.yml")):
        if path.name not in _BY_HAND:
            made = convert(path.read_text(encoding="utf-8"), _to_hant())
            target = path.name.replace("zh-Hans", "zh-Hant")
            path.with_name(target).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
