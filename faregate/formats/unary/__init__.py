"""Calls with one answer and no conversation: passed through, with few conversions."""
