#!/usr/bin/env python3
"""The rig with the body of a Claude client, for POST /v1/messages: every answer of the chat upstream is converted.

Same arguments and output as rig.py; say `--path /v1/messages`.
"""

import rig

rig.UNARY = {
    "model": "gpt-4o-mini",
    "max_tokens": 512,
    "temperature": 0.7,
    "system": "You are a helpful assistant. " * 8,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Tell me about foxes and dogs. " * 20}]}],
}

if __name__ == "__main__":
    rig.main()
