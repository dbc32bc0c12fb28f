"""The report as Markdown: every number comes from the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from nlu.evaluation.report.bars import BARS, Bar
from nlu.evaluation.report.figures import Picture
from nlu.evaluation.report.markdown import listed, rate_cells, share, table
from nlu.evaluation.report.results import Measured, Missing, Results, Run
from nlu.evaluation.report.summary import NOT_MEASURED, side_by_side
from nlu.evaluation.scores import Rates
from nlu.taxonomy import SINGLE_TASKS

_NOTES = """\
- Every engine read the same sentences once, one at a time, in this run, after 20 to warm up.
- Accuracy at a coverage: the most confident answers that make up at least that share. Coverage at a
  precision: the largest share that can be answered that well. Answers of equal confidence go
  together, so a coverage is the next one that a threshold can reach.
- Calibration error: expected difference between stated and observed accuracy, ten equal bins.
- Macro F1: mean over the labels that occur; for hazards over those in the gold labels. An entity
  counts when type and both ends are right.
- Leading department: gold labels and found labels go through the same routing; the departments are
  compared. Confidence is the smaller one of intent and routing. Complaints and reports are those by
  gold labels; over all messages, routing nothing is right where nothing is to be routed. What the
  rules leave to the triage desk is led by the food-safety office, and states no confidence where no
  row fits.
- Urgent counts as the engine decides it.
- Memory and load time of local: a fresh process that has the bot's modules but no engine yet, and
  read 20 messages after loading. Of rasa: the server's processes after the run, and the time until
  the server was healthy.
- `–`: no such label in gold or in what was found. What an engine does not give is never filled in
  from the other one."""

_FOOD_NOTES = """\
Letters that citizens wrote to a government about anything; few concern food. Let in: the intent is
not `out_of_scope`; letters with that intent are pointed to 12345. Where the reading is doubtful the
dialog asks before it does either: `asked` counts those letters. They are judged by the reading like
the others; the last column leaves them out. The sample `enriched` was drawn from letters with food words, `random` from all, so only
`random` says how often such letters come, and only `enriched` has enough of them to score."""


def document(results: Results, pictures: Sequence[Picture], folder: str) -> str:
    """The whole report; `folder` is where the pictures lie, as seen from the report."""
    sections = (
        (
            "",
            "<!-- Written by `make nlu-report`. Do not edit. -->\n# How well messages are understood",
        ),
        ("This run", _run(results)),
        ("Against the bars", _against_the_bars(results)),
        ("Side by side", side_by_side(results)),
        ("Pictures", "\n\n".join(f"![{p.caption}]({folder}/{p.name})" for p in pictures)),
        ("Label by label", _label_by_label(results)),
        ("Food or not", _food(results)),
        ("How to read this", _NOTES),
    )
    blocks = [f"## {title}\n\n{text}" if title else text for title, text in sections]
    return "\n\n".join(blocks) + "\n"


def _run(results: Results) -> str:
    run = results.run
    models = [_model(one) for one in results.engines]
    heldout = table(
        ["held-out file", "sentences", "sha256"],
        ([one.name, str(one.sentences), f"`{one.sha256}`"] for one in run.heldout),
    )
    return "\n".join([*_circumstances(run), *models, "", heldout])


def _circumstances(run: Run) -> list[str]:
    training = run.training
    size = f"{training.sentences} sentences in {training.files} files"
    return [
        f"- Date: {run.at.isoformat(timespec='minutes')}",
        f"- Command: `{run.command}`",
        f"- Machine: {', '.join(f'{name} {value}' for name, value in run.machine.items())}",
        f"- Training data: {size}, hash `{training.data_hash}`",
    ]


def _model(engine: Measured | Missing) -> str:
    if isinstance(engine, Missing):
        return f"- Model of {engine.name}: {NOT_MEASURED}. {engine.why} {engine.remedy}"
    age = "" if engine.current else ", **not made of the present training data and code**"
    return f"- Model of {engine.name}: `{engine.version}`{age}"


def _against_the_bars(results: Results) -> str:
    rows = ([bar.name, bar.demand, *_standing(bar, results)] for bar in BARS)
    head = ["bar", "demand", *(one.name for one in results.engines)]
    reading = [_reading(one) for one in results.engines]
    return "\n\n".join([table(head, rows), *reading, _certainty(results.run)])


def _standing(bar: Bar, results: Results) -> list[str]:
    return [
        f"{bar.shown(e)} {'met' if bar.met(e) else '**missed**'}"
        if isinstance(e, Measured)
        else NOT_MEASURED
        for e in results.engines
    ]


def _reading(engine: Measured | Missing) -> str:
    if isinstance(engine, Missing):
        return f"**{engine.name}** was not measured. {engine.why} {engine.remedy}"
    met = [_told(bar, engine) for bar in BARS if bar.met(engine)]
    missed = [_told(bar, engine) for bar in BARS if not bar.met(engine)]
    found = [f"meets {len(met)} of {len(BARS)} bars"]
    found += [f"It meets {listed(met)}"] if met else []
    found += [f"It misses {listed(missed)}"] if missed else ["It misses none"]
    return f"**{engine.name}** {'. '.join(found)}."


def _told(bar: Bar, engine: Measured) -> str:
    return f"{bar.name} ({bar.shown(engine)}, demanded {bar.demand})"


def _certainty(run: Run) -> str:
    """How far chance alone may move a share near the bars."""
    count = sum(one.sentences for one in run.heldout)
    points = 196 * (0.95 * 0.05 / max(count, 1)) ** 0.5
    return (
        f"With {count} sentences, chance alone moves a share of 0.95 by about {points:.1f} points "
        "up or down; shares of fewer messages by more."
    )


Labels = Callable[[Measured], Mapping[str, Rates]]


def _label_by_label(results: Results) -> str:
    if not results.measured:
        return "No engine was measured."
    missing = [f"{one.name}: {NOT_MEASURED}." for one in results.missing]
    tasks: list[tuple[str, Labels]] = [(task, partial(_of_task, task)) for task in SINGLE_TASKS]
    tasks += [("hazards", lambda m: m.scores.hazards), ("entities", lambda m: m.scores.entities)]
    tables = [f"### {name}\n\n{_label_table(of, results.measured)}" for name, of in tasks]
    return "\n\n".join([*missing, *tables])


def _of_task(task: str, engine: Measured) -> Mapping[str, Rates]:
    return engine.scores.tasks[task].per_label


def _label_table(of: Labels, engines: Sequence[Measured]) -> str:
    labels = sorted({label for one in engines for label in of(one)})
    measures = ("precision", "recall", "F1")
    head = [
        "label",
        "support",
        *(f"{one.name} {measure}" for one in engines for measure in measures),
    ]
    return table(head, (_label_row(label, [of(one) for one in engines]) for label in labels))


def _label_row(label: str, rates: Sequence[Mapping[str, Rates]]) -> list[str]:
    found = [one.get(label, Rates(0, 0, 0)) for one in rates]
    support = max(one.gold for one in found)
    whole = [r if r.gold == support else Rates(support, 0, 0) for r in found]
    return [label, str(support), *(cell for one in whole for cell in rate_cells(one))]


def _food(results: Results) -> str:
    if not results.run.letters:
        return "Not measured: the file of letters was not there. `--letters` names it."
    head = ["engine", "sample", "letters", "food", "let in", "precision", "recall", "F1"]
    head += ["asked", "F1 without those"]
    rows = [
        [
            engine.name,
            one.sample,
            str(one.letters),
            str(one.let_in.gold),
            str(one.let_in.found),
            *rate_cells(one.let_in),
            str(one.asked),
            rate_cells(one.at_once)[-1],
        ]
        for engine in results.measured
        for one in engine.letters
    ]
    rows += [[one.name, NOT_MEASURED, *[""] * (len(head) - 2)] for one in results.missing]
    scores = [f"{e.name} {share(e.letters[-1].let_in.f1)}" for e in results.measured if e.letters]
    sentence = f"F1 of “let in”, all letters of {results.run.letters}: {listed(scores)}."
    return "\n\n".join([_FOOD_NOTES, *([sentence] if scores else []), table(head, rows)])
