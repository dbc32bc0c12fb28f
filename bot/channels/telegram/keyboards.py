"""Quick replies as an inline keyboard."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.messages import Button

LONGEST_DATA = 64  # bytes, Telegram's limit
HALF_ROW = 14  # columns that still read well beside another button on a telephone


class UnusableButton(ValueError):
    """A button Telegram refuses: its value is empty or longer than 64 bytes, or it has no label."""


def inline_keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The keyboard, None without buttons; short labels two in a row. Raises UnusableButton."""
    if not buttons:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    room = False
    for button in buttons:
        short = columns(button.label) <= HALF_ROW
        if room and short:
            rows[-1].append(_key(button))
            room = False
        else:
            rows.append([_key(button)])
            room = short
    return InlineKeyboardMarkup(inline_keyboard=rows)


def columns(label: str) -> int:
    """Width on the screen: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in label)


def _key(button: Button) -> InlineKeyboardButton:
    size = len(button.value.encode())
    if not 1 <= size <= LONGEST_DATA:
        raise UnusableButton(
            f"button {button.label!r}: value {button.value!r} has {size} bytes, not 1 to {LONGEST_DATA}"
        )
    if not button.label.strip():
        raise UnusableButton(f"button with value {button.value!r} has no label")
    return InlineKeyboardButton(text=button.label, callback_data=button.value)
