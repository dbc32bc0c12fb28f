"""Long texts in pieces that Telegram takes, cut where a reader would pause."""

from __future__ import annotations

LONGEST = 4096  # UTF-16 units; Telegram's limit is never stricter than that
ENDS = ("\n", "。", "！", "？", "；", "，", " ")  # where to cut, best first
LEAST = LONGEST // 2  # a piece shorter than this is no reason to cut at a better place


def split(text: str, longest: int = LONGEST) -> list[str]:
    """The pieces of `text`, none empty; [] when there is nothing to read."""
    rest = text.encode("utf-8", "replace").decode().strip()
    pieces = []
    while rest:
        size = _fitting(rest, longest)
        if size < len(rest):
            size = _cut(rest, size)
        pieces.append(rest[:size].rstrip())
        rest = rest[size:].lstrip("\n ")
    return [piece for piece in pieces if piece]


def _fitting(text: str, longest: int) -> int:
    """How many code points fit; those beyond the basic plane count twice."""
    head = text[:longest]
    units = len(head) + sum(char > "\uffff" for char in head)
    size = len(head)
    while units > longest:
        size -= 1
        units -= 1 + (head[size] > "\uffff")
    return size


def _cut(text: str, size: int) -> int:
    """The best place to cut at or before `size`."""
    for end in ENDS:
        place = text.rfind(end, 0, size)
        if place >= min(LEAST, size // 2):
            return place + 1
    return size
