"""Password hashes."""

import bcrypt

from faregate.identity import Passwords


async def test_a_hash_fits_its_password_alone() -> None:
    passwords = Passwords()
    known = await passwords.hash("password-1")
    assert known.startswith("$argon2id$")
    assert await passwords.verify(known, "password-1")
    assert not await passwords.verify(known, "password-2")
    assert not passwords.is_outdated(known)


async def test_imported_bcrypt_hashes_are_verified_and_outdated() -> None:
    passwords = Passwords()
    known = bcrypt.hashpw(b"password-1", bcrypt.gensalt(4)).decode()
    assert await passwords.verify(known, "password-1")
    assert not await passwords.verify(known, "password-2")
    assert passwords.is_outdated(known)


async def test_nothing_fits_an_account_without_a_password() -> None:
    passwords = Passwords()
    assert not await passwords.verify("", "nobody has this password")
    assert not await passwords.verify("", "")
    assert not await passwords.verify("$2a$rubbish", "x")
    assert not await passwords.verify("rubbish", "x")


async def test_every_character_of_a_long_password_counts() -> None:
    passwords = Passwords()
    known = await passwords.hash("ü" * 127 + "a")
    assert await passwords.verify(known, "ü" * 127 + "a")
    assert not await passwords.verify(known, "ü" * 127 + "b")


async def test_an_imported_hash_of_a_password_beyond_what_bcrypt_reads_fits() -> None:
    known = bcrypt.hashpw(b"p" * 72, bcrypt.gensalt(4)).decode()
    assert await Passwords().verify(known, "p" * 128)
