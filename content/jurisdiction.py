"""One deployment's units and duty list: who answers for what, and where that is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.errors import ContentError, Problem
from content.schema import JurisdictionFile, RoutingFile, form_problems
from content.source import LINE, line_of, read_yaml

CONDITION_KINDS = ("venue", "hazard", "product", "stage", "severity", "intent", "place", "crime")
ROLES = [
    "office",
    "market",
    "agriculture",
    "police",
    "health",
    "education",
    "grain",
    "commerce",
    "environment",
    "land",
    "permits",
    "housing",
    "civil_affairs",
    "slaughter",
    "streets",
    "justice",
    "party",
]


@dataclass(frozen=True, slots=True)
class Unit:
    """A department. `collective` ones (各镇街) stand for several and never lead."""

    id: str
    name: str
    level: str | None
    parent: str | None
    confirmed: bool
    collective: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the duty list; `when` holds alternatives, `lead` only what the source names."""

    id: str
    item: str
    duty: str
    quoted_units: str
    routable: bool
    when: Mapping[str, frozenset[str]]
    lead: str | None
    assist: tuple[str, ...]
    joint: tuple[str, ...]
    local: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Default:
    """What holds where the duty list is silent; units are roles; every kind in `when` must fit."""

    id: str
    when: Mapping[str, frozenset[str]]
    lead: str
    assist: tuple[str, ...]
    alert: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class UrgentRule:
    """Who hears of danger to health first, whatever the duty list says."""

    lead: str
    assist: tuple[str, ...]
    by: Mapping[str, Mapping[str, str]]
    basis: str


@dataclass(frozen=True, slots=True)
class Grid:
    """网格: a place by the words its addresses hold, the unit and the 包保干部 (a login) copied in."""

    id: str
    name: str
    match: tuple[str, ...]
    unit: str | None
    cadre: str | None


@dataclass(frozen=True)
class Jurisdiction:
    """Everything local: units, roles, duties, and the defaults shared by all places."""

    id: str
    name: str
    office_name: str
    published_12315_channel: bool
    source: str
    units: Mapping[str, Unit]
    roles: Mapping[str, str | None]
    duties: tuple[Duty, ...]
    defaults: tuple[Default, ...]
    urgent: UrgentRule
    grids: tuple[Grid, ...] = ()

    @property
    def office(self) -> str:
        """The unit that triages: 食安办."""
        return self.roles["office"] or "shian"

    def role(self, name: str) -> str:
        """The unit that plays a role; 食安办 where the source names none."""
        return self.roles.get(name) or self.office

    def grid_of(self, address: str) -> Grid | None:
        """The grid whose longest word the address holds; None outside of all."""
        found = [(len(word), grid) for grid in self.grids for word in grid.match if word in address]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def unit_name(self, unit_id: str | None) -> str:
        """The Chinese name of a unit, or the id itself for one that left the list."""
        if unit_id is None:
            return self.units[self.office].name
        unit = self.units.get(unit_id)
        return unit.name if unit else unit_id


def load_jurisdiction(folder: Path, name: str) -> Jurisdiction:
    """The jurisdiction `name` under `folder`/jurisdictions; raises ContentError with every problem."""
    path = folder / "jurisdictions" / f"{name}.yml"
    if not path.exists():
        known = sorted(p.stem for p in path.parent.glob("*.yml"))
        raise ContentError(
            [Problem(path, 1, f"no jurisdiction {name!r}", f"use one of: {', '.join(known)}")]
        )
    raw, shared = read_yaml(path), read_yaml(folder / "routing.yml")
    problems = [
        *form_problems(path, raw, JurisdictionFile),
        *form_problems(folder / "routing.yml", shared, RoutingFile),
    ]
    problems = problems or list(_problems(path, raw))
    if problems:
        raise ContentError(problems)
    return _build(raw, shared)


def _build(raw: dict[str, Any], shared: dict[str, Any]) -> Jurisdiction:
    source = raw["source"]
    return Jurisdiction(
        id=raw["id"],
        name=raw["name"],
        office_name=raw["office_name"],
        published_12315_channel=bool(raw["published_12315_channel"]),
        source=f"{source['seed']}：{source['document']}",
        units={u["id"]: _unit(u) for u in raw["units"]},
        roles={k: v for k, v in raw["roles"].items() if k != LINE},
        duties=tuple(_duty(d) for d in raw["duties"]),
        defaults=tuple(_default(d) for d in shared["defaults"]),
        urgent=_urgent(shared["urgent"]),
        grids=tuple(_grid(g) for g in raw.get("grids", ())),
    )


def _unit(raw: dict[str, Any]) -> Unit:
    return Unit(**{k: v for k, v in raw.items() if k != LINE})


def _grid(raw: dict[str, Any]) -> Grid:
    return Grid(raw["id"], raw["name"], tuple(raw["match"]), raw["unit"], raw["cadre"])


def _when(raw: dict[str, Any]) -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(labels) for kind, labels in raw.items() if kind != LINE}


def _duty(raw: dict[str, Any]) -> Duty:
    fields: dict[str, Any] = {key: raw[key] for key in raw if key != LINE}
    fields.update({key: tuple(raw[key]) for key in ("assist", "joint", "local")})
    return Duty(**{**fields, "when": _when(raw["when"])})


def _default(raw: dict[str, Any]) -> Default:
    return Default(
        raw["id"],
        _when(raw["when"]),
        raw["lead"],
        tuple(raw["assist"]),
        tuple(raw["alert"]),
        raw["basis"],
    )


def _urgent(raw: dict[str, Any]) -> UrgentRule:
    by = {
        kind: {k: v for k, v in raw[f"by_{kind}"].items() if k != LINE}
        for kind in ("venue", "hazard", "stage")
    }
    return UrgentRule(raw["lead"], tuple(raw["assist"]), by, raw["basis"])


def _problems(path: Path, raw: dict[str, Any]) -> Iterator[Problem]:
    units = {u.get("id"): u for u in raw["units"]}
    yield from _unit_problems(path, raw["units"], set(units))
    yield from _role_problems(path, raw["roles"], set(units))
    yield from _grid_problems(path, raw.get("grids", []), set(units))
    seen: set[str] = set()
    for duty in raw["duties"]:
        yield from _duty_problems(path, duty, units, seen)


def _unit_problems(path: Path, rows: list[dict[str, Any]], known: set[Any]) -> Iterator[Problem]:
    for row in rows:
        if row.get("parent") not in known | {None}:
            yield Problem(
                path, line_of(row), f"parent {row['parent']!r} is no unit", "add it under units"
            )


def _role_problems(path: Path, roles: dict[str, Any], known: set[Any]) -> Iterator[Problem]:
    for role, unit in roles.items():
        if role == LINE:
            continue
        if role not in ROLES:
            yield Problem(
                path, line_of(roles), f"unknown role {role!r}", f"one of: {', '.join(ROLES)}"
            )
        if unit not in known | {None}:
            yield Problem(
                path, line_of(roles), f"role {role}: {unit!r} is no unit", "add it under units"
            )
    if not roles.get("office"):
        yield Problem(path, line_of(roles), "role office is empty", "name the unit of 食安办")


def _grid_problems(path: Path, rows: list[dict[str, Any]], known: set[Any]) -> Iterator[Problem]:
    for row in rows:
        if row["unit"] not in known | {None}:
            what = f"grid {row['id']} names unit {row['unit']!r}"
            yield Problem(path, line_of(row), what, "add it under units or mend it")


def _duty_problems(
    path: Path, duty: dict[str, Any], units: dict[Any, dict[str, Any]], seen: set[str]
) -> Iterator[Problem]:
    line, name = line_of(duty), duty.get("id", "?")
    if name in seen:
        yield Problem(path, line, f"duty {name} stands twice", "give each row its own id")
    seen.add(name)
    for unit in [duty["lead"], *duty["assist"], *duty["joint"], *duty["local"]]:
        if unit is not None and unit not in units:
            yield Problem(
                path, line, f"duty {name} names unit {unit!r}", "add it under units or mend it"
            )
    lead = units.get(duty["lead"])
    if lead and lead.get("collective"):
        yield Problem(
            path, line, f"duty {name}: {lead['id']} is collective", "name one unit as lead"
        )
    for kind in duty["when"]:
        if kind != LINE and kind not in CONDITION_KINDS:
            known = ", ".join(CONDITION_KINDS)
            yield Problem(path, line, f"duty {name}: condition {kind!r}", f"one of: {known}")
