"""The front door: serve, init, migrate, doctor. Light by itself: each command loads what it needs."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from faregate import __version__
from faregate.kernel.errors import GatewayError
from faregate.kernel.log import log_to_stderr
from faregate.serving import prepare
from faregate.serving import serve as serve_installation
from faregate.settings import BadSetting, Settings, read_settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Faregate: an LLM gateway with the meter built in.",
    pretty_exceptions_enable=False,
)  # fmt: skip

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where database, journals and secrets are.")]


def main() -> None:
    """Run the command line; a bad setting or a refusal of ours ends it with one sentence."""
    try:
        app()
    except (BadSetting, GatewayError) as error:
        _complain(str(error))
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
    settings = _settings(host=host, port=_given_port(port), workers=workers, data_dir=data_dir)
    secret = prepare(settings)
    if secret:
        typer.echo(f"First start. To make the root account, use this setup secret once:\n\n    {secret}\n")
        typer.echo(f"Or open {_setup_link(settings, secret)}\n")
    typer.echo(f"Faregate {__version__} serves on http://{settings.host}:{settings.port}")
    serve_installation(settings)


def _setup_link(settings: Settings, secret: str) -> str:
    """The set-up page with the secret behind the hash, which browsers send to nobody."""
    host = "localhost" if settings.host in ("", "0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/setup#secret={secret}"


def _given_port(port: int | None) -> int | None:
    if port is not None and not 0 < port < 65536:
        raise BadSetting("--port: must be a port between 1 and 65535.")
    return port


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
    _commands().initialize(settings, username, password)
    typer.echo(f"The root account {username!r} is ready.")


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to this release's schema."""
    _commands().bring_up_to_date(_settings(data_dir=data_dir))
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


def _commands() -> ModuleType:
    # Here, for the parent of workers and `--help` do without the house.
    from faregate import commands  # noqa: PLC0415

    return commands
