"""Names of tools inside a `namespace` tool (Codex offers its tools so).

Other dialects have no namespaces, so inside the house such a tool is called `<namespace>-ns-<name>`. What leaves in
this dialect is split again: a call made through any upstream comes back under the name its caller knows.
"""

_BETWEEN = "-ns-"
_LONGEST = 64  # what OpenAI and Anthropic take as a function name


def joined(namespace: str, name: str) -> str:
    """The house's name; the bare name when the long one would be refused everywhere."""
    long = f"{namespace}{_BETWEEN}{name}"
    return long if namespace and len(long) <= _LONGEST else name


def naming(name: str) -> dict[str, object]:
    """The `name` and, where there is one, `namespace` fields of a call item."""
    namespace, found, inner = name.partition(_BETWEEN)
    return {"name": inner, "namespace": namespace} if found and namespace and inner else {"name": name}
