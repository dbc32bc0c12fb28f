"""A campaign as the citizen reads it: the text, its source, the buttons, the way out."""

from __future__ import annotations

from collections.abc import Mapping

from content.hant import in_script
from content.library import Item
from content.quizzes import Question
from handlers.campaigns.ports import Campaign
from handlers.messages import Button, Reply
from handlers.services import Services

LETTERS = "ABCDEF"


def compose(
    services: Services, campaign: Campaign, variant: int, locale: str, taught: Mapping[str, Item]
) -> Reply:
    """The message of one wording in one script. Raises KeyError for a subject no longer taught."""
    body, own = _body(services, campaign, variant, locale, taught)
    phrases = services.phrases
    footer = phrases.text(
        "campaign.footer", locale, office=in_script(services.jurisdiction.office_name, locale)
    )
    act = (
        [(f"campaign.do_{campaign.action}", f"begin:{campaign.action}")] if campaign.action else []
    )
    more = [
        ("campaign.read", f"cp:{campaign.id}:read"),
        ("campaign.stop", f"sub:off:{campaign.id}"),
    ]
    if campaign.kind == "item":
        more[0] = ("campaign.more", f"cp:{campaign.id}:more")
    standing = [Button(phrases.text(key, locale), value) for key, value in (*act, *more)]
    return Reply(f"{body}\n\n{footer}", (*own, *standing), picture=campaign.picture)


def question(services: Services, name: str) -> Question | None:
    """The quiz question of that id."""
    return next((q for q in services.questions if q.id == name), None)


def _body(
    services: Services, campaign: Campaign, variant: int, locale: str, taught: Mapping[str, Item]
) -> tuple[str, tuple[Button, ...]]:
    phrases = services.phrases
    if campaign.kind == "item":
        item = taught[campaign.subject]
        source = {"issuer": item.source.issuer, "date": item.source.date or ""}
        told = phrases.text("campaign.item", title=item.title, short=item.short, **source)
        return in_script(told, locale), ()
    if campaign.kind == "quiz":
        asked = question(services, campaign.subject)
        if asked is None:
            raise KeyError(campaign.subject)
        options = [f"{letter}. {o}" for letter, o in zip(LETTERS, asked.options, strict=False)]
        text = phrases.text("quiz.ask", ask=asked.ask, options="\n".join(options))
        buttons = [
            Button(in_script(option, locale), f"quiz:{asked.id}:{n}")
            for n, option in enumerate(options)
        ]
        return in_script(text, locale), tuple(buttons)
    return in_script(campaign.wordings[variant], locale), ()
