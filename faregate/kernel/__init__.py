"""What every room stands on: errors, time, ids, bodies, secrets and the one outbound HTTP client.

Imports nothing of the house above it.
"""
