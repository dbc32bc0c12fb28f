"""The pictures of the report: SVG, the same bytes for the same results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu.evaluation.report.curves import BINS
from nlu.evaluation.report.results import Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#1f5fa8", "#c2571a", "#2e7d4f")
_GREY = "#777777"
_SETTINGS = {
    "svg.hashsalt": "shian",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NO_DATE: dict[str, Any] = {"Date": None, "Creator": None}
_OURS = ("confusion-*.svg", "reliability.svg", "coverage.svg")
_LEAST_COVERAGE = 0.3


@dataclass(frozen=True, slots=True)
class Picture:
    """A written picture: file name and what it shows."""

    name: str
    caption: str


def draw(engines: Sequence[Measured], folder: Path) -> list[Picture]:
    """Write the pictures of these engines, and remove those of an earlier run. Raises OSError."""
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    for old in (path for pattern in _OURS for path in folder.glob(pattern)):
        old.unlink()
    if not engines:
        return []
    # Style and salt are read when a figure is made and when it is saved: both happen in here.
    with matplotlib.rc_context(rc=_SETTINGS):  # type: ignore[arg-type]
        drawn = [(_confusion(e), *_confusion_names(e)) for e in engines]
        drawn.append((_reliability(engines), "reliability.svg", "Stated against observed accuracy"))
        drawn.append((_coverage(engines), "coverage.svg", "Accuracy against coverage"))
        return [_saved(figure, folder, Picture(name, text)) for figure, name, text in drawn]


def _confusion_names(engine: Measured) -> tuple[str, str]:
    return f"confusion-{engine.name}.svg", f"Intents of {engine.name}, gold against found"


def _saved(figure: Figure, folder: Path, picture: Picture) -> Picture:
    figure.savefig(folder / picture.name, format="svg", metadata=_NO_DATE)
    return picture


def _figure(columns: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(1, columns)))


def _confusion(engine: Measured) -> Figure:
    """Heat map of intents: shares of the gold label as colour, messages as numbers."""
    gold = sorted({a for a, _ in engine.intents})
    found = sorted({label for pair in engine.intents for label in pair})
    counts = np.array([[engine.intents.get((a, b), 0) for b in found] for a in gold])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, (axes,) = _figure(1, (3 + 0.36 * len(found), 2 + 0.32 * len(gold)))
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="#eeeeee", linewidth=0.5)
    axes.set_xticks(np.arange(len(found)) + 0.5, found, rotation=90)
    axes.set_yticks(np.arange(len(gold)) + 0.5, gold)
    axes.invert_yaxis()
    axes.set(xlabel="found", ylabel="gold", title=f"{engine.name}: intent")
    for row, column in np.argwhere(counts):
        _number(axes, row, column, counts[row, column], shares[row, column])
    return figure


def _number(axes: Axes, row: int, column: int, count: int, share: float) -> None:
    colour = "white" if share > 0.5 else "black"
    axes.text(column + 0.5, row + 0.5, str(count), ha="center", va="center", color=colour, size=7)


def _reliability(engines: Sequence[Measured]) -> Figure:
    figure, panels = _figure(len(engines), (4.2 * len(engines), 4))
    for axes, engine, colour in zip(panels, engines, _COLOURS, strict=False):
        _reliability_panel(axes, engine, colour)
    return figure


def _reliability_panel(axes: Axes, engine: Measured, colour: str) -> None:
    filled = [(i, one) for i, one in enumerate(engine.bins) if one.count]
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1)
    axes.bar(
        [(i + 0.5) / BINS for i, _ in filled],
        [one.right for _, one in filled],
        width=0.9 / BINS,
        color=colour,
        alpha=0.35,
    )
    axes.plot([b.stated for _, b in filled], [b.right for _, b in filled], "o", color=colour)
    for number, one in filled:
        axes.text((number + 0.5) / BINS, 0.01, str(one.count), ha="center", size=7)
    error = engine.scores.tasks["intent"].calibration_error
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="stated probability of the intent")
    axes.set(ylabel="share right", title=f"{engine.name}: calibration error {error:.3f}")


def _coverage(engines: Sequence[Measured]) -> Figure:
    """The intent's curve of each engine, its own threshold as a dot; the bar as lines."""
    figure, (axes,) = _figure(1, (7, 4.2))
    for engine, colour in zip(engines, _COLOURS, strict=False):
        _coverage_lines(axes, engine, colour)
    axes.axhline(0.95, color=_GREY, linestyle=":", linewidth=1)
    axes.axvline(0.90, color=_GREY, linestyle=":", linewidth=1)
    axes.set(xlim=(_LEAST_COVERAGE, 1.005), xlabel="coverage (most confident first)")
    axes.set(ylabel="accuracy", title="Accuracy against coverage; dot: the engine's own threshold")
    axes.legend(loc="lower left", frameon=False, fontsize=8)
    return figure


def _coverage_lines(axes: Axes, engine: Measured, colour: str) -> None:
    """Intent solid, leading department of each place broken."""
    shown = [p for p in engine.intent if p.coverage >= _LEAST_COVERAGE]
    axes.plot(
        [p.coverage for p in shown],
        [p.accuracy for p in shown],
        color=colour,
        label=f"{engine.name}: intent",
    )
    for lead, style in zip(engine.leads, ("--", ":", "-."), strict=False):
        points = [p for p in lead.of_matters if p.coverage >= _LEAST_COVERAGE]
        label = f"{engine.name}: department, {lead.place}"
        coverage, accuracy = [p.coverage for p in points], [p.accuracy for p in points]
        axes.plot(coverage, accuracy, color=colour, linestyle=style, linewidth=1, label=label)
    threshold = (1 - engine.scores.abstained, engine.scores.answered_accuracy)
    axes.plot(*threshold, "o", color=colour, markersize=7)
