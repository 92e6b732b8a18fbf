"""identity_setup, with the one-time setup secret that our set-up asks for in its body."""

from scenarios import identity_setup

identity_setup.GOOD["setup_secret"] = "conformance"
run = identity_setup.run
