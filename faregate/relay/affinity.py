"""Which calls belong together: the first rule that matches names a key, and the key prefers one credential.

Nothing is stored: the preference is a rendezvous hash over the credentials that are healthy now, so it can neither
outlive its channel nor grow.
"""

import hashlib
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from faregate.relay.arrival import Arrival
from faregate.relay.settings import AffinityRule, AffinitySettings, KeySource

_OWN_PATHS = {"prompt_cache_key", "metadata.user_id"}  # what a dialect's peek already found


class Affinity(NamedTuple):
    """The rule that matched and the value it found."""

    rule: AffinityRule
    source: KeySource
    value: str
    key: str  # what is hashed: the value and what the rule adds to it

    def described(self, group: str, model: str, path: str) -> dict[str, object]:
        """For the log row: the value itself only as a hint and a fingerprint."""
        value = self.value
        return {
            "reason": self.rule.name,
            "rule_name": self.rule.name,
            "using_group": group,
            "model": model,
            "request_path": path,
            "key_source": self.source.type,
            "key_key": self.source.key,
            "key_path": self.source.path,
            "key_hint": f"{value[:4]}...{value[-4:]}" if len(value) > 12 else value,
            "key_fp": hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest()[:8],
        }


def find(
    settings: AffinitySettings, arrival: Arrival, body: bytes, peeked: str, model: str, group: str
) -> Affinity | None:
    """The affinity of a call, or None."""
    if not settings.enabled:
        return None
    for rule in settings.rules:
        if not _named(rule.model_regex, rule.path_regex, model, arrival.path) or not _agent_fits(rule, arrival):
            continue
        for source in rule.key_sources:
            value = _value(source, arrival, body, peeked)
            if value and (not rule.value_regex or _compiled(rule.value_regex).search(value)):
                parts = (
                    rule.name if rule.include_rule_name else "",
                    model if rule.include_model_name else "",
                    group if rule.include_using_group else "",
                    value,
                )
                return Affinity(rule, source, value, "\x1f".join(parts))
    return None


@lru_cache(maxsize=8192)
def _named(models: tuple[str, ...], paths: tuple[str, ...], model: str, path: str) -> bool:
    if not any(_compiled(pattern).search(model) for pattern in models):
        return False
    return not paths or any(_compiled(pattern).search(path) for pattern in paths)


def _agent_fits(rule: AffinityRule, arrival: Arrival) -> bool:
    if not rule.user_agent_include:
        return True
    agent = arrival.header(b"user-agent").lower()
    return any(part.lower() in agent for part in rule.user_agent_include)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile(r"(?!)")


def _value(source: KeySource, arrival: Arrival, body: bytes, peeked: str) -> str:
    if source.type == "request_header":
        return arrival.header(source.key.lower().encode("latin-1", "ignore"))
    if source.type != "gjson":
        return ""
    if source.path in _OWN_PATHS and peeked:
        return peeked
    return _at_path(body, source.path)


def _at_path(body: bytes, path: str) -> str:
    try:
        value: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):  # pyright: ignore[reportUnknownArgumentType]
            value = value[int(step)]  # pyright: ignore[reportUnknownVariableType]
        else:
            return ""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""  # pyright: ignore[reportUnknownArgumentType]


def preferred(key: str, credentials: Iterable[tuple[int, float]]) -> int:
    """The credential that `key` prefers among these ids with their shares; keys are spread by these.

    The same as long as it is among them and no share changes. Weighted rendezvous hashing by the logarithmic method.
    """

    def rank(credential: tuple[int, float]) -> float:
        ident, share = credential
        digest = hashlib.blake2b(f"{key}\x1f{ident}".encode(), digest_size=8).digest()
        between_0_and_1 = ((int.from_bytes(digest) >> 12) + 0.5) / 2**52
        return -share / math.log(between_0_and_1)

    return max(credentials, key=rank)[0]
