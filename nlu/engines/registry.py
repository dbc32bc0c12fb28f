"""The models of a folder: every version with its card, the one in use, and the way back.

`local.npz` is the model in use. `versions/` keeps the last ones, each with a card that says what
it was made of, how well it did, and why it is in use or not. `in_use.json` says for which training
data and code the model in use was chosen, where that is not what it was made of.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from nlu.engines.store import MODEL_FILE, ModelError, replacing, stored_version
from nlu.training_data import Example

KEPT = 5
_VERSIONS = "versions"
_CHOICE_FILE = "in_use.json"
_MARK = "+"
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one version. `trained_at` is an aware ISO time, `scores` shares of one.

    `sentences` of None: the model is older than its card.
    """

    version: str
    trained_at: str
    data_hash: str = ""
    code_hash: str = ""
    sentences: int | None = None
    corrections: int = 0
    scores: Mapping[str, float] | None = None
    promoted: bool = False
    why: str = ""


def with_extra(base: str, extra: Sequence[Example]) -> str:
    """The version of a model made of packaged sentences and `extra` examples."""
    if not extra:
        return base
    contents = sorted(repr(astuple(replace(example, source=""))) for example in extra)
    return base + _MARK + hashlib.sha256("\n".join(contents).encode()).hexdigest()[:_DIGITS]


def is_corrected(version: str | None) -> bool:
    """Whether a version learned more than the packaged sentences."""
    return version is not None and _MARK in version


def chosen_for(models: Path, base: str) -> bool:
    """Whether the model in use is the choice for the packaged data and code of hash `base`."""
    version = stored_version(models)
    if version is None:
        return False
    return version.partition(_MARK)[0] == base or _choice(models) == [version, base]


def keep(models: Path, model: Path, card: Card) -> Path:
    """Move a trained model file among the versions; gives its new place."""
    folder = models / _VERSIONS
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{card.version}.npz"
    write_card(models, card)
    return model.replace(target)


def write_card(models: Path, card: Card) -> None:
    """Write the card of a version, the new one or none of it."""
    content = json.dumps(asdict(card), ensure_ascii=False, indent=1)
    _write(models / _VERSIONS / f"{card.version}.json", content)


def copy_version(models: Path, version: str, folder: Path) -> Path:
    """Copy a kept version to another folder as its model. Raises ModelError when it is not kept."""
    return _copy(_kept(models, version), folder / MODEL_FILE)


def use(models: Path, version: str, base: str) -> Path:
    """Put a kept version in use for the packaged data and code of hash `base`.

    Raises ModelError when it is not kept.
    """
    source = _kept(models, version)
    # The choice first: until the model itself is replaced, it names another one and says nothing.
    _choose(models, version, base)
    return _copy(source, models / MODEL_FILE)


def stay_with_present(models: Path, base: str) -> None:
    """The model in use stays the choice, although it was not made of what `base` stands for."""
    version = stored_version(models)
    if version is not None:
        _choose(models, version, base)


def adopt(models: Path) -> None:
    """Keep the model in use among the versions, where it came there without a card."""
    version = stored_version(models)
    if version is None or (models / _VERSIONS / f"{version}.npz").exists():
        return
    present = models / MODEL_FILE
    trained_at = datetime.fromtimestamp(present.stat().st_mtime, UTC).astimezone().isoformat()
    (models / _VERSIONS).mkdir(exist_ok=True)
    _copy(present, models / _VERSIONS / f"{version}.npz")
    write_card(models, Card(version, trained_at, promoted=True, why="没有卡片的旧模型"))


def cards(models: Path) -> list[Card]:
    """Cards of the kept versions, newest first."""
    found = [_card(path) for path in (models / _VERSIONS).glob("*.json")]
    kept = [card for card in found if (models / _VERSIONS / f"{card.version}.npz").exists()]
    return sorted(kept, key=lambda card: datetime.fromisoformat(card.trained_at), reverse=True)


def previous(models: Path) -> str | None:
    """The newest version that was in use before the present one was trained; None without."""
    version = stored_version(models)
    known = cards(models)
    names = [card.version for card in known]
    older = known[names.index(version) + 1 :] if version in names else known
    return next((card.version for card in older if card.promoted), None)


def thin_out(models: Path) -> None:
    """Drop all but the last versions; the one in use, and the one before it, always stay."""
    spared = {stored_version(models), previous(models)}
    for card in cards(models)[KEPT:]:
        if card.version not in spared:
            for suffix in (".npz", ".json"):
                (models / _VERSIONS / f"{card.version}{suffix}").unlink(missing_ok=True)


def _kept(models: Path, version: str) -> Path:
    known = {card.version for card in cards(models)}
    if version not in known:
        raise ModelError(f"no version {version!r}; kept: {', '.join(sorted(known)) or 'none'}")
    return models / _VERSIONS / f"{version}.npz"


def _card(path: Path) -> Card:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Card(**{name: value for name, value in raw.items() if name in Card.__dataclass_fields__})


def _choice(models: Path) -> list[str] | None:
    try:
        raw = json.loads((models / _CHOICE_FILE).read_text(encoding="utf-8"))
        return [raw["version"], raw["chosen_for"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _choose(models: Path, version: str, base: str) -> None:
    _write(models / _CHOICE_FILE, json.dumps({"version": version, "chosen_for": base}))


def _copy(source: Path, target: Path) -> Path:
    """A reader sees the old file or the new one, never half of one."""
    with replacing(target) as file, source.open("rb") as given:
        shutil.copyfileobj(given, file)
    return target


def _write(path: Path, content: str) -> None:
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_text(content + "\n", encoding="utf-8")
    unfinished.replace(path)
