"""The wheel's build hook: the console is built and goes along. An editable install leaves that to `make install`."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleBuild(BuildHookInterface):
    """Runs the console's own build. Raises RuntimeError without Node."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build unless this is an editable install."""
        if version == "editable":
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("building the wheel needs Node 20 or later, with npm")
        console = Path(self.root) / "console"
        subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=console, check=True)
        subprocess.run([npm, "run", "--silent", "build"], cwd=console, check=True)
