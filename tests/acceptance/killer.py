"""`shian serve` that kills itself at a named point, once: python killer.py POINT serve …

Production code knows nothing of this: the point is wrapped here, around the real method.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[P, Awaitable[T]]


def die() -> None:
    """As the power going off: nothing is flushed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(method: Method[P, T], when: Callable[P, bool] = lambda *_, **__: True) -> Method[P, T]:
    """Die when the method is called."""

    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        if when(*args, **kwargs):
            die()
        return await method(*args, **kwargs)

    return wrapped


def after(method: Method[P, T], when: Callable[P, bool] = lambda *_, **__: True) -> Method[P, T]:
    """Die when the method has done its work."""

    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        result = await method(*args, **kwargs)
        if when(*args, **kwargs):
            die()
        return result

    return wrapped


def _something(_: Any, arrivals: Any) -> bool:
    return bool(arrivals)


def _arm(point: str) -> None:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.webchat import WebChannel
    from bot.db.unit_of_work import SqlUnitOfWork
    from bot.intake import Intake

    owners, name, wrap, when = {
        "before_inbox_commit": ((Intake,), "accept", before, _something),
        "after_inbox_commit": ((Intake,), "accept", after, _something),
        "before_commit": ((SqlUnitOfWork,), "commit", before, None),
        "after_commit": ((SqlUnitOfWork,), "commit", after, None),
        "before_send": ((TelegramChannel, WebChannel), "send", before, None),
        "after_send": ((TelegramChannel, WebChannel), "send", after, None),
    }[point]
    for owner in owners:
        method = getattr(owner, name)
        setattr(owner, name, wrap(method, when) if when else wrap(method))


if __name__ == "__main__":
    from bot.cli import main

    _arm(sys.argv.pop(1))
    main()
