"""Writes the traditional-script phrases from the simplified ones: `make hant`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PHRASES = Path(__file__).parent / "phrases"
_PLACEHOLDER = re.compile(r"(\{[a-z_]+\})")


def convert(text: str, to_hant: Callable[[str], str]) -> str:
    """The text in traditional script; placeholders stay as they are."""
    parts = _PLACEHOLDER.split(text)
    return "".join(part if part.startswith("{") else to_hant(part) for part in parts)


def main() -> None:
    """Convert zh-Hans.yml; page words (web, console) are edited by hand."""
    from opencc import OpenCC

    source = (PHRASES / "zh-Hans.yml").read_text(encoding="utf-8")
    (PHRASES / "zh-Hant.yml").write_text(convert(source, OpenCC("s2t").convert), encoding="utf-8")


if __name__ == "__main__":
    main()
