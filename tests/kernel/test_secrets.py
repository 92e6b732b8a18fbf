"""The master secret, sealing and digests."""

import stat
from pathlib import Path

import pytest

from faregate.kernel.secrets import BadSecret, Vault, key_digest, load_master_secret, same


def test_the_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = load_master_secret(tmp_path)
    assert len(first) == 32
    assert load_master_secret(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_folder_made_for_the_file_is_private(tmp_path: Path) -> None:
    load_master_secret(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_given_value_wins_over_the_file(tmp_path: Path) -> None:
    given = load_master_secret(tmp_path, "from the environment")
    assert given == load_master_secret(tmp_path / "elsewhere", "from the environment")
    assert given != load_master_secret(tmp_path, "another")
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret").write_text(content)
    with pytest.raises(BadSecret):
        load_master_secret(tmp_path)


def test_what_is_sealed_opens_for_its_purpose_and_context_only() -> None:
    vault = Vault(b"m" * 32)
    sealed = vault.seal("api-key", "row 1", "geheim ✓")
    assert vault.unseal("api-key", "row 1", sealed) == "geheim ✓"
    assert sealed != vault.seal("api-key", "row 1", "geheim ✓")
    for other in (
        lambda: vault.unseal("api-key", "row 2", sealed),
        lambda: vault.unseal("credential", "row 1", sealed),
        lambda: Vault(b"n" * 32).unseal("api-key", "row 1", sealed),
        lambda: vault.unseal("api-key", "row 1", sealed[:-4]),
        lambda: vault.unseal("api-key", "row 1", "v1.??"),
    ):
        with pytest.raises(BadSecret):
            other()


def test_digests_depend_on_purpose_text_and_master_secret() -> None:
    vault = Vault(b"m" * 32)
    digest = vault.digest("refresh", "secret")
    assert digest == Vault(b"m" * 32).digest("refresh", "secret")
    others = (
        vault.digest("setup", "secret"),
        vault.digest("refresh", "other"),
        Vault(b"n" * 32).digest("refresh", "secret"),
    )
    assert digest not in others
    assert len(digest) == 64


def test_a_derived_key_is_none_of_the_keys_that_seal_or_digest() -> None:
    vault = Vault(b"m" * 32)
    assert len({vault.derive(purpose) for purpose in ("api-key", "seal/api-key", "digest/api-key")}) == 3


def test_the_digest_of_an_api_key_is_plain_sha256() -> None:
    assert key_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_comparison_takes_any_text() -> None:
    assert same("ä", "ä")
    assert not same("ä", "a")
