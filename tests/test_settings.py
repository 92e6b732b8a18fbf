"""The environment: what is refused at the start, and with which words."""

import pytest

from faregate.settings import BadSetting, read_settings

SENTENCE = "must be an address such as redis://user:password@host:6379/0 (or rediss://, unix://)"


@pytest.mark.parametrize("name", ["FAREGATE_REDIS", "REDIS_CONN_STRING"])
@pytest.mark.parametrize(
    "address",
    [
        "localhost:6379",
        "http://localhost:6379",
        "redis://localhost:port",
        "redis://localhost:99999",
        "redis://localhost/first",
        "redis://localhost?no_such_option=1",
        "redis://localhost?socket_timeout=soon",
    ],
)
def test_a_bad_redis_address_stops_the_start_with_a_sentence_that_names_the_variable(name: str, address: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_settings({name: address})
    assert str(refusal.value) == f"{name}: {SENTENCE}."


@pytest.mark.parametrize(
    "address",
    [
        "redis://localhost",
        "redis://localhost:6379/3",
        "redis://:p%40ss@cache:6380/0",
        "rediss://user:pass@cache:6380",
        "redis://localhost?db=2&socket_timeout=1",
        "unix:///run/redis.sock",
    ],
)
def test_a_redis_address_is_kept_as_it_is(address: str) -> None:
    assert read_settings({"FAREGATE_REDIS": f" {address} "}).redis == address


def test_without_a_redis_address_there_is_none() -> None:
    assert read_settings({"FAREGATE_REDIS": "", "REDIS_CONN_STRING": " "}).redis == ""


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("FAREGATE_WORKERS", "0", "must be a whole number above 0"),
        ("FAREGATE_WORKERS", "-2", "must be a whole number above 0"),
        ("FAREGATE_DATA_DIR", "~nosuch/x", "must not begin with the home of a user who is unknown here"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_name_of_its_variable(
    name: str, text: str, sentence: str
) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_settings({name: text})
    assert str(refusal.value) == f"{name}: {sentence}."


@pytest.mark.parametrize("key", ["sk-0123456789abcdef", "0123456789ABCDEF" * 8])
def test_a_key_for_root_may_be_any_that_can_work(key: str) -> None:
    assert read_settings({"FAREGATE_ROOT_KEY": key}).root_key == key


@pytest.mark.parametrize(
    "key", ["sk-", "sk-my-own-key-0123456789", "sk-0123456789abcde", "0" * 129, "sk-0123456789abcdé"]
)
def test_a_key_for_root_that_cannot_work_is_refused(key: str) -> None:
    with pytest.raises(BadSetting, match=r"^INITIAL_ROOT_TOKEN: must be 16 to 128 letters and digits, with or without"):
        read_settings({"INITIAL_ROOT_TOKEN": key})


@pytest.mark.parametrize("token", ["x", "0123456789abcde", "with blanks in between", "é" * 20, "0" * 256])
def test_an_access_token_for_root_that_is_easily_guessed_is_refused(token: str) -> None:
    with pytest.raises(BadSetting, match=r"^FAREGATE_ROOT_ACCESS_TOKEN: must have 16 to 255 characters, all of them"):
        read_settings({"FAREGATE_ROOT_ACCESS_TOKEN": token})
