"""Writes the generated parts of docs/ from the program itself: `make docs`. A test fails when they differ.

A part stands between `<!-- generated:name -->` and `<!-- /generated:name -->`; everything else is written by hand.
"""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import typer

from faregate.app import SECTIONS
from faregate.cli import app
from faregate.formats import DIALECTS
from faregate.formats.anthropic.errors import TYPES as ANTHROPIC_TYPES
from faregate.formats.dialect import Fault, FaultKind
from faregate.kernel.errors import ClientError, GatewayError, Refused, Unrepresentable, UpstreamFailure
from faregate.relay.faults import fault_of
from faregate.relay.providers import PROVIDERS
from faregate.settings import described
from faregate.storage.sections import Section, to_text

ROOT = Path(__file__).resolve().parents[1]
_DIFFERENCES = ROOT / "tests" / "conformance" / "differences.toml"
_PART = re.compile(r"(<!-- generated:(?P<name>[a-z-]+) -->\n).*?(<!-- /generated:(?P=name) -->)", re.DOTALL)
_LONGEST_DEFAULT = 60
_LISTED_ENTRIES = 3
_TREE = "faregate.kernel.errors"


def pages() -> dict[Path, str]:
    """Every page with a generated part, as it should be."""
    found = {path: path.read_text("utf8") for path in sorted((ROOT / "docs").rglob("*.md"))}
    return {path: filled(text) for path, text in found.items() if _PART.search(text)}


def filled(text: str) -> str:
    """`text` with its generated parts made anew. Raises KeyError for a part that nobody generates."""
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part['name']]()}\n{part[3]}", text)


def main() -> None:
    """Write what differs, and say what was written."""
    for path, text in pages().items():
        if path.read_text("utf8") != text:
            path.write_text(text, "utf8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(text: object) -> str:
    """`text` as code, or nothing when it is empty."""
    return f"`{text}`" if str(text) else ""


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    return " ".join((text or "").split("\n\n")[0].split())


# --- the command line and its environment --------------------------------------------------------------------


def commands() -> str:
    """Every command with its options."""
    group: Any = typer.main.get_command(app)
    return "\n".join(_command(name, command) for name, command in group.commands.items())


def _command(name: str, command: Any) -> str:
    options = [(code(", ".join(option.opts)), option.help or "") for option in command.params]
    return f"### faregate {name}\n\n{command.help}\n\n{table(('option', 'meaning'), options)}"


def environment() -> str:
    """Every variable of the environment."""
    rows = [
        (code(names[0]), ", ".join(map(code, names[1:])), code(default), f"{meaning[0].upper()}{meaning[1:]}.")
        for names, default, meaning in described()
    ]
    return table(("variable", "also read", "default", "meaning"), rows)


# --- run-time settings ---------------------------------------------------------------------------------------


def sections() -> str:
    """Every section of run-time settings."""
    return "\n".join(_section(section) for section in SECTIONS)


def _section(section: type[Section]) -> str:
    rows = [(code(key), default, f"{title}.") for key, default, title in options(section)]
    return f"### {section.title}\n\n{sentence_of(section)}\n\n{table(('key', 'default', 'meaning'), rows)}"


def sentence_of(section: type[Section]) -> str:
    """What a section is for: its help, else its docstring."""
    return section.help or first_sentence(section.__doc__)


def options(section: type[Section]) -> Iterator[tuple[str, str, str]]:
    """Key, default and title of every setting."""
    for field in section.model_fields.values():
        extra: Any = field.json_schema_extra
        default = field.get_default(call_default_factory=True)
        yield extra["option"], _default(default, is_secret=extra["secret"]), field.title or ""


def _default(value: Any, *, is_secret: bool) -> str:
    if is_secret:
        return "*(never shown)*"
    if isinstance(value, dict | list) and len(value) > _LISTED_ENTRIES:  # pyright: ignore[reportUnknownArgumentType]
        return f"*({len(value)} entries)*"  # pyright: ignore[reportUnknownArgumentType]
    text = to_text(value)
    if "\n" in text:
        return f"*({len(text.splitlines())} lines)*"
    return code(text if len(text) <= _LONGEST_DEFAULT else text[:_LONGEST_DEFAULT] + "…")


# --- errors --------------------------------------------------------------------------------------------------


def errors() -> str:
    """Every class of the tree in kernel/errors.py, with what an OpenAI client reads of it."""
    rows: list[tuple[str, ...]] = []
    for kind in _tree(GatewayError):
        if issubclass(kind, Refused):
            rows.append((kind.__name__, *["*(the upstream's)*"] * 3, "by status", first_sentence(kind.__doc__)))
            continue
        fault = fault_of(_instance(kind), "")
        wire = (str(fault.status), code(fault.type), code(fault.code or ""), code(fault.kind))
        rows.append((kind.__name__, *wire, first_sentence(kind.__doc__)))
    return table(("error", "status", "`type`", "`code`", "kind", "when"), rows)


def _tree(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    for child in kind.__subclasses__():
        if child.__module__ == _TREE:
            if child not in (ClientError, UpstreamFailure):
                yield child
            yield from _tree(child)


def _instance(kind: type[GatewayError]) -> GatewayError:
    if kind is Unrepresentable:
        return Unrepresentable("this", "other")
    return kind("this")


def kinds() -> str:
    """How each kind of error is called in each dialect."""
    gemini = DIALECTS["gemini"]
    rows: list[tuple[str, str, str]] = []
    for kind in get_args(FaultKind):
        status = re.search(rb'"status":"(\w+)"', gemini.render_error(Fault(status=500, message="", kind=kind)))
        rows.append((code(kind), code(ANTHROPIC_TYPES[kind]), code(status[1].decode() if status else "")))
    return table(("kind", "Anthropic `error.type`", "Gemini `error.status`"), rows)


# --- providers, differences ----------------------------------------------------------------------------------


def providers() -> str:
    """Every provider, by its channel type."""
    rows = [
        (
            str(provider.type),
            provider.name,
            code(provider.base_url) or ("*(none)*" if provider.local else "*(the channel's)*"),
            ", ".join(map(code, provider.dialects)) or "*(by route)*",
            _more(provider),
        )
        for provider in sorted(PROVIDERS, key=lambda provider: provider.type)
    ]
    return table(("type", "provider", "default base address", "dialects, best first", "beside conversations"), rows)


def _more(provider: Any) -> str:
    can = (
        ("text completions", provider.completes),
        ("embeddings", bool(provider.embeds)),
        ("token counts", provider.counts),
        ("model list", bool(provider.models_path)),
    )
    return ", ".join(name for name, able in can if able)


def differences() -> str:
    """Every reason why an answer differs from New API's, with the scenarios that show it."""
    listed = tomllib.loads(_DIFFERENCES.read_text("utf8"))["difference"]
    by_reason: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in listed:
        by_reason[one["reason"]][one["scenario"]].append(one.get("step", ""))
    lines: list[str] = []
    for reason, seen in by_reason.items():
        where = "; ".join(f"`{scenario}`: {_steps(steps)}" for scenario, steps in seen.items())
        lines.append(f"- **{reason[0].upper()}{reason[1:]}.** {where}\n")
    return "".join(lines)


def _steps(steps: Sequence[str]) -> str:
    if len(steps) > _LISTED_ENTRIES:
        return f"{len(steps)} steps"
    return ", ".join(f"“{step}”" for step in steps)


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "environment": environment,
    "settings": sections,
    "errors": errors,
    "kinds": kinds,
    "providers": providers,
    "differences": differences,
}

if __name__ == "__main__":
    main()
