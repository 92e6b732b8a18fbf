"""How each coding agent is pointed at a gateway, and how it is told to use one of its own tools.

The sandbox answers with the tool call that the prompt dictates (docs/sandbox.md); the agent runs it for real.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

WORD = "faregate-42"
_COMMAND = "printf faregate-%s 42"
_GEMINI_SETTINGS = {"security": {"auth": {"selectedType": "gemini-api-key"}}}


class Place(NamedTuple):
    """Where an agent calls, with which key, for which model."""

    base_url: str
    key: str
    model: str


class Agent(NamedTuple):
    """`program` is the name that npm installs; `dialect` what it speaks; `tool` the call that prints WORD."""

    name: str
    program: str
    dialect: str
    tool: str
    arguments: Mapping[str, Any]
    command: Callable[[Place], Sequence[str]]  # what comes before the prompt
    environment: Callable[[Place], Mapping[str, str]]

    @property
    def slug(self) -> str:
        """The name as a part of model names."""
        return self.name.lower().replace(",", "").replace(" ", "-")

    @property
    def tool_prompt(self) -> str:
        """The prompt that makes the sandbox call the agent's tool."""
        return f"sandbox: call {self.tool} {json.dumps(self.arguments)}"


def prepare_home(home: Path) -> None:
    """What the agents expect in a home folder."""
    (home / ".gemini").mkdir(parents=True)
    (home / ".gemini" / "settings.json").write_text(json.dumps(_GEMINI_SETTINGS))


def _claude(place: Place) -> Sequence[str]:
    return ["--model", place.model, "--allowedTools", "Bash", "-p"]


def _claude_environment(place: Place) -> Mapping[str, str]:
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
    return {"ANTHROPIC_BASE_URL": place.base_url, "ANTHROPIC_API_KEY": place.key, **quiet}


def _codex(place: Place, *settings: str) -> Sequence[str]:
    options = [part for setting in settings for part in ("-c", setting)]
    return ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "-m", place.model, *options]


def _codex_over_http(place: Place) -> Sequence[str]:
    own = "model_providers.gateway"
    return _codex(
        place,
        'model_provider="gateway"',
        f'{own}.name="gateway"',
        f'{own}.base_url="{place.base_url}/v1"',
        f'{own}.env_key="GATEWAY_KEY"',
        f'{own}.wire_api="responses"',
    )


def _codex_built_in(place: Place) -> Sequence[str]:
    """Opens a WebSocket first; the gateway's 426 sends it to HTTP."""
    return _codex(place, f'openai_base_url="{place.base_url}/v1"')


def _gemini(place: Place) -> Sequence[str]:
    return ["-m", place.model, "--yolo", "-p"]


def _gemini_environment(place: Place) -> Mapping[str, str]:
    quiet = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    return {"GOOGLE_GEMINI_BASE_URL": place.base_url, "GEMINI_API_KEY": place.key, **quiet}


AGENTS = (
    Agent("Claude Code", "claude", "anthropic", "Bash", {"command": _COMMAND}, _claude, _claude_environment),
    Agent(
        "Codex",
        "codex",
        "openai_responses",
        "exec_command",
        {"cmd": _COMMAND},
        _codex_over_http,
        lambda place: {"GATEWAY_KEY": place.key},
    ),
    Agent(
        "Codex, built-in provider",
        "codex",
        "openai_responses",
        "exec_command",
        {"cmd": _COMMAND},
        _codex_built_in,
        lambda place: {"CODEX_API_KEY": place.key},
    ),
    Agent("Gemini CLI", "gemini", "gemini", "run_shell_command", {"command": _COMMAND}, _gemini, _gemini_environment),
)
