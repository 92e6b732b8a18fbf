#!/usr/bin/env python3
"""Measure the gateway on one core, beside the floor and, with --peer, beside another gateway in the same run.

    run.py [--peer ferrogw] [--runs 3] [--secs 3]      the table
    run.py --streams 300 [--minutes 1]                 memory under many slow streams

The floor is the canned upstream in the gateway's place: what the machine and the rig need without any gateway.
Everything is on: keys, holds, routing, journal, usage records in SQLite. Loopback only; ends by itself.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import rig
from installation import KEY, UPSTREAMS, Installation
from peers import PEERS
from slow_streams import measure

HERE = Path(__file__).resolve().parent
FLOOR_PORT = 9100
PASSED, CONVERTED = "rig.py", "converted.py"
Report = dict[str, Any]


class Row(NamedTuple):
    """A line of the table: the rig's name for it, and ours. `above_floor`: the floor is taken off."""

    key: str
    title: str
    above_floor: bool = False


ROWS = (
    Row("us", "CPU µs per request"),
    Row("ev_us", "CPU µs per passed event, burst"),
    Row("stream_ev_us", "CPU µs per passed event, 5 ms apart"),
    Row("converted_us", "CPU µs per converted request"),
    Row("converted_ev_us", "CPU µs per converted event, burst"),
    Row("rps", "requests a second, one core"),
    Row("sat_p99", "p99 ms at that load"),
    Row("lat_p50", "added ms p50 at 300 a second", above_floor=True),
    Row("lat_p99", "added ms p99 at 300 a second", above_floor=True),
    Row("rss_mb", "resident MB"),
    Row("ready_s", "seconds to ready"),
    Row("errors", "failed requests"),
)


def main() -> None:
    """Do what the command line says."""
    given = _arguments()
    free = [*UPSTREAMS, FLOOR_PORT, FLOOR_PORT + 1, FLOOR_PORT + 2, given.port]
    taken = [port for port in free if _is_taken(port)]
    if taken:
        sys.exit(f"the rig needs these ports of the loopback, which are taken: {', '.join(map(str, taken))}")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        root = Path(name)
        peer = _peer(given.peer, root)
        rig.build(root)
        installation = Installation(root, given.port)
        print("setting up ...", file=sys.stderr)
        installation.set_up()
        if given.streams:
            measure(installation, root, given.streams, given.minutes * 60, given.cpu, given.rig_cpu)
        else:
            _table(_columns(given, installation, root, peer))


def _arguments() -> argparse.Namespace:
    cores = sorted(os.sched_getaffinity(0))
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--peer", choices=sorted(PEERS), help="another gateway to measure in the same run")
    cli.add_argument("--streams", type=int, default=0, help="so many slow streams at once instead of the table")
    cli.add_argument("--minutes", type=float, default=1.0, help="how long they run")
    cli.add_argument("--runs", type=int, default=3, help="runs of each measurement; medians are shown")
    cli.add_argument("--secs", type=float, default=3.0, help="length of a run")
    cli.add_argument("--port", type=int, default=3900, help="where the gateway listens")
    cli.add_argument("--cpu", default=str(cores[0]), help="the gateway's core")
    cli.add_argument("--rig-cpu", default=str(cores[-1]), help="the core of load and upstreams")
    return cli.parse_args()


def _columns(
    given: argparse.Namespace, installation: Installation, root: Path, peer: Sequence[str]
) -> Iterator[tuple[str, Report]]:
    """Name and report of everything measured, as it is measured."""
    common = ["--runs", given.runs, "--secs", given.secs, "--cpu", given.cpu, "--rig-cpu", given.rig_cpu]
    yield "floor", _floor(root, common)
    yield "faregate", _gateway(installation, common)
    if peer:
        yield given.peer, _renamed(_rig(PASSED, [*peer, *common]))


def _peer(name: str | None, root: Path) -> Sequence[str]:
    """The rig's arguments for the peer that was asked for. Exits when it is not installed."""
    try:
        return PEERS[name](root) if name else ()
    except LookupError as missing:
        sys.exit(str(missing))


def _floor(root: Path, common: Sequence[Any]) -> Report:
    """The canned upstream, as if it were the gateway: it answers by itself."""
    canned = {"unary,burst": "0 64 0", "latency": "50 64 0", "stream": "0 64 5000"}
    report: Report = {}
    for offset, (tests, way) in enumerate(canned.items()):
        port = FLOOR_PORT + offset
        command = f"{root / 'upstream'} {port} {way}"
        found = _rig(PASSED, ["floor", command, "--port", port, "--tests", tests, *common])
        report |= {**found, "errors": report.get("errors", 0) + found["errors"]}
    return _renamed(report)


def _gateway(installation: Installation, common: Sequence[Any]) -> Report:
    where = [installation.command, "--port", installation.port, "--header", f"Authorization: Bearer {KEY}", *common]
    report = _renamed(_rig(PASSED, ["faregate", *where]))
    other = _rig(CONVERTED, ["converted", *where, "--path", "/v1/messages", "--tests", "unary,burst"])
    report |= {"converted_us": other["us"], "converted_ev_us": other["burst_ev_us"]}
    return report | {"errors": report["errors"] + other["errors"], "ready_s": installation.seconds_to_ready()}


def _rig(script: str, arguments: Sequence[Any]) -> Report:
    """One run of the rig: its line of JSON. What it has to complain of goes to our caller."""
    print(f"measuring {arguments[0]} ...", file=sys.stderr)
    command = [sys.executable, HERE / script, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=900)
    if done.returncode:
        sys.exit(f"{script} {arguments[0]} ended with status {done.returncode}")
    return json.loads(done.stdout)


def _renamed(report: Report) -> Report:
    return report | {"ev_us": report["burst_ev_us"]}


def _table(columns: Iterator[tuple[str, Report]]) -> None:
    """One line a measurement, one column a gateway; with a peer, ours as a multiple of it."""
    reports = dict(columns)
    names = list(reports)
    peers = names[2:]
    heads = [*names, *(f"÷ {peer}" for peer in peers)]
    print(f"\n{'':<38}" + "".join(f"{head:>12}" for head in heads))
    for row in ROWS:
        shown = [_value(row, name, reports) for name in names]
        ratios = [_ratio(shown[1], value) for value in shown[2:]]
        print(f"{row.title:<38}" + "".join(f"{_text(value):>12}" for value in (*shown, *ratios)))
    print("\nAdded: beyond the floor, whose own latency, with the upstream's 50 ms, stands in its column.")


def _value(row: Row, name: str, reports: dict[str, Report]) -> float | None:
    value = reports[name].get(row.key)
    if value is None or not row.above_floor:
        return value
    return value if name == "floor" else value - reports["floor"][row.key]


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None


def _text(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _is_taken(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
