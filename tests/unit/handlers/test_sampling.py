"""From votes to a plan: largest remainder over product, item and place; counts and bars."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.campaigns.polls import checked, next_time
from handlers.campaigns.sampling import bar, plan, tally
from handlers.campaigns.sampling_ports import PollTexts
from handlers.errors import ForbiddenWording, FormRefused

AT = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
CHOICES = st.tuples(*(st.one_of(st.none(), st.integers(0, 2)) for _ in range(3)))
VOTES = st.dictionaries(CHOICES, st.integers(1, 50), max_size=12)


def texts(**more: object) -> PollTexts:
    made = {
        "title": "十一月你点我检",
        "opens_at": AT,
        "closes_at": AT.replace(day=30),
        "products": ("豆芽", "猪肉"),
        "items": ("农药残留", "兽药残留"),
        "places": ("菜市场", "超市"),
        "samples": 10,
        "repeat": "once",
    }
    return PollTexts(**{**made, **more})  # type: ignore[arg-type]


def test_samples_follow_the_votes() -> None:
    votes = {(0, 0, 0): 60, (1, 1, 1): 30, (1, 1, 0): 10}
    assert Counter(plan(votes, (2, 2, 2), 10)) == {(0, 0, 0): 6, (1, 1, 1): 3, (1, 1, 0): 1}


def test_what_is_left_goes_to_the_largest_remainder_and_ties_to_the_first() -> None:
    votes = {(0, 0, 0): 5, (0, 1, 0): 3, (1, 0, 0): 3}
    assert plan(votes, (2, 2, 1), 2) == [(0, 0, 0), (0, 1, 0)]
    assert plan({(1, 0, 0): 1, (0, 0, 0): 1}, (2, 1, 1), 1) == [(0, 0, 0)]


def test_anything_is_shared_out_evenly() -> None:
    assert plan({(None, 0, 0): 4}, (2, 1, 1), 4) == [(0, 0, 0)] * 2 + [(1, 0, 0)] * 2


def test_without_votes_the_lists_decide() -> None:
    assert plan({}, (2, 1, 2), 3) == [(0, 0, 0), (0, 0, 1), (1, 0, 0)]


@given(VOTES, st.integers(1, 60))
def test_a_plan_is_whole_fair_and_the_same_every_time(votes: dict, samples: int) -> None:
    made = plan(votes, (3, 3, 3), samples)
    assert len(made) == samples
    assert made == plan(dict(reversed(votes.items())), (3, 3, 3), samples)
    if all(None not in choice for choice in votes):
        total, given_out = sum(votes.values()) or 1, Counter(made)
        for cell, count in votes.items():
            assert abs(given_out[cell] - samples * count / total) < 1


def test_counts_come_with_the_most_wanted_first_and_a_bar() -> None:
    counts = tally({(1, 0, 0): 8, (0, None, 0): 1, (None, 0, 0): 3}, 0, ["豆芽", "猪肉", "虾"])
    assert [(c.label, c.votes, bar(c)) for c in counts] == [
        ("猪肉", 8, "▇▇▇▇▇▇▇▇"),
        ("豆芽", 1, "▇"),
        ("虾", 0, ""),
    ]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"title": ""}, "title"),
        ({"closes_at": AT}, "times"),
        ({"samples": 0}, "samples"),
        ({"repeat": "daily"}, "repeat"),
        ({"products": ()}, "products"),
        ({"items": ("农药残留", "农药残留")}, "items"),
        ({"places": ("都可以",)}, "places"),
        ({"places": ("超" * 17,)}, "places"),
    ],
)
def test_a_poll_that_cannot_be_is_refused(given: dict[str, object], refused: str) -> None:
    with pytest.raises(FormRefused) as caught:
        checked(texts(**given), "都可以")
    assert caught.value.details == {"refused": refused}


def test_a_poll_promises_nothing() -> None:
    with pytest.raises(ForbiddenWording):
        checked(texts(title="投票一定有奖励"), "都可以")


@pytest.mark.parametrize(
    ("repeat", "now", "opens", "closes"),
    [
        ("weekly", "2026-12-01", "2026-12-01", "2026-12-07"),
        ("weekly", "2026-12-20", "2026-12-15", "2026-12-21"),
        ("quarterly", "2026-12-01", "2027-02-24", "2027-02-28"),
        ("quarterly", "2027-06-01", "2027-08-24", "2027-08-28"),
    ],
)
def test_the_next_one_ends_in_the_future(repeat: str, now: str, opens: str, closes: str) -> None:
    made = next_time(texts(repeat=repeat), datetime.fromisoformat(f"{now}T12:00:00+08:00"))
    assert (f"{made.opens_at:%Y-%m-%d}", f"{made.closes_at:%Y-%m-%d}") == (opens, closes)
