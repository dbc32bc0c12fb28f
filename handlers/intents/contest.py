"""知识竞赛 in the chat: join with a nickname, answer each question once, leaderboard, certificate."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from content.hant import in_script
from content.quizzes import Question
from handlers.campaigns import contests, nicknames
from handlers.campaigns.sampling_ports import Contest, Entry
from handlers.knowledge import quiz
from handlers.turn import Turn
from handlers.words import NO, is_one_of, wants_to_cancel

RANKING = re.compile(r"排[行名]|名次|第几名?|[榜][上单單]")
AT_MOST, WITHIN = 20, timedelta(minutes=1)  # answers of one citizen
TOP = 10
CERTIFICATE = "contest"


async def offer(turn: Turn) -> None:
    """The contest that is on, or the quiz without points."""
    contest = await turn.work.sampling.contests.running(turn.now)
    if RANKING.search(turn.text) and await turn.work.sampling.contests.newest(turn.now):
        await leaderboard(turn)
    elif contest is None:
        await quiz.ask(turn)
    else:
        entry = await turn.work.sampling.contests.entry(contest.id, turn.citizen.id)
        go = "button.contest_on" if entry else "button.contest_join"
        buttons = [
            (go, f"contest:go:{contest.id}"),
            ("button.contest_top", f"contest:top:{contest.id}"),
        ]
        closes = contest.texts.closes_at.astimezone(turn.now.tzinfo)
        count, title = len(contest.texts.questions), _said(turn, contest.texts.title)
        more = ("button.contest_practice", "begin:quiz")
        turn.say(
            "contest.offer",
            [*buttons, more],
            title=title,
            count=count,
            closes=f"{closes:%Y-%m-%d %H:%M}",
        )


async def leaderboard(turn: Turn) -> None:
    """The first ten of the newest contest, and one's own place."""
    contest = await turn.work.sampling.contests.newest(turn.now)
    if contest is None:
        turn.say("contest.none", [("button.contest_practice", "begin:quiz")])
    else:
        await _top(turn, contest)


async def pressed(turn: Turn, rest: str) -> None:
    """A button of a contest: go:id, top:id, q:id:place:choice."""
    what, _, value = rest.partition(":")
    numbers = value.split(":")
    whole = all(n.isascii() and n.isdecimal() and len(n) <= 9 for n in numbers)
    contest = await turn.work.sampling.contests.get(int(numbers[0])) if whole else None
    if contest is None or (what, len(numbers)) not in (("go", 1), ("top", 1), ("q", 3)):
        turn.say("bad.old_button")
    elif what == "top":
        await _top(turn, contest)
    elif not contest.open_at(turn.now):
        turn.say("contest.over", [("button.contest_top", f"contest:top:{contest.id}")])
    elif what == "go":
        await _go(turn, contest)
    else:
        await _answered(turn, contest, int(numbers[1]), int(numbers[2]))


async def take_nickname(turn: Turn) -> bool:
    """The nickname asked for; refused ones are told why and asked for again."""
    contest_id, turn.dialog.naming = turn.dialog.naming, None
    if contest_id is None or not turn.text or turn.dialog.stale(turn.now):
        return False
    if wants_to_cancel(turn.text) or is_one_of(turn.text, NO):
        turn.say("contest.not_joined")
        return True
    if len(turn.text) > 3 * nicknames.LENGTH.stop:
        return False  # a story, not a name
    contest = await turn.work.sampling.contests.get(contest_id)
    if contest is None or not contest.open_at(turn.now):
        turn.say("contest.over")
    else:
        await _join(turn, contest, " ".join(turn.text.split()))
    return True


async def _join(turn: Turn, contest: Contest, name: str) -> None:
    place, abuse = turn.services.jurisdiction, turn.services.abuse
    offices = [place.office_name, *(unit.name for unit in place.units.values())]
    wrong = nicknames.refused(name, abuse, offices)
    entry = None
    if wrong is None:
        key = nicknames.key(name, abuse)
        entry = await turn.work.sampling.contests.join(contest.id, turn.citizen.id, name, key)
    if entry is None:
        turn.dialog.naming = contest.id
        turn.say(f"nickname.{wrong or 'taken'}")
        return
    turn.record("contest.joined", contest=contest.id)
    turn.say("contest.joined", name=name, count=len(contest.texts.questions))
    await _next(turn, contest, entry)


async def _go(turn: Turn, contest: Contest) -> None:
    entry = await turn.work.sampling.contests.entry(contest.id, turn.citizen.id)
    if entry is None:
        turn.dialog.naming = contest.id
        turn.say("contest.ask_name")
    else:
        await _next(turn, contest, entry)


async def _answered(turn: Turn, contest: Contest, place: int, choice: int) -> None:
    entry = await turn.work.sampling.contests.entry(contest.id, turn.citizen.id)
    live = await contests.live_questions(turn.services, turn.work, turn.now)
    names = contest.texts.questions
    question = live.get(names[place]) if place < len(names) else None
    if await _too_fast(turn, contest):
        return
    if entry is None or question is None or choice >= len(question.options):
        turn.say("bad.old_button")
    elif not await contests.answer(turn.work, entry, question, choice, turn.now):
        turn.say("contest.once", [("button.contest_on", f"contest:go:{contest.id}")])
    else:
        _judge(turn, question, choice)
        await _next(turn, contest, entry)


async def _too_fast(turn: Turn, contest: Contest) -> bool:
    """Whether this citizen answers too fast; then nothing is counted. Written down once a flood."""
    since = turn.now - WITHIN
    lately = [at for at in turn.dialog.paces if datetime.fromisoformat(at) > since]
    if len(lately) == AT_MOST:
        actor, subject = f"citizen:{turn.citizen.id}", f"contest:{contest.id}"
        await turn.work.audit.record(turn.now, actor, "contest.flood", subject, {})
        turn.record("contest.flood", contest=contest.id)
    turn.dialog.paces = [*lately, turn.now.isoformat()][: AT_MOST + 1]
    if len(lately) < AT_MOST:
        return False
    turn.say("contest.slower", [("button.contest_on", f"contest:go:{contest.id}")])
    return True


def _judge(turn: Turn, question: Question, choice: int) -> None:
    right = choice == question.right
    best = f"{quiz.LETTERS[question.right]}. {_said(turn, question.options[question.right])}"
    turn.say("quiz.right" if right else "quiz.wrong", right=best, why=_said(turn, question.why))
    turn.record("contest.answered", question=question.id, right=right)


async def _next(turn: Turn, contest: Contest, entry: Entry) -> None:
    work = turn.work
    found = await contests.next_question(turn.services, work, contest, entry, turn.now)
    if found is None:
        await _finished(turn, contest)
        return
    place, question = found
    pairs = zip(quiz.LETTERS, question.options, strict=False)
    options = [f"{letter}. {_said(turn, option)}" for letter, option in pairs]
    told = {"ask": _said(turn, question.ask), "options": "\n".join(options)}
    count = len(contest.texts.questions)
    text = turn.phrase("contest.ask", number=place + 1, count=count, **told)
    turn.say_text(text, [(o, f"contest:q:{contest.id}:{place}:{n}") for n, o in enumerate(options)])


async def _finished(turn: Turn, contest: Contest) -> None:
    entry = await turn.work.sampling.contests.entry(contest.id, turn.citizen.id)
    assert entry is not None
    rank = await turn.work.sampling.contests.rank(entry)
    told = {"right": entry.right, "count": entry.answered, "seconds": entry.seconds, "rank": rank}
    text = turn.phrase("contest.done", **told)
    top = ("button.contest_top", f"contest:top:{contest.id}")
    turn.say_text(f"{text}\n{_certificate(turn, entry)}", [top])
    turn.record("contest.finished", contest=contest.id, right=entry.right)


def _certificate(turn: Turn, entry: Entry) -> str:
    """Where the certificate lies; a channel that shows no page of ours needs a full address."""
    link = turn.services.signer.link(CERTIFICATE, entry.id)
    if turn.incoming.channel != "web" and link.startswith("/"):
        return turn.phrase("contest.certificate_elsewhere")
    return turn.phrase("contest.certificate", link=link)


async def _top(turn: Turn, contest: Contest) -> None:
    rows = turn.work.sampling.contests
    best = await rows.best(contest.id, TOP)
    mine = await rows.entry(contest.id, turn.citizen.id)
    line = [
        turn.phrase("contest.line", rank=n, name=e.nickname, right=e.right, seconds=e.seconds)
        for n, e in enumerate(best, 1)
    ]
    own = await _own_place(turn, mine)
    title = turn.phrase(
        "contest.top" if best else "contest.top_empty", title=_said(turn, contest.texts.title)
    )
    buttons = []
    if contest.open_at(turn.now):
        go = "button.contest_on" if mine else "button.contest_join"
        buttons = [(go, f"contest:go:{contest.id}")]
    turn.say_text("\n".join([title, *line, *own]), buttons)


async def _own_place(turn: Turn, mine: Entry | None) -> list[str]:
    if mine is None or not mine.answered:
        return []
    if mine.hidden:
        return [turn.phrase("contest.hidden")]
    rank = await turn.work.sampling.contests.rank(mine)
    return [turn.phrase("contest.own", rank=rank, right=mine.right, seconds=mine.seconds)]


def _said(turn: Turn, text: str) -> str:
    return in_script(text, turn.citizen.locale)
