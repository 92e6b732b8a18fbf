"""Run by genai2.py in a process that has the older SDK: reads where to call from stdin, writes what came to stdout."""

import dataclasses
import json
import sys

from google.genai import __version__

from tests.sdks.gemini_client import GeminiClient
from tests.sdks.scenarios import PLAYS, play


def main() -> None:
    """Play every scenario with every model."""
    told = json.load(sys.stdin)
    client = GeminiClient(told["base_url"], told["key"])
    played = [
        {
            "model": model,
            "scenario": scenario,
            "streamed": streamed,
            **dataclasses.asdict(play(client, scenario, model, streamed)),
        }
        for model in told["models"]
        for scenario, streamed in PLAYS
    ]
    json.dump({"version": __version__, "played": played}, sys.stdout)


if __name__ == "__main__":
    main()
