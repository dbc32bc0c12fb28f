"""知识竞赛: opened with questions about live items, joined with a nickname, each question answered once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from content.quizzes import Question
from handlers.campaigns.sampling_ports import Contest, ContestTexts, Entry
from handlers.errors import FormRefused, NoSuchCampaign
from handlers.knowledge.reviewing import taught
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.staff import check_role
from handlers.wording import check

QUESTIONS = range(3, 51)
LONGEST_QUESTION = 120  # seconds counted at most, so that a break ruins nobody's score


async def open_contest(
    services: Services, staff: Staff, title: str, opens: datetime, closes: datetime, count: int
) -> int:
    """A contest with questions chosen now; gives its id. Raises FormRefused, NotPermitted."""
    check_role(staff, "write_campaigns", "contest")
    now = services.clock.now()
    async with services.unit_of_work() as work:
        live = await live_questions(services, work, now)
        rules = (
            ("contest_title", 2 <= len(title) <= 40),
            ("times", closes > opens),
            ("over", closes > now),
            ("count", count in QUESTIONS),
            ("questions", count <= len(live)),
        )
        for name, kept in rules:
            if not kept:
                raise FormRefused(refused=name)
        check(title)
        mixed = sorted(live, key=lambda name: _mix(f"{title}|{opens.isoformat()}|{name}"))
        texts = ContestTexts(title, opens, closes, tuple(mixed[:count]))
        contest_id = await work.sampling.contests.add(texts, staff.login)
        await _audit(services, work, staff, "contest.opened", f"contest:{contest_id}")
        await work.commit()
    return contest_id


async def stop(services: Services, staff: Staff, contest_id: int) -> None:
    """End it before its time. Raises NoSuchCampaign."""
    check_role(staff, "write_campaigns", f"contest:{contest_id}")
    async with services.unit_of_work() as work:
        if not await work.sampling.contests.stop(contest_id):
            raise NoSuchCampaign(contest=contest_id)
        await _audit(services, work, staff, "contest.stopped", f"contest:{contest_id}")
        await work.commit()


async def hide(services: Services, staff: Staff, entry_id: int) -> int:
    """Take a nickname off the leaderboard; gives its contest. Raises NoSuchCampaign."""
    check_role(staff, "write_campaigns", f"entry:{entry_id}")
    async with services.unit_of_work() as work:
        entry = await work.sampling.contests.entry_by_id(entry_id)
        if entry is None or not await work.sampling.contests.hide(entry_id):
            raise NoSuchCampaign(entry=entry_id)
        await _audit(services, work, staff, "contest.hidden", f"entry:{entry_id}")
        await work.commit()
    return entry.contest_id


async def live_questions(
    services: Services, work: UnitOfWork, now: datetime
) -> dict[str, Question]:
    """Questions of items that may be told today."""
    items = await taught(services, work, now.date())
    live = {item.topic for item in items.values()}
    return {question.id: question for question in services.questions if question.topic in live}


async def next_question(
    services: Services, work: UnitOfWork, contest: Contest, entry: Entry, now: datetime
) -> tuple[int, Question] | None:
    """The first question not answered yet whose item was not pulled, with its place; None at the end.

    It counts as shown from the first time on: leaving and coming back wins no time.
    """
    answers = await work.sampling.contests.answers(entry.id)
    had = {answer.question for answer in answers if answer.choice is not None}
    live = await live_questions(services, work, now)
    for place, name in enumerate(contest.texts.questions):
        if name not in had and name in live:
            await work.sampling.contests.put(entry.id, name, now)
            return place, live[name]
    return None


async def answer(
    work: UnitOfWork, entry: Entry, question: Question, choice: int, now: datetime
) -> bool:
    """Count an answer; False for a question that was not shown, or was answered before."""
    answers = await work.sampling.contests.answers(entry.id)
    shown = next((a for a in answers if a.question == question.id), None)
    if shown is None or shown.choice is not None:
        return False
    spent = int((now - shown.asked_at) / timedelta(seconds=1))
    seconds, right = min(max(spent, 0), LONGEST_QUESTION), choice == question.right
    return await work.sampling.contests.answer(entry.id, question.id, choice, right, seconds)


def _mix(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def _audit(
    services: Services, work: UnitOfWork, staff: Staff, action: str, subject: str
) -> None:
    await work.audit.record(services.clock.now(), f"staff:{staff.login}", action, subject, {})
