"""A campaign's states and what must be true before it moves on: all of it in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from handlers.campaigns.ports import Audience, Campaign
from handlers.errors import CampaignRefused, MoveNotAllowed, NotPermitted
from handlers.ports import Staff
from handlers.wording import findings

MOVES: Mapping[str, Mapping[str, str]] = {
    "draft": {"edit": "draft", "approve": "reviewed", "cancel": "cancelled"},
    "reviewed": {
        "edit": "draft", "approve": "reviewed", "send_back": "draft", "schedule": "scheduled",
        "cancel": "cancelled",
    },
    "scheduled": {
        "unschedule": "reviewed", "start": "sending", "expire": "expired", "stop": "paused",
        "cancel": "cancelled",
    },
    "sending": {"pause": "paused", "finish": "sent", "cancel": "cancelled"},
    "paused": {"resume": "sending", "cancel": "cancelled"},
}  # fmt: skip
PUBLICISTS = frozenset({"publicist"})
APPROVERS = frozenset({"publicist", "reviewer", "supervisor"})
MAY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("create", "edit", "schedule", "unschedule", "pause", "resume", "cancel", "test"),
        PUBLICISTS,
    ),
    "approve": APPROVERS,
    "send_back": APPROVERS,
}
LONGEST = 3500  # code points: with the footer it stays one Telegram message
LONGEST_CAPTION = 900  # beside a picture
FURTHEST = timedelta(days=400)
ACTIONS = ("", "poll", "quiz", "subscribe")
POLICIES = ("at_least_once", "never_twice")
MARKUP = re.compile(
    r"</?[a-zA-Z][^>]{0,80}>|\*\*[^*]+\*\*|\[[^\]]+\]\(https?:|&(?:nbsp|lt|gt|amp|quot);|\{\{?\w*\}?\}"
)


def may(staff: Staff, action: str) -> bool:
    """Whether the role does that to campaigns at all."""
    return staff.role in MAY[action]


def check_may(staff: Staff, action: str) -> None:
    """Raise NotPermitted for a role that does not."""
    if not may(staff, action):
        raise NotPermitted(action=action, role=staff.role, ticket="")


def move(campaign: Campaign, action: str) -> None:
    """Take a step of the table; raises MoveNotAllowed."""
    target = MOVES.get(campaign.state, {}).get(action)
    if target is None:
        raise MoveNotAllowed(state=campaign.state, move=action)
    campaign.state = target


def approved(campaign: Campaign) -> bool:
    """Four eyes; six, a supervisor's among them, for everyone at once or out of quiet hours."""
    others = {a.login: a.role for a in campaign.approvals if a.login != campaign.author}
    if campaign.audience.everyone or campaign.urgent:
        return len(others) >= 2 and "supervisor" in others.values()
    return bool(others)


def check_fit(campaign: Campaign, subject_live: bool) -> None:
    """Raise CampaignRefused with everything that speaks against sending it as it stands."""
    found = [*_of_text(campaign), *_of_audience(campaign.audience)]
    if campaign.kind != "text" and not subject_live:
        found.append("subject_not_live")
    known = campaign.policy in POLICIES and campaign.action in ACTIONS
    if not known or not 1 <= campaign.late_hours <= 24 * 14:
        found.append("settings")
    if found:
        raise CampaignRefused(reasons=tuple(dict.fromkeys(found)))


def check_due(due: datetime, now: datetime) -> None:
    """Raise CampaignRefused for a time that is over, or too far away to mean it."""
    if due < now - timedelta(minutes=1):
        raise CampaignRefused(reasons=("past",))
    if due > now + FURTHEST:
        raise CampaignRefused(reasons=("far",))


def _of_text(campaign: Campaign) -> Iterator[str]:
    longest = LONGEST_CAPTION if campaign.picture else LONGEST
    if not campaign.title.strip():
        yield "no_title"
    if campaign.kind == "text" and not 1 <= len(campaign.wordings) <= 2:
        yield "no_text"
    for text in campaign.wordings:
        if not text.strip():
            yield "no_text"
        if len(text) > longest:
            yield "too_long"
        if MARKUP.search(text):
            yield "markup"
        if findings(text, from_bot=True):
            yield "forbidden"


def _of_audience(audience: Audience) -> Iterator[str]:
    if not audience.topics and not audience.everyone:
        yield "no_audience"
    if audience.topics and audience.everyone:
        yield "audience_both"
