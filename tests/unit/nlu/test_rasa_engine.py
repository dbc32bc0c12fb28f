"""The Rasa engine on replies recorded from the real server (`rasa_replies.json`)."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nlu.engines import rasa_client
from nlu.engines.rasa import LENGTH_LIMIT, RasaEngine, sendable
from nlu.engines.rasa_client import RasaClient, RasaUnavailable
from nlu.taxonomy import Taxonomy

RECORDED = json.loads(Path(__file__).with_name("rasa_replies.json").read_text(encoding="utf-8"))
CASES = [(case["text"], case["reply"]) for case in RECORDED["parse"]]


class Recorded:
    """A server that says what the real one said."""

    def __init__(self, reply: Mapping[str, Any]) -> None:
        self.reply: Mapping[str, Any] | None = reply
        self.loaded = RECORDED["status"]
        self.asked: list[str] = []

    def parse(self, text: str) -> Mapping[str, Any]:
        self.asked.append(text)
        if self.reply is None:
            raise RasaUnavailable("TimeoutError")
        return self.reply

    def status(self) -> Mapping[str, Any]:
        return self.loaded


@pytest.mark.parametrize(("text", "reply"), CASES)
def test_a_recorded_reply(
    text: str, reply: dict[str, Any], now: datetime, taxonomy: Taxonomy
) -> None:
    heard = RasaEngine(Recorded(reply)).understand(text, now)
    tasks = reply["tasks"]
    assert (heard.intent, heard.confidence) == tuple(reply["intent"].values())
    assert heard.severity == tasks["severity"]["name"]
    assert (heard.stage, heard.venue, heard.product) == tuple(
        tasks[task]["name"] for task in ("stage", "venue", "product")
    )
    assert heard.hazards == tuple(one["name"] for one in tasks["hazards"])
    assert heard.engine == "rasa" and heard.model_version.startswith("rasa-")
    assert all(text[e.start : e.end] == e.text for e in heard.entities)
    assert len(heard.entities) == len(reply["entities"])


def test_what_rasa_lacks_stays_empty(now: datetime) -> None:
    for text, reply in CASES:
        heard = RasaEngine(Recorded(reply)).understand(text, now)
        assert heard.evidence == () and all(entity.value is None for entity in heard.entities)


def test_a_doubtful_intent_abstains(now: datetime) -> None:
    text, reply = CASES[0]
    sure = reply["intent"]["confidence"]
    assert RasaEngine(Recorded(reply), answer=sure + 0.001).understand(text, now).abstained
    assert not RasaEngine(Recorded(reply), answer=sure).understand(text, now).abstained


def damaged(*path: str | int, value: object) -> dict[str, Any]:
    reply = copy.deepcopy(CASES[0][1])
    place: Any = reply
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return reply


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"text": "x", "intent": {"name": None, "confidence": 0.0}, "entities": []},
        damaged("tasks", value={}),
        damaged("intent", "name", value="greet"),
        damaged("intent", "confidence", value=7),
        damaged("intent", "confidence", value=None),
        damaged("tasks", "severity", "name", value=None),
        damaged("tasks", "hazards", value=[{"name": "fire", "confidence": 1}]),
        damaged("entities", value=[{"entity": "food", "start": 3, "end": 3000}]),
        damaged("entities", value=[{"entity": "planet", "start": 0, "end": 1}]),
    ],
)
def test_an_unreadable_reply_counts_as_away(reply: dict[str, Any], now: datetime) -> None:
    with pytest.raises(RasaUnavailable):
        RasaEngine(Recorded(reply)).understand(CASES[0][0], now)


def test_after_a_failure_the_version_is_asked_again(now: datetime) -> None:
    text, reply = CASES[0]
    server = Recorded(reply)
    engine = RasaEngine(server)
    engine.understand(text, now)
    server.reply = None
    with pytest.raises(RasaUnavailable):
        engine.understand(text, now)
    server.reply, server.loaded = reply, {"model_file": "/models/rasa-other.tar.gz"}
    assert engine.understand(text, now).model_version == "rasa-other"


@pytest.mark.parametrize("text", ["", " \n", "。。。", "😀"])
def test_what_says_nothing_is_not_sent(text: str, now: datetime) -> None:
    server = Recorded(CASES[0][1])
    heard = RasaEngine(server).understand(text, now)
    assert heard.abstained and heard.confidence == 0 and server.asked == []


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("/report 食堂", "／report 食堂"),
        (" \n/withdraw", " \n／withdraw"),
        ("食堂/后厨", "食堂/后厨"),
        ("坏\ud83d了", "坏\ufffd了"),
        ("好" * 5000, "好" * LENGTH_LIMIT),
    ],
)
def test_what_is_sent(text: str, sent: str) -> None:
    assert sendable(text) == sent
    sent.encode()


def test_errors_and_repr_tell_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> tuple[int, bytes]:
        raise ConnectionRefusedError("http://127.0.0.1:1/model/parse?token=secret")

    monkeypatch.setattr(rasa_client.RasaClient, "_exchange", refuse)
    client = RasaClient("http://127.0.0.1:1", "secret")
    with pytest.raises(RasaUnavailable) as told:
        client.parse("x")
    assert "secret" not in f"{told.value!r}{client!r}"
    assert told.value.__suppress_context__


@pytest.mark.parametrize(
    ("status", "content"),
    [(401, b"{}"), (302, b""), (200, b"[]"), (200, b"<html>"), (200, b""), (500, b"{}")],
)
def test_any_other_answer_is_away(
    status: int, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_client.RasaClient, "_exchange", lambda *_: (status, content))
    with pytest.raises(RasaUnavailable):
        RasaClient("http://127.0.0.1:1").status()
