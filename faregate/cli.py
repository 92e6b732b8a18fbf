"""The front door: serve, init, migrate, doctor. Light by itself: each command loads what it needs."""

import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from faregate import __version__
from faregate.kernel.errors import GatewayError
from faregate.kernel.log import log_to_stderr
from faregate.serving import bind, prepare
from faregate.serving import serve as serve_installation
from faregate.settings import BadSetting, Settings, read_settings, without_password
from faregate.settings import access_token as checked_access_token

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Faregate: an LLM gateway with the meter built in.",
    pretty_exceptions_enable=False,
)  # fmt: skip

# How SQLAlchemy calls what a database or its driver says when it cannot be used; by other names it is a defect.
_OF_DATABASE = frozenset(("DatabaseError", "DBAPIError", "InterfaceError", "OperationalError"))
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where database, journals and secrets are.")]


class _CannotOpen(Exception):
    """The data directory or the database cannot be used; the text is one sentence that names the setting."""


def main() -> None:
    """Run the command line; a bad setting, what cannot be opened or a refusal of ours ends it with one sentence."""
    try:
        app()
    except _CannotOpen as reason:
        _complain(str(reason))
        sys.exit(1)
    except (BadSetting, GatewayError) as error:
        is_of_address = isinstance(error, GatewayError) and error.code == "storage.bad_address"
        _complain(f"FAREGATE_DATABASE: {error}." if is_of_address else str(error))
        sys.exit(2)


def _complain(sentence: str) -> None:
    typer.secho(sentence, fg="red", err=True)


def _settings(**given: Any) -> Settings:
    settings = read_settings(**given)
    log_to_stderr(settings.log_level)
    return settings


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the database up to date and serve."""
    settings = _settings(host=host, port=_given_port(port), workers=_given_workers(workers), data_dir=data_dir)
    listener = bind(settings)  # first: a secret made by a start that then fails would be shown to nobody
    with _opening(settings):
        secret = prepare(settings)
    if secret:
        typer.echo(f"First start. To make the root account, use this setup secret once:\n\n    {secret}\n")
        typer.echo(f"Or open {_setup_link(settings, secret)}\n")
    typer.echo(f"Faregate {__version__} serves on http://{settings.host}:{settings.port}")
    serve_installation(settings, listener)


def _setup_link(settings: Settings, secret: str) -> str:
    """The set-up page with the secret behind the hash, which browsers send to nobody."""
    host = "localhost" if settings.host in ("", "0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/setup#secret={secret}"


def _given_port(port: int | None) -> int | None:
    if port is not None and not 0 < port < 65536:
        raise BadSetting("--port: must be a port between 1 and 65535.")
    return port


def _given_workers(workers: int | None) -> int | None:
    if workers is not None and workers < 1:
        raise BadSetting("--workers: must be a whole number above 0.")
    return workers


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
    settings = _settings(data_dir=data_dir, root_access_token=_given_token(access_token))
    with _opening(settings):
        _commands().initialize(settings, username, password)
    typer.echo(f"The root account {username!r} is ready.")


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to this release's schema."""
    settings = _settings(data_dir=data_dir)
    with _opening(settings):
        _commands().bring_up_to_date(settings)
    typer.echo("The database is up to date.")


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Prove by SQL that the books balance; exits 1 with the account and the difference when they do not."""
    findings: list[str] = _commands().imbalances(_settings(data_dir=data_dir))
    for sentence in findings:
        _complain(sentence)
    if findings:
        raise typer.Exit(1)
    typer.echo("The books balance.")


def _given_token(token: str) -> str | None:
    try:
        return checked_access_token(token) if token else None
    except ValueError as error:
        raise BadSetting(f"--access-token: {error}.") from error


@contextmanager
def _opening(settings: Settings) -> Generator[None]:
    """Raises _CannotOpen where the installation that these settings name cannot be used."""
    try:
        yield
    except OSError as error:
        raise _cannot_open(settings, _system_reason(error), str(error.filename or "")) from error
    except Exception as error:
        kind = type(error)  # looked at by name: the parent of workers must not load SQLAlchemy
        if kind.__module__ != "sqlalchemy.exc" or kind.__name__ not in _OF_DATABASE:
            raise
        raise _cannot_open(settings, _driver_reason(getattr(error, "orig", None) or error)) from error


def _cannot_open(settings: Settings, reason: str, path: str = "") -> _CannotOpen:
    folder, place = settings.data_dir, Path(path)
    if not settings.database or (path and (place in (folder, *folder.parents) or folder in place.parents)):
        culprit = place if folder in place.parents else folder
        return _CannotOpen(f"FAREGATE_DATA_DIR (--data-dir): {str(culprit)!r} cannot be used: {reason}.")
    return _CannotOpen(f"FAREGATE_DATABASE: the database cannot be opened: {without_password(reason)}.")


def _driver_reason(error: Exception) -> str:
    return str(error.args[-1] if error.args else error).partition("\n")[0]


def _system_reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error) or "it does not answer"
    return os.strerror(error.errno)


def _commands() -> ModuleType:
    # Here, for the parent of workers and `--help` do without the house.
    from faregate import commands  # noqa: PLC0415

    return commands
