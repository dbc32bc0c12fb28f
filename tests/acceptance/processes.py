"""`shian serve` as a process of its own: started, killed, started again on the same data."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
SERVE = ("-m", "bot", "serve")
FIRST_START = 600.0  # seconds; a fresh clone trains its model first


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def environment(**given: str) -> dict[str, str]:
    """Ours without SHIAN_ settings of the developer, and with `given`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SHIAN_")}
    return {**kept, "PYTHONPATH": str(ROOT), **given}


async def until(done: Callable[[], bool], seconds: float, what: str, pause: float = 0.001) -> None:
    """Wait for a condition; raises TimeoutError that says what did not happen."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:.0f} s: {what}")
        await asyncio.sleep(pause)


@dataclass
class Server:
    """One deployment: data, port and settings stay, processes come and go."""

    data: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the processes have written so far."""
        path = self.data / "serve.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    async def start(self, *command: str) -> None:
        """Start and wait until it answers; `command` replaces `-m bot serve`."""
        self.data.mkdir(parents=True, exist_ok=True)
        where = ("--port", str(self.port), "--data", str(self.data))
        with (self.data / "serve.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(command or SERVE),
                *where,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=environment(**self.env),
            )
        await self._ready()

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def died(self, seconds: float = 30) -> None:
        """Wait until it has killed itself."""
        assert self.process is not None
        status = await asyncio.wait_for(self.process.wait(), seconds)
        assert status == -signal.SIGKILL, (status, self.log[-3000:])

    async def stop(self) -> int:
        """End it as an operator does; gives the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 60)

    async def _ready(self) -> None:
        assert self.process is not None
        end = time.monotonic() + FIRST_START
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            while time.monotonic() < end:
                assert self.process.returncode is None, self.log[-3000:]
                if await _healthy(client):
                    return
                await asyncio.sleep(0.05)
        raise TimeoutError(self.log[-3000:])


async def _healthy(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz", timeout=5)).status_code == 200
    except httpx.TransportError:
        return False
