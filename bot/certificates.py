"""A certificate as a picture: drawn with Pillow in Noto Sans CJK, a package of its own (SIL OFL 1.1)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 848)  # A4 on its side
INK, GREEN, GOLD, PAPER = "#1d2b24", "#0b5d3b", "#b08d3c", "#fffdf6"
FACES = {"zh-Hans": 2, "zh-Hant": 3}  # places in the font collection
MARGIN = 140


@dataclass(frozen=True)
class Certificate:
    """What stands on it, in the script it is read in."""

    title: str
    name: str
    lines: tuple[str, ...]
    foot: str
    locale: str


@lru_cache(maxsize=64)
def draw(certificate: Certificate) -> bytes:
    """The picture as PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    width, height = SIZE
    pen.rectangle((24, 24, width - 24, height - 24), outline=GREEN, width=10)
    pen.rectangle((44, 44, width - 44, height - 44), outline=GOLD, width=3)
    locale = certificate.locale
    _write(pen, 110, certificate.title, 64, GREEN, locale)
    _write(pen, 300, certificate.name, 84, INK, locale)
    pen.line((width // 2 - 260, 420, width // 2 + 260, 420), fill=GOLD, width=3)
    for number, line in enumerate(certificate.lines):
        _write(pen, 460 + number * 72, line, 42, INK, locale)
    _write(pen, 700, certificate.foot, 34, INK, locale)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _write(
    pen: ImageDraw.ImageDraw, top: int, text: str, size: int, colour: str, locale: str
) -> None:
    """A line in the middle; one too long is written smaller."""
    room = SIZE[0] - 2 * MARGIN
    font = _font(size, locale)
    while pen.textlength(text, font) > room and size > 16:
        size -= 4
        font = _font(size, locale)
    pen.text((SIZE[0] / 2, top), text, colour, font, anchor="ma")


@lru_cache(maxsize=32)
def _font(size: int, locale: str) -> ImageFont.FreeTypeFont:
    from noto_cjk_sans_otc import FONT_PATH

    return ImageFont.truetype(str(FONT_PATH), size, index=FACES.get(locale, FACES["zh-Hans"]))
