"""Runs the Rasa server as a child process: loopback only, own token, up again when it falls."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nlu.engines.rasa_client import RasaClient, RasaRefused, RasaUnavailable
from nlu.engines.rasa_home import RasaError, rasa_command, rasa_environment

Progress = Callable[[str], None]

LOOPBACK = "127.0.0.1"
START_LIMIT = 240.0
"""Seconds until the health check must succeed; TensorFlow alone takes ten."""

_ASK_EVERY = 0.5
_RESTART_PAUSE = 5.0
_STOP_LIMIT = 10.0
_TAIL = 2_000


class RasaServer:
    """One served model. Port and token stay the same over restarts."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._port = _free_port()
        self._token = secrets.token_urlsafe(32)
        self._process: subprocess.Popen[str] | None = None
        self._leaving = threading.Event()
        self._starting = threading.Lock()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base URL of the server."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id, None while nothing runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def client(self, timeout: float) -> RasaClient:
        """A client that may ask this server; waits `timeout` seconds for an answer."""
        return RasaClient(self.url, self._token, timeout)

    def run(self, scratch: Path, log: IO[bytes]) -> None:
        """Keep a server running until `leave`; it is started again when it ends.

        Its output goes to `log`. Raises RasaError when the first one ends before it answers, or
        takes too long.
        """
        self._start(scratch, log)
        self._wait_until_healthy(log)
        self._watcher = threading.Thread(target=self._watch, args=(scratch, log), daemon=True)
        self._watcher.start()

    def leave(self) -> None:
        """Stop the server, its whole group, and start it no more."""
        with self._starting:
            self._leaving.set()
        process = self._process
        if process is None:
            return
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait()
        assert process.stdin is not None
        process.stdin.close()
        if self._watcher is not None:
            self._watcher.join()

    def _start(self, scratch: Path, log: IO[bytes]) -> None:
        command = rasa_command("serve", "--model", str(self._model), "--port", str(self._port))
        with self._starting:
            if self._leaving.is_set():
                return
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=scratch,
                env=rasa_environment(scratch),
                start_new_session=True,  # Ctrl-C is for us; we stop the child in our own time
                encoding="utf-8",
            )
            assert self._process.stdin is not None
            self._process.stdin.write(self._token + "\n")
            self._process.stdin.flush()

    def _wait_until_healthy(self, log: IO[bytes]) -> None:
        client, end = self.client(timeout=5.0), time.monotonic() + START_LIMIT
        while self.pid is not None and time.monotonic() < end:
            try:
                client.status()
                return
            except RasaRefused:
                break  # it listens only after it has tried to load the model
            except RasaUnavailable:
                time.sleep(_ASK_EVERY)
        raise RasaError(f"Rasa 服务没有启动成功 → 见它最后的输出，或重新训练\n{_tail(log)}")

    def _watch(self, scratch: Path, log: IO[bytes]) -> None:
        """Start the server again whenever it ends."""
        while not self._leaving.is_set():
            assert self._process is not None
            self._process.wait()
            if not self._leaving.wait(_RESTART_PAUSE):
                self._start(scratch, log)


@contextmanager
def serve_rasa(model: Path, progress: Progress = lambda _: None) -> Iterator[RasaServer]:
    """Serve a model for the length of a `with` block, health check passed.

    Raises RasaError when the environment is missing or the server does not start.
    """
    progress("启动 Rasa 服务（约需半分钟）……")
    server = RasaServer(model)
    # The log has no name on disk: it is read when the start fails, and gone with the server.
    with tempfile.TemporaryDirectory(prefix="shian-rasa-") as scratch, _log(scratch) as log:
        try:
            server.run(Path(scratch), log)
            yield server
        finally:
            server.leave()


def _log(folder: str) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """A child of its own session leads its group; who is gone needs no signal."""
    if process.poll() is None:
        os.killpg(process.pid, number)


def _tail(log: IO[bytes]) -> str:
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), _TAIL, max(0, size - _TAIL)).decode("utf-8", "replace")
