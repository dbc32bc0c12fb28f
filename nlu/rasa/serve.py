"""Serves a Rasa model on loopback; runs in the Rasa environment (`python -m nlu.rasa.serve`).

Started by `nlu/engines/rasa_server.py`. The token comes as the first line of stdin, so that neither
the list of processes nor the environment shows it. When stdin ends, the parent is gone, however it
went, and the server goes too.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from pathlib import Path

LOOPBACK = "127.0.0.1"
CREDENTIALS = Path(__file__).parent / "credentials.yml"


def main() -> None:
    """Serve until told to stop."""
    options = argparse.ArgumentParser()
    options.add_argument("--model", required=True)
    options.add_argument("--port", type=int, required=True)
    given = options.parse_args()
    token = sys.stdin.readline().strip()
    if not token:
        sys.exit("no token on stdin")
    threading.Thread(target=_leave_with_parent, daemon=True).start()

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    # Nothing below errors: Rasa's warnings quote what citizens write.
    configure_logging_and_warnings(logging.ERROR)
    configure_structlog(logging.ERROR)
    serve_application(
        model_path=given.model,
        interface=LOOPBACK,
        port=given.port,
        credentials=str(CREDENTIALS),
        endpoints=AvailableEndpoints(),
        auth_token=token,
        enable_api=True,
    )


def _leave_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
