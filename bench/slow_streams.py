"""Many slow streams at once: the memory of the gateway must not grow with what passes through it."""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import rig
from installation import KEY, UPSTREAMS, Installation, stop

_EVENTS_A_SECOND = 10
_STREAM_S = 20
_UPSTREAM = UPSTREAMS[2]


def measure(installation: Installation, binaries: Path, streams: int, seconds: float, cpu: str, rig_cpu: str) -> None:
    """Print resident memory before, while `streams` run for `seconds`, and after; and what became of the streams."""
    events, pause_us = _STREAM_S * _EVENTS_A_SECOND, 1_000_000 // _EVENTS_A_SECOND
    canned = ["taskset", "-c", rig_cpu, str(binaries / "upstream"), str(_UPSTREAM), "0", str(events), str(pause_us)]
    upstream = subprocess.Popen(canned)
    gateway = installation.start(_UPSTREAM)
    try:
        subprocess.run(["taskset", "-a", "-p", "-c", cpu, str(gateway.pid)], check=True, capture_output=True)
        print(f"{streams} streams of {_STREAM_S} s, {_EVENTS_A_SECOND} events a second each, for {seconds:.0f} s")
        _watch(gateway.pid, _load(installation.port, binaries, streams, seconds, rig_cpu), seconds)
    finally:
        stop(gateway)
        upstream.terminate()
        upstream.wait(10)


def _load(port: int, binaries: Path, streams: int, seconds: float, rig_cpu: str) -> subprocess.Popen[str]:
    body = Path(tempfile.mkdtemp(prefix="streams-")) / "body.json"
    body.write_text(json.dumps({**rig.UNARY, "stream": True, "stream_options": {"include_usage": True}}))
    command = ["taskset", "-c", rig_cpu, str(binaries / "load"), str(port), "/v1/chat/completions", str(body)]
    command += [str(streams), str(seconds), "-H", f"Authorization: Bearer {KEY}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _watch(gateway: int, load: subprocess.Popen[str], seconds: float) -> None:
    _tell("idle", gateway)
    marks = {"start": min(5.0, seconds / 4), "middle": seconds / 2, "end": seconds - 1}
    began = time.monotonic()
    timer = threading.Timer(seconds + 60, load.kill)
    timer.start()
    for name, mark in marks.items():
        time.sleep(max(0.0, began + mark - time.monotonic()))
        _tell(name, gateway)
    told, _ = load.communicate()
    timer.cancel()
    _tell("after", gateway)
    result: dict[str, Any] = json.loads(told)
    print(f"\n{result['ok']} streams whole, {result['err']} failed, {result['events']} events")


def _tell(when: str, gateway: int) -> None:
    print(f"  {when:<8}{rig.resident_mb(gateway):8.1f} MB")
