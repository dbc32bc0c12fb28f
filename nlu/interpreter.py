"""What every engine can do."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from nlu.understanding import Understanding


class Interpreter(Protocol):
    """Understands one message of one citizen."""

    def understand(self, text: str, now: datetime) -> Understanding:
        """What `text` means, relative times counted from `now` (aware).

        Takes any string; raises nothing for what people may send.
        """
