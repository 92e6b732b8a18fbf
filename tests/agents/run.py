"""Real coding agents against a real gateway: `make agents`.

Installs Claude Code, Codex and Gemini CLI (pinned in package-lock.json) under .artifacts/agents and runs each with
upstreams of all four dialects: a prompt in words, and one that makes the agent use a tool of its own and report what
came of it. Checks what the agent prints and the usage records; exits 1 when anything differs. Not part of the tests.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]
sys.path.insert(0, str(_REPOSITORY))

from tests.agents.agents import AGENTS, WORD, Agent, Place, prepare_home  # noqa: E402 - run as a script
from tests.sdks.pair import LABELS, UPSTREAMS, Pair, model_of  # noqa: E402

_INSTALLED = _REPOSITORY / ".artifacts" / "agents"
_PINS = ("package.json", "package-lock.json", ".npmrc")
_ANSWERED_WITHIN_S = 120
_console = Console(highlight=False)


class Found(NamedTuple):
    """What came of an agent with an upstream. `wrong` is empty when all was as expected."""

    agent: str
    upstream: str
    seconds: float
    wrong: str


def install() -> None:
    """The agents of package-lock.json, unless they are there already."""
    pins = {name: (_HERE / name).read_bytes() for name in _PINS}
    stamp = _INSTALLED / "installed"
    if stamp.is_file() and all((_INSTALLED / name).read_bytes() == pin for name, pin in pins.items()):
        return
    shutil.rmtree(_INSTALLED, ignore_errors=True)
    _INSTALLED.mkdir(parents=True)
    for name, pin in pins.items():
        (_INSTALLED / name).write_bytes(pin)
    subprocess.run(["npm", "ci"], cwd=_INSTALLED, check=True)
    stamp.touch()


def versions() -> Iterator[str]:
    """What each program says of itself."""
    for program in dict.fromkeys(agent.program for agent in AGENTS):
        done = subprocess.run([_program(program), "--version"], capture_output=True, text=True, check=True)
        yield f"{program}: {done.stdout.strip()}"


def _program(name: str) -> str:
    return str(_INSTALLED / "node_modules" / ".bin" / name)


def examine(pair: Pair, agent: Agent, upstream: str, folder: Path) -> Found:
    """Both prompts, and the records of the three calls that they make."""
    place = Place(pair.url, pair.key, model_of(agent.slug, upstream))
    started = time.monotonic()
    wrong = _ask(agent, place, "Say pong", "pong", folder) or _ask(agent, place, agent.tool_prompt, WORD, folder)
    seconds = time.monotonic() - started
    return Found(agent.name, upstream, seconds, wrong or _differs(pair, agent, upstream, place.model))


def _ask(agent: Agent, place: Place, prompt: str, expected: str, folder: Path) -> str:
    """What is wrong with the answer to a prompt, or nothing."""
    home, work = folder / "home", folder / "work"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **agent.environment(place)}
    done = subprocess.run(
        [_program(agent.program), *agent.command(place), prompt],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_ANSWERED_WITHIN_S,
        cwd=work,
        env=environment,
        check=False,
    )
    said = done.stdout.strip()
    if done.returncode or not (said == expected or (said.startswith("The tool answered:") and expected in said)):
        return f"{prompt!r}: status {done.returncode}, said {said[-200:]!r}; {done.stderr.strip()[-300:]}"
    return ""


def _differs(pair: Pair, agent: Agent, upstream: str, model: str) -> str:
    """One record for the words, two for the tool; each a stream with both dialects and counted tokens."""
    own = agent.dialect
    labels = [LABELS[own]] if own == upstream else [LABELS[own], LABELS[upstream]]
    try:
        records = pair.records(model, 3)
    except AssertionError as error:
        return str(error)
    for record in records:
        if record["other"]["request_conversion"] != labels:
            return f"the record tells {record['other']['request_conversion']}"
        if not record["is_stream"] or record["other"]["stream_status"]["status"] != "ok":
            return "a record is not that of a clean stream"
        if min(record["prompt_tokens"], record["completion_tokens"], record["quota"]) <= 0:
            return "a record counts or costs nothing"
    return ""


def show(found: list[Found]) -> None:
    """The results as a table: seconds where all was right, else what was wrong."""
    table = Table("agent", *(LABELS[upstream] for upstream in UPSTREAMS))
    for agent in AGENTS:
        row = [one for one in found if one.agent == agent.name]
        table.add_row(agent.name, *(one.wrong or f"right, {one.seconds:.1f} s" for one in row))
    _console.print(table)


def main() -> int:
    """0 when every agent worked with every upstream."""
    install()
    for line in versions():
        _console.print(line)
    with tempfile.TemporaryDirectory(prefix="agents-") as name:
        folder = Path(name)
        prepare_home(folder / "home")
        (folder / "work").mkdir()
        pair = Pair(folder, [agent.slug for agent in AGENTS])
        try:
            cases = [(agent, upstream) for agent in AGENTS for upstream in UPSTREAMS]
            found = [examine(pair, agent, upstream, folder) for agent, upstream in track(cases, console=_console)]
        finally:
            pair.stop()
    show(found)
    return int(any(one.wrong for one in found))


if __name__ == "__main__":
    sys.exit(main())
