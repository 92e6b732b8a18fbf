"""Gateways to measure in the same run, for ratios: what starts each of them, as arguments of the rig."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_MASTER_KEY = "fgw_0123456789abcdef0123456789abcdef"


def ferrogw(where: Path) -> list[str]:
    """A Go gateway that comes as a Python wheel of the same name. Raises LookupError when it is not installed."""
    program = _found("ferrogw")
    config = where / "ferrogw.yaml"
    subprocess.run([program, "init", "--non-interactive", "-o", config], check=True, capture_output=True)
    environment = {
        "MASTER_KEY": _MASTER_KEY,
        "OPENAI_API_KEY": "sk-upstream",
        "OPENAI_BASE_URL": "http://127.0.0.1:{UP}/v1",
        "FERRO_MODEL_CATALOG_TIMEOUT": "0",
        "LOG_LEVEL": "error",
        "GATEWAY_CONFIG": str(config),
        "PORT": "8080",
        "RATE_LIMIT_RPS": "0",
    }
    given = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    return ["ferrogw", f"{program} serve", "--port", "8080", "--header", f"Authorization: Bearer {_MASTER_KEY}", *given]


PEERS: dict[str, Callable[[Path], list[str]]] = {"ferrogw": ferrogw}


def _found(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    program = str(beside) if beside.exists() else shutil.which(name)
    if not program:
        raise LookupError(f"{name} is not installed: it must be on the PATH or beside {Path(sys.executable).name}")
    return program
