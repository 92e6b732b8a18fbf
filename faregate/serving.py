"""Serving: one process by itself, or a parent that watches several workers.

The parent loads none of what its workers are made of: what comes before serving runs in a process that ends. Whatever
ends the parent ends its workers.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from faregate.kernel.log import get_logger, log_to_stderr
from faregate.settings import BadSetting, Settings

_log = get_logger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0


class _Worker(Process):
    """The worker of a slot, and with it of a core. `pause_s`: until the slot's next one, if this one cannot start."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], slot: int, pause_s: float) -> None:
        super().__init__(config, sockets)
        self.slot = slot
        self.pause_s = pause_s
        self.has_served = False
        self.replaced_at: float | None = None

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """What the process does."""
        _pin(self.slot)
        _end_with_parent()
        super().target(sockets)

    def start(self) -> None:
        """Start the process. Only it keeps its end of the pipe: its death is the end of the pipe, not silence."""
        super().start()
        self.child_conn.close()

    def is_due(self) -> bool:
        """Whether it has ended and the next one may start."""
        return self.replaced_at is not None and time.monotonic() >= self.replaced_at


class _Supervisor(Multiprocess):
    """The parent of several workers. Who ends is replaced; who cannot start, after a pause that grows.

    Until one has served, a worker that cannot start ends them all, and `exit_status` is its own: so it is with one.
    """

    processes_num: int
    processes: list[_Worker]  # pyright: ignore[reportIncompatibleVariableOverride] - all are made in `_start`

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.exit_status = 0
        self._has_served = False

    def _start(self, slot: int, pause_s: float = _FIRST_PAUSE_S) -> _Worker:
        worker = _Worker(self.config, self.sockets, slot, pause_s)
        worker.start()
        return worker

    def init_processes(self) -> None:
        """Start a worker in every slot."""
        self.processes.extend(self._start(slot) for slot in range(self.processes_num))

    def handle_ttin(self) -> None:
        """One slot more."""
        self.processes.append(self._start(self.processes_num))
        self.processes_num += 1

    def restart_all(self) -> None:
        """Replace one worker after the other; those that are left go on when a new one does not serve in time."""
        for slot, old in enumerate(self.processes):
            new = self._start(slot)
            if not new.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                new.kill()
                new.join()
                _log.error("worker.not_replaced", slot=slot, process=old.pid)
                return
            old.terminate()
            old.join()
            self.processes[slot] = new

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that are gone and due."""
        for slot, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.is_alive(self.config.timeout_worker_healthcheck):
                worker.has_served = worker.has_served or worker.is_ready()
                self._has_served = self._has_served or worker.has_served
                continue
            if worker.replaced_at is None:
                self._bury(worker)
            if worker.is_due():
                pause_s = _FIRST_PAUSE_S if worker.has_served else min(2 * worker.pause_s, _LONGEST_PAUSE_S)
                self.processes[slot] = self._start(slot, pause_s)

    def _bury(self, worker: _Worker) -> None:
        worker.kill()  # one that hangs
        worker.join()
        status = worker.exitcode or 0
        if status > 0 and not self._has_served:
            self.exit_status = status
            self.should_exit.set()
            return
        pause_s = 0.0 if worker.has_served else worker.pause_s
        worker.replaced_at = time.monotonic() + pause_s
        _log.warning("worker.ended", slot=worker.slot, process=worker.pid, exit_status=status, again_in_s=pause_s)

    def terminate_all(self) -> None:
        """Tell the workers to end. A socket left open here would let callers in whom nobody serves."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def _pin(slot: int) -> None:
    """One core a slot, where the system can do that."""
    if sys.platform == "linux":
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[slot % len(cores)]})


def _end_with_parent() -> None:
    """From now on the death of the parent is a SIGTERM to this process: who is killed hard can send none."""
    threading.Thread(target=_outlive_parent, daemon=True).start()


def _outlive_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_child(*_: object) -> None:
    # By itself the executor would wait for the end of what it does. Nothing has been served: it may end at once.
    for child in multiprocessing.active_children():
        child.terminate()
    sys.exit(0)


def prepare(settings: Settings) -> str:
    """Bring the database up to date; the setup secret on a first start, else "". Raises GatewayError."""
    if settings.workers == 1:
        return _prepare(settings)
    signal.signal(signal.SIGTERM, _end_with_child)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _end_with_parent) as apart:
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
    """Serve until told to end. Workers read their settings from the environment; SystemExit when none can start."""
    _export(settings)
    config = _config(settings)
    if settings.workers == 1:
        # Once drained, the server raises the signal that ended it again; that was no death: the exit status is 0.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        uvicorn.Server(config).run([listener])
    else:
        supervisor = _Supervisor(config, [listener])
        supervisor.run()
        if supervisor.exit_status:
            sys.exit(supervisor.exit_status)


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
