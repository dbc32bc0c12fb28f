"""`shian serve` as its own process, as an office runs it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

READY_WITHIN = 900.0  # seconds; without a model on disk the process trains one first
STOP_WITHIN = 30.0
LINK = re.compile(r"http://\S+/console/enter\?token=\S+")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One process on one port and one data folder; may be stopped and started again."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the citizen's page is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the process has printed so far, results and log."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def first_login(self) -> str:
        """The one-time link of the first start."""
        found = LINK.search(self.output)
        assert found, self.output
        return found[0]

    @property
    def _log(self) -> Path:
        return self.data / "serve.log"

    def start(self) -> None:
        """Start and wait until it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self.data)],
                cwd=self.data,  # where no developer's .env is read
                env={k: v for k, v in os.environ.items() if not k.startswith("SHIAN_")},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._await_ready(self.process)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"serve ended with {process.returncode}:\n{self.output}")
            if self._answers():
                return
            time.sleep(0.1)
        raise TimeoutError(f"serve did not answer within {READY_WITHIN} s:\n{self.output}")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ask it to end, as a service manager does; end it by force when it does not."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
