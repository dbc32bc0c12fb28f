from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.settings import Settings


@pytest.mark.parametrize(
    "url",
    ["", "http://127.0.0.1:5005", "http://localhost:5005", "http://[::1]:5005", "https://rasa.lan"],
)
def test_a_private_line(url: str) -> None:
    assert Settings(rasa_url=url).rasa_url == url


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:5005", "http://rasa.lan", "rasa", "https://", "ftp://127.0.0.1"]
)
def test_no_line_others_can_listen_to(url: str) -> None:
    with pytest.raises(ValidationError, match="https"):
        Settings(rasa_url=url)


def test_the_token_is_not_shown() -> None:
    assert "geheim" not in repr(Settings(rasa_token="geheim"))
