"""Secrets: one master secret, a derived key for every purpose, sealing, keyed digests.

Nothing here is ever logged. A key derived for one purpose opens nothing of another; a sealed text opens only in the
context (say, the row) it was sealed for.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from faregate.kernel.errors import GatewayError

_FILE = "secret"
_LENGTH = 32
_NONCE_BYTES = 12
_VERSION = "v1."


class BadSecret(GatewayError):
    """The master secret cannot be read, or something was sealed with another one."""

    code = "secrets.unusable"


def load_master_secret(data_dir: Path, given: str = "") -> bytes:
    """The 32 bytes everything is derived from.

    `given` (an environment value) wins and is hashed to length; else the file `secret` in `data_dir`, made with mode
    0600 on first start. Raises BadSecret for a file that holds something else.
    """
    if given:
        return hashlib.sha256(b"faregate/master/v1\0" + given.encode()).digest()
    path = data_dir / _FILE
    if not path.exists():
        _create(path)
    try:
        found = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise BadSecret(f"the master secret file {str(path)!r} cannot be read", detail=str(error)) from error
    if len(found) != _LENGTH:
        raise BadSecret(f"the master secret file {str(path)!r} must hold {_LENGTH} bytes as hexadecimal digits")
    return found


def _create(path: Path) -> None:
    """Write the file whole or not at all; when another process was first, its file stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def key_digest(key: str) -> str:
    """SHA-256 of an API key as 64 hexadecimal digits.

    Not keyed: API keys are long and random, and must go on working when the master secret is replaced.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class Vault:
    """Seals, opens and digests with keys derived from the master secret. State: the keys derived so far."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._keys: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key of `purpose` (HKDF-SHA256)."""
        if purpose not in self._keys:
            expand = HKDF(algorithm=SHA256(), length=_LENGTH, salt=None, info=b"faregate/v1/" + purpose.encode())
            self._keys[purpose] = expand.derive(self._master)
        return self._keys[purpose]

    def digest(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 of `text` under the key of `purpose` in hexadecimal: finds a secret without keeping it."""
        return hmac.new(self.derive(f"digest/{purpose}"), text.encode(), hashlib.sha256).hexdigest()

    def seal(self, purpose: str, context: str, text: str) -> str:
        """`text` encrypted (AES-256-GCM), to be opened for the same purpose and context only."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.derive(f"seal/{purpose}")).encrypt(nonce, text.encode(), context.encode())
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def unseal(self, purpose: str, context: str, sealed: str) -> str:
        """What was sealed. Raises BadSecret for another master secret, purpose or context, or a damaged text."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
            opener = AESGCM(self.derive(f"seal/{purpose}"))
            return opener.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise BadSecret("a sealed value cannot be opened: it was sealed with another master secret") from error
