"""The demonstration: made by the real code, once, and recognisable as invented."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bootstrap import App, bootstrap
from bot.clock import WallClock
from bot.db.campaign_tables import campaign_responses, campaigns
from bot.db.tables import item_reviews, staff, tickets
from bot.demo.fortnight import fill
from bot.settings import Settings
from handlers.ports import Interpreter
from handlers.wording import findings


async def column(app: App, wanted: sa.Column[object]) -> list[object]:
    async with app.database.read() as connection:
        return list(await connection.scalars(sa.select(wanted)))


async def test_a_fortnight_is_filled_once(
    tmp_path: Path, interpreter: Interpreter, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path)
    assert await fill(settings, interpreter) == 0
    assert capsys.readouterr().out.count("/console/enter?token=") == 6
    assert await fill(settings, interpreter) == 1
    assert "已有数据" in capsys.readouterr().err
    app = bootstrap(settings, interpreter=interpreter)
    try:
        assert {"complaint", "report"} <= set(await column(app, tickets.c.kind))
        assert {"claimed", "dispatched"} <= set(await column(app, tickets.c.state))
        assert await column(app, campaigns.c.state) == ["sent", "sent"]
        assert await column(app, campaign_responses.c.what)
        assert {"虚构审核员（演示）"} == set(await column(app, item_reviews.c.name))
        assert all("演示" in str(name) for name in await column(app, staff.c.name))
        assert all(at <= WallClock().now() for at in await column(app, tickets.c.created_at))  # type: ignore[operator]
        assert not any(findings(str(text)) for text in await column(app, tickets.c.summary))
    finally:
        await app.close()
