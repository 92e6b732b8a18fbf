"""The front door: serve, init, migrate, doctor."""

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn
from rich.console import Console
from uvicorn.supervisors import Multiprocess

from faregate import __version__
from faregate.app import App, House, build, open_database
from faregate.billing.doctor import examine
from faregate.identity import prepare_installation
from faregate.identity.installation import RootAccount, set_up
from faregate.kernel.clock import SYSTEM
from faregate.kernel.errors import GatewayError
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.logbook import Bookkeeper
from faregate.settings import BadSetting, Settings, read_settings
from faregate.storage.migrate import migrate as migrate_database

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Faregate: an LLM gateway with the meter built in.",
    pretty_exceptions_enable=False,
)  # fmt: skip
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where database, journals and secrets are.")]


def main() -> None:
    """Run the command line; a bad setting or a refusal of ours ends it with one sentence."""
    try:
        app()
    except (BadSetting, GatewayError) as error:
        _err.print(str(error), style="red")
        sys.exit(2)


def _settings(**given: Any) -> Settings:
    settings = read_settings(**given)
    _log_to_stderr(settings.log_level)
    return settings


def _log_to_stderr(level: str) -> None:
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise BadSetting("FAREGATE_LOG_LEVEL: must be debug, info, warning or error.")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner() as runner:
        return runner.run(work)


class _Supervisor(Multiprocess):
    """The parent of several workers."""

    def terminate_all(self) -> None:
        """Tell the workers to end. A socket left open here would let callers in whom nobody serves."""
        for socket in self.sockets:
            socket.close()
        super().terminate_all()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the database up to date and serve."""
    settings = _settings(host=host, port=_given_port(port), workers=workers, data_dir=data_dir)
    secret = _run(_prepare(settings))
    if secret:
        _out.print(f"First start. To make the root account, use this setup secret once:\n\n    {secret}\n")
    _out.print(f"Faregate {__version__} serves on http://{settings.host}:{settings.port}")
    _export(settings)
    config = _config(settings)
    if settings.workers == 1:
        # Once drained, the server raises the signal that ended it again; that was no death: the exit status is 0.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        uvicorn.Server(config).run()
    else:
        _Supervisor(config, sockets=[config.bind_socket()]).run()


def _given_port(port: int | None) -> int | None:
    if port is not None and not 0 < port < 65536:
        raise BadSetting("--port: must be a port between 1 and 65535.")
    return port


def _export(settings: Settings) -> None:
    """What was given as an option reaches worker processes through the environment."""
    os.environ["FAREGATE_DATA_DIR"] = str(settings.data_dir)
    os.environ["FAREGATE_HOST"] = settings.host
    os.environ["FAREGATE_PORT"] = str(settings.port)
    os.environ["FAREGATE_WORKERS"] = str(settings.workers)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "faregate.cli:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=4096,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.shutdown_grace_s),
    )


def create_app() -> App:
    """The application of one process, its settings from the environment."""
    settings = _settings()
    if settings.workers > 1:
        _pin()
    return App(settings, os.environ)


def _pin() -> None:
    """One core a worker: they are numbered by the order in which they were started."""
    number = multiprocessing.current_process().name.rpartition("-")[2]
    cores = sorted(os.sched_getaffinity(0))
    if number.isdigit():
        os.sched_setaffinity(0, {cores[(int(number) - 1) % len(cores)]})


async def _prepare(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings)
    try:
        await migrate_database(database)
        vault = Vault(load_master_secret(settings.data_dir, settings.secret))
        return await prepare_installation(database, vault, SYSTEM, settings.setup_secret, __version__)
    finally:
        await database.close()


@app.command()
def init(
    username: Annotated[str, typer.Option(help="Name of the root account.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")],
    access_token: Annotated[str, typer.Option(help="A personal access token to give to root.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Set up without the wizard: make the root account, for scripts."""
    if not password_stdin:
        raise BadSetting("init: give the password on standard input, with --password-stdin.")
    password = sys.stdin.readline().rstrip("\r\n")
    settings = _settings(data_dir=data_dir, root_access_token=access_token or None)
    _run(_initialize(settings, username, password))
    _out.print(f"The root account {username!r} is ready.")


async def _initialize(settings: Settings, username: str, password: str) -> None:
    secret = await _prepare(settings) or settings.setup_secret
    house = await build(settings, os.environ)
    try:
        await set_up(house.context, RootAccount(username, password, password, secret), {})
    finally:
        await _close(house)


async def _close(house: House) -> None:
    await house.egress.close()
    await house.ledger.abandon()
    await house.database.close()


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to this release's schema."""
    settings = _settings(data_dir=data_dir)

    async def work() -> None:
        database = open_database(settings)
        try:
            await migrate_database(database)
        finally:
            await database.close()

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    _run(work())
    _out.print("The database is up to date.")


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Prove by SQL that the books balance; exits 1 with the account and the difference when they do not."""
    settings = _settings(data_dir=data_dir)

    async def work() -> list[str]:
        database = open_database(settings)
        try:
            return [finding.sentence for finding in await examine(database, Bookkeeper())]
        finally:
            await database.close()

    findings = _run(work())
    for sentence in findings:
        _err.print(sentence, style="red")
    if findings:
        raise typer.Exit(1)
    _out.print("The books balance.")
