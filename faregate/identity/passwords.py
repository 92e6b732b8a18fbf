"""Passwords: Argon2id for our own, bcrypt only to verify imported hashes (which are then replaced).

Hashing takes tens of milliseconds and memory, so it runs in threads, two at a time.
"""

import asyncio

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1  # OWASP password storage cheat sheet, 2026-08
_AT_ONCE = 2
_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_BYTES = 72  # bcrypt looks at no more


class Passwords:
    """Hashes and verifies. State: how many threads may work at once, and a hash nobody has."""

    def __init__(self, *, memory_kib: int = _MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=memory_kib, parallelism=_LANES)
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """A new Argon2id hash."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, known: str, password: str) -> bool:
        """True when `password` fits. An empty hash takes as long as a wrong password and never fits."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, known or self._nobody, password) and bool(known)

    def is_outdated(self, known: str) -> bool:
        """True when a fitting password should be hashed anew."""
        return known.startswith(_BCRYPT) or self._hasher.check_needs_rehash(known)

    def _verify(self, known: str, password: str) -> bool:
        if known.startswith(_BCRYPT):
            return self._verify_bcrypt(known, password)
        try:
            return self._hasher.verify(known, password)
        except (Argon2Error, InvalidHashError):
            return False

    @staticmethod
    def _verify_bcrypt(known: str, password: str) -> bool:
        try:
            return bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], known.encode())
        except ValueError:
            return False
