"""`shian vault`: a new key, which keys are in use, and taking an old one away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import OperationalError

from bot.db.engine import Database, open_database
from bot.db.vault_rows import rewrap, uses
from bot.settings import Settings
from bot.understanding import progress
from bot.vault import Vault, add_key, drop_key, open_vault

app = typer.Typer(no_args_is_help=True, help="加密密钥")
DATA = Annotated[Path | None, typer.Option(help="数据目录，默认 ./var")]
Answer = TypeVar("Answer")


@app.command("rotate")
def rotate(data: DATA = None) -> None:
    """A new key for all that is sealed from now on; keys of identities are sealed by it anew."""
    settings = _settings(data)
    vault = add_key(settings.data / "keys")
    print(json.dumps({"current": vault.current.hex(), "rewrapped": _run(settings, _rewrap(vault))}))
    progress("服务要重启才会用新的密钥；旧密钥还在，旧内容照样能读")


@app.command("keys")
def keys(data: DATA = None) -> None:
    """The keys of the ring and how many rows need each, one JSON line a key."""
    settings = _settings(data)
    vault = open_vault(settings.data / "keys")
    for key in vault.keys:
        used = _run(settings, _uses(key))
        row = {"key": key.hex(), "current": key == vault.current, "uses": used}
        print(json.dumps(row))


@app.command("retire")
def retire(key: Annotated[str, typer.Argument(help="密钥编号")], data: DATA = None) -> None:
    """Take a key out of the ring; refused while it is the current one or anything needs it."""
    settings = _settings(data)
    vault = open_vault(settings.data / "keys")
    known = {name.hex(): name for name in vault.keys}
    if key not in known or known[key] == vault.current:
        raise SystemExit(f"{key}: 不在密钥环里，或者正在使用 → shian vault keys 看编号")
    needed = {name: count for name, count in _run(settings, _uses(known[key])).items() if count}
    if needed:
        said = "、".join(f"{name} {count} 行" for name, count in needed.items())
        raise SystemExit(
            f"{key}: 还有内容要用它打开（{said}）→ 先 shian vault rotate，或等这些内容到期删除"
        )
    drop_key(settings.data / "keys", key)
    print(json.dumps({"retired": key}))


def _settings(data: Path | None) -> Settings:
    return Settings() if data is None else Settings(data=data)


def _run(settings: Settings, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        database = open_database(settings.database)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except OperationalError as error:
        said = f"{settings.data}: 没有可读的数据库 → 先运行 make run，或用 --data 指定目录"
        raise SystemExit(said) from error


def _rewrap(vault: Vault) -> Callable[[Database], Awaitable[int]]:
    async def work(database: Database) -> int:
        done = 0
        while True:
            async with database.write() as connection:
                count = await rewrap(connection, vault)
            if not count:
                return done
            done += count
            progress(f"已重新封存 {done} 把")

    return work


def _uses(key: bytes) -> Callable[[Database], Awaitable[dict[str, int]]]:
    async def work(database: Database) -> dict[str, int]:
        async with database.read() as connection:
            return await uses(connection, key)

    return work
