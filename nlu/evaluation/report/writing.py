"""Writes the report and its pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from nlu.evaluation.report.document import document
from nlu.evaluation.report.figures import draw
from nlu.evaluation.report.results import Results, Source
from nlu.training_data import Example


def write(results: Results, out: Path) -> None:
    """Write the Markdown to `out`, the pictures to a folder of the same name. Raises OSError."""
    pictures = draw(results.measured, out.with_suffix(""))
    out.write_text(document(results, pictures, out.stem), encoding="utf-8")


def sources(paths: Sequence[Path], examples: Sequence[Example]) -> tuple[Source, ...]:
    """What the report says about the files these examples were read from. Raises OSError."""
    counts = [sum(e.source.rpartition(":")[0] == path.name for e in examples) for path in paths]
    return tuple(
        Source(path.name, count, hashlib.sha256(path.read_bytes()).hexdigest())
        for path, count in zip(paths, counts, strict=True)
    )
