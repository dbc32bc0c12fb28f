"""`shian knowledge`: what the library answers, without a conversation."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from bot.bootstrap import load_retriever
from bot.clock import WallClock
from bot.settings import Settings
from content.library import Library, load_library
from content.phrasebook import Phrasebook, load_phrasebook
from handlers.knowledge.answering import told
from nlu.retrieval import Retriever

app = typer.Typer(help="科普库：检索、回答", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A command group even while it has one command."""


@app.command("ask")
def ask(
    include_drafts: Annotated[
        bool, typer.Option("--include-drafts", help="也用还没有审核人签发的条目")
    ] = False,
) -> None:
    """JSON lines {"id","text"} on stdin, one line back for each, in order."""
    settings = Settings()
    library = load_library(settings.content)
    asked = Asked(library, load_retriever(settings, library), load_phrasebook(settings.content))
    found_problems = False
    for row in asked.answers(sys.stdin, drafts=include_drafts):
        found_problems |= "error" in row
        print(json.dumps(row, ensure_ascii=False), flush=True)
    raise SystemExit(1 if found_problems else 0)


class Asked:
    """Questions in, answers out."""

    def __init__(self, library: Library, retriever: Retriever, phrases: Phrasebook) -> None:
        self._library, self._retriever, self._phrases = library, retriever, phrases
        self._today = WallClock().now().date()

    def answers(self, lines: Iterable[str], *, drafts: bool) -> Iterator[dict[str, Any]]:
        """One object a line; a malformed line gives an error object and the run goes on."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                given = json.loads(line)
                text = given["text"]
                if not isinstance(text, str):
                    raise TypeError("text must be a string")
            except (ValueError, KeyError, TypeError) as error:
                yield {"error": f"line {number}: {error!r}"}
                continue
            yield {"id": given.get("id"), **self._answer(text, drafts=drafts)}

    def _answer(self, text: str, *, drafts: bool) -> dict[str, Any]:
        found = self._retriever.find(text)
        item = self._library.items[found.key] if found else None
        if found is None or item is None or not (drafts or item.live(self._today)):
            return {"topic": None, "item": None, "score": None, "answer": None}
        answer = told(item, self._phrases)
        return {
            "topic": item.topic, "item": item.id, "score": round(found.score, 4), "answer": answer
        }  # fmt: skip
