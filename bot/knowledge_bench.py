"""`shian bench knowledge`: ways of finding the item a question is about, on the same questions."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import yaml

from bot.bootstrap import knowledge_passages, load_retriever
from bot.settings import Settings
from content.library import Library, load_library
from nlu.evaluation import benchmark
from nlu.normalise import Normaliser
from nlu.retrieval import UNANSWERED, CharacterView, Floats, Passages, Retriever, spoken
from nlu.segment import build_segmenter
from nlu.sentences import sentence_encoder, word_encoder

Rows = dict[str, float | int | str]
View = Callable[[str], Floats]
WRONG = 0.02
K1, B = 1.5, 0.75  # of BM25


def measure(spread: Callable[[Sequence[float]], Rows]) -> Rows:
    """Right item first by each way, then what answering with abstention gets, and its time."""
    settings = Settings()
    library = load_library(settings.content)
    pairs = [p for p in knowledge_passages(library) if p[0] != UNANSWERED]
    asked = _questions("paraphrases")
    rows: Rows = {"questions": len(asked)}
    for name, view in _views([text for _, text in pairs]).items():
        rows[f"first_{name}"] = _first(view, pairs, library, asked)
    retriever = load_retriever(settings, library)
    rows |= _answering(retriever, library, asked)
    return rows | spread([_seconds(retriever, str(row["text"])) for row in asked])


def _views(texts: Sequence[str]) -> dict[str, View]:
    normaliser = Normaliser()
    plain = [spoken(normaliser, text) for text in texts]
    characters, words = CharacterView(plain), word_encoder()
    name, encode = sentence_encoder()
    by_word, by_sentence = words(plain), encode(plain)

    def said(view: View) -> View:
        return lambda text: view(spoken(normaliser, text))

    return {
        "character_tfidf": said(characters.likeness),
        "bm25_jieba": said(_bm25(plain)),
        "word_vectors": said(lambda text: by_word @ words([text])[0]),
        f"encoder_{name}": said(lambda text: by_sentence @ encode([text])[0]),
    }


def _bm25(texts: Sequence[str]) -> View:
    segmenter = build_segmenter(())

    def cut(text: str) -> Counter[str]:
        return Counter(word for word, _, _ in segmenter.words(text) if word.strip())

    bags = [cut(text) for text in texts]
    lengths = np.array([sum(bag.values()) for bag in bags], np.float32)
    frequency = Counter(word for bag in bags for word in bag)
    damping = K1 * (1 - B + B * lengths / lengths.mean())

    def likeness(text: str) -> Floats:
        total = np.zeros(len(bags), np.float32)
        for word in cut(text):
            rarity = math.log(1 + (len(bags) - frequency[word] + 0.5) / (frequency[word] + 0.5))
            counts = np.array([bag[word] for bag in bags], np.float32)
            total += rarity * counts * (K1 + 1) / (counts + damping)
        return total

    return likeness


def _first(
    view: View, pairs: Sequence[tuple[str, str]], library: Library, asked: list[dict[str, object]]
) -> float:
    keys = np.array([key for key, _ in pairs])
    passages = Passages(keys, np.zeros((0, 0), np.float32), CharacterView(["-"]))
    names = list(passages.places)
    right = 0
    for row in asked:
        best = names[int(passages.nearest(view(str(row["text"]))).argmax())]
        right += library.items[best].topic == row["topic"]
    return round(right / len(asked), 3)


def _answering(retriever: Retriever, library: Library, asked: list[dict[str, object]]) -> Rows:
    ranked = [(retriever.rank(str(row["text"]))[0], row["topic"]) for row in asked]
    right = [library.items[found.key].topic == topic for found, topic in ranked]
    said = [found.score >= 0.5 for found, _ in ranked]
    none = [retriever.rank(str(row["text"]))[0].score for row in _questions("no_item")]
    tuning = [_lead(retriever.rank(str(r["text"]))[0].score) for r in _questions("tuning")]
    return {
        "first_all_together": round(float(np.mean(right)), 3),
        "answered_rightly": round(float(np.mean(np.logical_and(right, said))), 3),
        "answered_wrongly": round(float(np.mean(np.logical_and(np.logical_not(right), said))), 3),
        "questions_without_item": len(none),
        "answered_without_item": round(float(np.mean([score >= 0.5 for score in none])), 3),
        "lead_to_add_by_tuning": round(float(np.quantile(tuning, 1 - WRONG)), 2),
    }


def _lead(score: float) -> float:
    return math.log(score / (1 - score)) if 0 < score < 1 else math.copysign(50.0, score - 0.5)


def _seconds(retriever: Retriever, text: str) -> float:
    start = time.perf_counter()
    retriever.find(text)
    return time.perf_counter() - start


def _questions(name: str) -> list[dict[str, object]]:
    from pathlib import Path

    path = Path(str(benchmark.__file__)).parent / "knowledge" / f"{name}.yml"
    rows: list[dict[str, object]] = yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
    return rows
