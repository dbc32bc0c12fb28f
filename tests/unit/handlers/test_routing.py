"""Who answers, by the precedence of the founding documents, for both jurisdictions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from content.jurisdiction import Jurisdiction, load_jurisdiction
from handlers.tickets.routing import Facts, place_in, route

IDS = ("changzhou_xinbei", "suining_hedong")


@pytest.fixture(params=IDS)
def place(request: pytest.FixtureRequest) -> Jurisdiction:
    return load_jurisdiction(Settings().content, request.param)


def facts(intent: str = "report", **labels: Any) -> Facts:
    return Facts(intent, **labels)


@pytest.mark.parametrize("intent", ["consult", "track", "smalltalk", "rumour_check", "human"])
def test_what_is_no_matter_is_not_routed(place: Jurisdiction, intent: str) -> None:
    routing = route(facts(intent, venue="restaurant"), place)
    assert (routing.lead, routing.abstained) == (None, False)


def test_danger_goes_to_market_office_and_health_at_once(place: Jurisdiction) -> None:
    routing = route(facts(severity="urgent", hazards=("illness",)), place)
    assert routing.lead == place.role("market")
    assert {place.office, place.role("health")} <= set(routing.assist)
    assert not routing.abstained


@pytest.mark.parametrize(
    ("venue", "role"),
    [("school", "education"), ("elderly_home", "civil_affairs"), ("construction_site", "housing")],
)
def test_danger_where_people_eat_together(place: Jurisdiction, venue: str, role: str) -> None:
    routing = route(facts(severity="urgent", hazards=("illness",), venue=venue), place)
    assert place.role(role) in routing.assist


def test_danger_is_stronger_than_doubt(place: Jurisdiction) -> None:
    doubtful = {"severity": 0.1, "venue": 0.1}
    routing = route(facts(severity="urgent", hazards=("illness",), probabilities=doubtful), place)
    assert routing.lead == place.role("market")
    assert not routing.abstained


def test_an_accused_unit_never_receives_it_not_even_in_danger(place: Jurisdiction) -> None:
    routing = route(facts(severity="urgent", hazards=("illness", "official_conduct")), place)
    assert routing.lead == place.office
    assert place.role("market") not in routing.assist


def test_poisoning_on_purpose_tells_the_police(place: Jurisdiction) -> None:
    routing = route(facts(severity="urgent", hazards=("poisoning_crime",)), place)
    assert place.role("police") in routing.assist
    assert routing.duty == "default-04"  # its basis names the lead; default-08 names the police


@pytest.mark.parametrize("hazard", ["official_conduct", "retaliation"])
def test_officials_are_for_the_office_not_for_themselves(place: Jurisdiction, hazard: str) -> None:
    routing = route(facts(hazards=(hazard,), venue="restaurant", stage="catering"), place)
    assert (routing.lead, routing.duty) == (place.office, "default-14")


@pytest.mark.parametrize(
    ("labels", "role"),
    [
        ({"stage": "breeding", "venue": "farm", "hazards": ("vetdrug_residue",)}, "agriculture"),
        ({"stage": "planting", "hazards": ("pesticide_residue",)}, "agriculture"),
        ({"stage": "catering", "venue": "restaurant", "hazards": ("unhygienic",)}, "market"),
        ({"stage": "distribution", "venue": "supermarket", "hazards": ("expired",)}, "market"),
        ({"stage": "production", "venue": "factory"}, "market"),
    ],
)
def test_ordinary_matters(place: Jurisdiction, labels: dict[str, Any], role: str) -> None:
    routing = route(facts(**labels), place)
    assert routing.lead == place.role(role)
    assert routing.duty
    assert routing.basis


def test_nothing_known_goes_to_the_triage_desk(place: Jurisdiction) -> None:
    routing = route(facts(), place)
    assert (routing.lead, routing.abstained, routing.duty) == (place.office, True, "default-16")


def test_doubt_goes_to_the_triage_desk_with_the_candidate(place: Jurisdiction) -> None:
    sure = route(facts(stage="catering", venue="restaurant"), place)
    doubtful = {"stage": 0.2, "venue": 0.2}
    routing = route(facts(stage="catering", venue="restaurant", probabilities=doubtful), place)
    assert routing.abstained
    assert routing.lead == place.office
    assert routing.candidates == (sure.lead,)
    assert routing.probability == 0.2


def test_every_default_names_a_unit(place: Jurisdiction) -> None:
    for default in place.defaults:
        assert place.role(default.lead) in place.units


def test_lead_never_assists_itself_and_all_units_exist(place: Jurisdiction) -> None:
    for venue in ("school", "farm", "restaurant", "farmers_market", "delivery_platform", None):
        for severity in ("normal", "illness", "urgent"):
            for hazard in ("illness", "expired", "sick_dead_meat", "pollution", "wild_animal"):
                routing = route(facts(venue=venue, severity=severity, hazards=(hazard,)), place)
                assert routing.lead in place.units
                assert routing.lead not in routing.assist
                assert set(routing.assist) <= set(place.units)
                assert len(set(routing.assist)) == len(routing.assist)
                assert not (routing.confirmed and (routing.duty or "").startswith("default"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("村口小卖部卖三无辣条", "rural"),
        ("李家村赶集卖的假奶粉", "rural"),
        ("太湖新村楼下的早餐店", None),
        ("村镇银行旁边的面馆", None),
        ("林场边上采的蘑菇", "forest"),
    ],
)
def test_the_kind_of_place_is_heard(text: str, kind: str | None) -> None:
    assert place_in(text) == kind


def test_a_place_alone_decides_where_a_row_asks_for_it() -> None:
    place = load_jurisdiction(Settings().content, "changzhou_xinbei")
    routing = route(facts(place="rural"), place)
    assert (routing.lead, routing.duty) == (place.role("market"), "xb-050")
