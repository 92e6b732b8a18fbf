"""Faregate: an LLM gateway with the meter built in."""

__version__ = "0.1.0"
