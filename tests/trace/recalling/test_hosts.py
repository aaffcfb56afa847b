"""Hosts: what is written as an address within somebody's own network is told as such, however it is written."""

import pytest

from trace.recalling.hosts import is_private, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104 -- as text
        *("::1", "fe80::1%eth0", "fc00::1", "fec0::1", "::ffff:10.0.0.1", "::127.0.0.1", "ff0e::1"),
        *("64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::"),
    ],
)
def test_an_address_within_a_network_of_ones_own_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_an_address_of_the_network_of_all_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "017700000001", "[::1]", "localhost", "LOCALHOST."])
def test_an_address_in_another_spelling_is_known(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["buyer.example", "1.1.1.1", "16843009", "茶.example"])
def test_a_name_is_looked_up_only_when_something_is_sent(host: str) -> None:
    assert not is_private(host)
