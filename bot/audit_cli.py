"""`shian audit verify`: whether anybody changed who saw or did what."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from bot.audit import Verdict, verify
from bot.db.engine import open_database
from bot.settings import Settings
from bot.understanding import progress

app = typer.Typer(no_args_is_help=True, help="审计记录")


@app.callback()
def _group() -> None:
    """审计记录"""


@app.command("verify")
def verify_chain(
    data: Annotated[Path | None, typer.Option(help="数据目录，默认 ./var")] = None,
) -> None:
    """Walk the hash chain; exit code 1 and the row's id when it is broken."""
    settings = Settings() if data is None else Settings(data=data)
    try:
        verdict = asyncio.run(_verify(settings))
    except OperationalError as error:
        raise SystemExit(
            f"{settings.data}: 没有可读的数据库 → 先运行 make run，或用 --data 指定目录"
        ) from error
    print(json.dumps(asdict(verdict)))
    if verdict.broken is not None:
        raise typer.Exit(1)


async def _verify(settings: Settings) -> Verdict:
    database = open_database(settings.database)
    try:
        async with database.read() as connection:
            return await verify(connection, lambda rows: progress(f"已核对 {rows} 条"))
    finally:
        await database.close()
