"""The command line (design §9). Logs go to stderr, results to stdout; exit codes 0, 1, 2."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.audit_cli import app as audit
from bot.clock_cli import app as clock
from bot.knowledge_cli import app as knowledge
from bot.settings import Settings
from bot.vault_cli import app as vault
from content.errors import ContentError

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="食安 Shian"
)
nlu = typer.Typer(no_args_is_help=True, help="理解引擎：训练、解析、评测")
db = typer.Typer(no_args_is_help=True, help="数据库")
staff = typer.Typer(no_args_is_help=True, help="工作人员账户")
cli.add_typer(nlu, name="nlu")
cli.add_typer(db, name="db")
cli.add_typer(staff, name="staff")
cli.add_typer(clock, name="clock")
cli.add_typer(audit, name="audit")
cli.add_typer(vault, name="vault")
cli.add_typer(knowledge, name="knowledge")

DATA = Annotated[Path | None, typer.Option(help="数据目录，默认 ./var")]
JURISDICTION = Annotated[str | None, typer.Option(help="辖区，例如 changzhou_xinbei")]
ENGINE = Annotated[str, typer.Option(help="理解引擎：local 或 rasa")]


def main() -> None:
    """Run the command line; content errors name file, line and remedy, exit code 1."""
    logs.configure()
    try:
        cli()
    except ContentError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from error


def settings(**given: object) -> Settings:
    """Settings with what the command line gave."""
    from pydantic import ValidationError

    try:
        made = Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
        logs.configure(made.log_level)
        return made
    except UnicodeDecodeError as error:
        print(".env: 不是 UTF-8 文本 → 另存为 UTF-8", file=sys.stderr)
        raise SystemExit(1) from error
    except ValidationError as error:
        for finding in error.errors():
            name = "SHIAN_" + "_".join(str(part) for part in finding["loc"]).upper()
            print(f"{name}: {finding['msg']} → 请检查环境变量或 .env", file=sys.stderr)
        raise SystemExit(1) from error


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option()] = None,
    port: Annotated[int | None, typer.Option()] = None,
    data: DATA = None,
    jurisdiction: JURISDICTION = None,
    nlu: Annotated[str | None, typer.Option(help="理解引擎：local 或 rasa")] = None,
) -> None:
    """Everything in one process: web chat, console, API, Telegram when a token is set, workers."""
    from bot.serving import serve as run

    run(settings(host=host, port=port, data=data, jurisdiction=jurisdiction, nlu=nlu))


@cli.command()
def check(data: DATA = None, jurisdiction: JURISDICTION = None) -> None:
    """Content, duty lists and settings linted; names file, line and remedy."""
    from bot.checking import check as run

    raise SystemExit(run(settings(data=data, jurisdiction=jurisdiction)))


@cli.command()
def chat(
    script: Annotated[Path | None, typer.Option(help="YAML：市民的话，一条一轮")] = None,
    data: DATA = None,
    jurisdiction: JURISDICTION = None,
) -> None:
    """A conversation in the terminal, or a script of one, printed as JSON lines."""
    from bot.chatting import chat as run

    raise SystemExit(asyncio.run(run(settings(jurisdiction=jurisdiction), data, script)))


@cli.command()
def demo(data: DATA = None, jurisdiction: JURISDICTION = None) -> None:
    """Fill a fresh database with an invented fortnight; prints the accounts and their links."""
    from bot.demo.fortnight import fill

    raise SystemExit(asyncio.run(fill(settings(data=data, jurisdiction=jurisdiction))))


@db.command("upgrade")
def db_upgrade(data: DATA = None) -> None:
    """Apply the migrations that are missing."""
    from bot.serving import upgrade

    asyncio.run(upgrade(settings(data=data)))


@nlu.command("train")
def nlu_train(
    engine: ENGINE = "local",
    epochs: Annotated[int | None, typer.Option(min=1, help="只用于 rasa：训练轮数")] = None,
    with_corrections: Annotated[
        bool, typer.Option("--with-corrections", help="加上数据库里工作人员的更正")
    ] = False,
    data: DATA = None,
    force: Annotated[bool, typer.Option("--force", help="不如在用模型也启用")] = False,
    unscored: Annotated[bool, typer.Option("--unscored", hidden=True)] = False,
) -> None:
    """Train an engine from nlu/training; exit code 1 when the model in use is better."""
    from bot.understanding import check_engine, train_rasa_engine

    check_engine(engine)
    if engine == "rasa":
        if with_corrections or force:
            raise typer.BadParameter("--with-corrections、--force 只用于 local")
        print(train_rasa_engine(settings(), epochs))
        return
    from bot.learning import train

    given = settings(data=data)
    raise SystemExit(
        train(given, with_corrections=with_corrections, force=force, always_score=not unscored)
    )


@nlu.command("models")
def nlu_models() -> None:
    """The kept models of the local engine, newest first, and how well they did."""
    from bot.learning import show_models

    show_models(settings())


@nlu.command("rollback")
def nlu_rollback(version: Annotated[str | None, typer.Argument()] = None) -> None:
    """Put an earlier model of the local engine back in use, the previous one by default."""
    from bot.learning import roll_back

    raise SystemExit(roll_back(settings(), version))


@nlu.command("parse")
def nlu_parse(engine: ENGINE = "local", jurisdiction: JURISDICTION = None) -> None:
    """JSON lines {"id","text"} on stdin → what each means and who answers, one JSON line each."""
    from bot.understanding import parse

    raise SystemExit(parse(settings(jurisdiction=jurisdiction), engine, sys.stdin, sys.stdout))


@nlu.command("evaluate")
def nlu_evaluate(files: list[Path], engine: ENGINE = "local") -> None:
    """Score an engine on files with gold labels (Rasa NLU YAML)."""
    from bot.understanding import evaluate

    raise SystemExit(evaluate(settings(), engine, files))


@nlu.command("benchmark")
def nlu_benchmark(
    train: Annotated[
        Path, typer.Option(help="label<TAB>text，第一行是表头；标注任务：每行 字 标签")
    ],
    test: Annotated[Path | None, typer.Option(help="同样格式的测试文件")] = None,
    cv: Annotated[int | None, typer.Option(min=2, help="没有测试文件时：交叉验证的折数")] = None,
    group_near_duplicates: Annotated[
        bool, typer.Option("--group-near-duplicates", help="近似重复的文本放在同一折")
    ] = False,
    engine: ENGINE = "local",
    task: Annotated[str, typer.Option(help="classify 或 tag")] = "classify",
) -> None:
    """Train an engine's classifier, or the tagger, on any labelled file and score it."""
    from bot.nlu_benchmark import Order, run

    order = Order(train, test, cv, group_near_duplicates, engine, task)
    raise SystemExit(run(order, sys.stdout))


@nlu.command("families")
def nlu_families() -> None:
    """Compare families of classifiers on the training sentences (several minutes)."""
    from bot.nlu_benchmark import families

    families(settings(), sys.stdout)


@nlu.command("report")
def nlu_report(
    engines: Annotated[str, typer.Option(help="比较哪些引擎，逗号分开")] = "local,rasa",
    out: Annotated[Path, typer.Option(help="报告写到哪里")] = Path("docs/nlu-report.md"),
    letters: Annotated[Path | None, typer.Option(help="真实来信（label<TAB>text）")] = None,
) -> None:
    """Compare the engines on the held-out files: Markdown, with pictures beside it."""
    from bot.nlu_report import report

    raise SystemExit(report(settings(), engines, out, letters))


@cli.command()
def bench(
    name: str,
    count: Annotated[int, typer.Option()] = 3000,
    database: Annotated[str, typer.Option(help="queue：PostgreSQL 服务器的地址")] = "",
) -> None:
    """Measure something: intake, parse, start, queue, knowledge, broadcast. Prints a table and JSON."""
    from bot.benchmarks import run

    raise SystemExit(run(name, count, database))


@cli.command("web-push-keys")
def web_push_keys(path: Path) -> None:
    """Make the key that signs pushed notes; an existing file is never replaced."""
    from bot.push_service import make_key

    try:
        make_key(path)
    except FileExistsError as error:
        raise SystemExit(
            f"{path}: 已经有密钥 → 换一个文件；换密钥会让所有浏览器重新同意"
        ) from error
    print(f"SHIAN_WEB_PUSH_KEY_FILE={path}")


@staff.command("add")
def staff_add(
    login: str,
    name: Annotated[str, typer.Option()],
    unit: Annotated[str, typer.Option(help="单位 id，例如 scjg")],
    role: Annotated[
        str, typer.Option(help="officer unit_head triage supervisor admin")
    ] = "officer",
    data: DATA = None,
    port: Annotated[int | None, typer.Option(help="工作台所在端口，写进链接")] = None,
) -> None:
    """Add an account; prints a one-time link that sets the password."""
    from bot.serving import add_staff

    print(asyncio.run(add_staff(settings(data=data, port=port), login, name, role, unit)))


if __name__ == "__main__":
    main()
