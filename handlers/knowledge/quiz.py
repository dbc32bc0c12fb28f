"""知识问答: one question after another, each explained, counted every five."""

from __future__ import annotations

import hashlib

from content.hant import in_script
from content.quizzes import Question
from handlers.knowledge.reviewing import taught
from handlers.turn import Turn

ROUND = 5  # questions after which the result is told
LETTERS = "ABCDEF"


async def ask(turn: Turn) -> None:
    """Ask the next question this citizen has not had; begin anew when there is none left."""
    mine = await _order(turn)
    left = [q for q in mine if q.id not in turn.dialog.quizzed]
    if not left:
        turn.dialog.quizzed, turn.dialog.quiz_right = [], 0
        left = mine
    if not left:
        turn.say("quiz.none")
        return
    _put(turn, left[0])


async def answered(turn: Turn, given: str) -> None:
    """Judge an answer (`question id:option`), say why, and go on."""
    name, _, choice = given.rpartition(":")
    question = next((q for q in turn.services.questions if q.id == name), None)
    if question is None or not choice.isdecimal() or int(choice) >= len(question.options):
        turn.say("bad.old_button")
    elif name in turn.dialog.quizzed:
        turn.say("quiz.once", MORE)
    else:
        _judge(turn, question, int(choice))


def _judge(turn: Turn, question: Question, choice: int) -> None:
    right = choice == question.right
    turn.dialog.quizzed.append(question.id)
    turn.dialog.quiz_right += right
    best = f"{LETTERS[question.right]}. {_said(turn, question.options[question.right])}"
    verdict = "quiz.right" if right else "quiz.wrong"
    turn.say(verdict, MORE, right=best, why=_said(turn, question.why))
    turn.record("quiz.answered", question=question.id, right=right)
    if len(turn.dialog.quizzed) % ROUND == 0:
        turn.say("quiz.score", MORE, right=turn.dialog.quiz_right, count=len(turn.dialog.quizzed))


def _put(turn: Turn, question: Question) -> None:
    options = [f"{letter}. {_said(turn, o)}" for letter, o in zip(LETTERS, question.options)]  # noqa: B905
    buttons = [(option, f"quiz:{question.id}:{n}") for n, option in enumerate(options)]
    text = turn.phrase("quiz.ask", ask=_said(turn, question.ask), options="\n".join(options))
    turn.say_text(text, buttons)
    turn.record("quiz.asked", question=question.id)


async def _order(turn: Turn) -> list[Question]:
    """Questions about live items, in an order of this citizen's own."""
    items = await taught(turn.services, turn.work, turn.now.date())
    live = {item.topic for item in items.values()}
    mine = [q for q in turn.services.questions if q.topic in live]
    return sorted(mine, key=lambda q: hashlib.sha256(f"{turn.citizen.id}|{q.id}".encode()).digest())


def _said(turn: Turn, text: str) -> str:
    return in_script(text, turn.citizen.locale)


MORE = (("button.quiz_next", "begin:quiz"),)
