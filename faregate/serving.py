"""Serving: one process by itself, or a parent that watches several workers.

The parent loads none of what its workers are made of: what comes before serving runs in a process that ends.
"""

import multiprocessing
import os
import signal
import socket
from concurrent.futures import ProcessPoolExecutor

import uvicorn
from uvicorn.supervisors import Multiprocess

from faregate.kernel.log import log_to_stderr
from faregate.settings import BadSetting, Settings


class _Supervisor(Multiprocess):
    """The parent of several workers."""

    def terminate_all(self) -> None:
        """Tell the workers to end. A socket left open here would let callers in whom nobody serves."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def prepare(settings: Settings) -> str:
    """Bring the database up to date; the setup secret on a first start, else "". Raises GatewayError."""
    if settings.workers == 1:
        return _prepare(settings)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_prepare, settings).result()


def _prepare(settings: Settings) -> str:
    # Here, for the parent of workers must not load it.
    from faregate.commands import prepare_database  # noqa: PLC0415

    log_to_stderr(settings.log_level)
    return prepare_database(settings)


def bind(settings: Settings) -> socket.socket:
    """The socket to serve on; it takes nobody yet. Raises BadSetting when address or port cannot be had."""
    host = settings.host
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{host!r}, port {settings.port}"
        raise BadSetting(f"FAREGATE_HOST, FAREGATE_PORT (--host, --port): {where}: {error.strerror}.") from error
    listener.set_inheritable(True)
    return listener


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until told to end. The workers read their settings from the environment."""
    _export(settings)
    config = _config(settings)
    if settings.workers == 1:
        # Once drained, the server raises the signal that ended it again; that was no death: the exit status is 0.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        uvicorn.Server(config).run([listener])
    else:
        _Supervisor(config, sockets=[listener]).run()


def _export(settings: Settings) -> None:
    """What was given as an option reaches worker processes through the environment."""
    os.environ["FAREGATE_DATA_DIR"] = str(settings.data_dir)
    os.environ["FAREGATE_HOST"] = settings.host
    os.environ["FAREGATE_PORT"] = str(settings.port)
    os.environ["FAREGATE_WORKERS"] = str(settings.workers)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "faregate.worker:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="faregate.http_protocol:HttpProtocol",
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
