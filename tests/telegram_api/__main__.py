"""``python -m tests.telegram_api --port 0``: prints where it listens, runs until a signal."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal

from .server import TOKEN, TelegramApi


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telegram_api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--username", default="emulated_bot")
    parser.add_argument("--users", type=int, default=0, help="people 1…N who have started the bot")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    running = TelegramApi.running(
        arguments.host, arguments.port, arguments.token, username=arguments.username
    )
    async with running as api:
        api.sim.users(1, arguments.users)
        print(
            json.dumps({"url": api.url, "token": api.token, "pid": os.getpid()}),
            flush=True,
        )
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
