"""How a loop rests: until it is woken, told to stop, or it is time to look by itself."""

from __future__ import annotations

import asyncio


async def rest(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Wait for either event, at most `seconds`."""
    waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
