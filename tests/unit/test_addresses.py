"""Where the service may connect to when somebody else has named the host."""

from ipaddress import ip_network

import pytest

from app.addresses import is_allowed, is_named

FORBIDDEN = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1",
    "4000::1", "localhost", "example.id", "", "127.1", "0x7f.0.0.1",
]  # fmt: skip
ALLOWED = [
    "8.8.8.8",
    "103.10.10.1",
    "1.1.1.1",
    "2606:4700:4700::1111",
    "2400:cb00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
NAMED = (ip_network("10.20.0.0/16"), ip_network("127.0.0.0/8"), ip_network("fd12::/16"))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_only_addresses_of_the_world(address: str) -> None:
    assert not is_allowed(address)
    assert not is_allowed(address, [ip_network("10.20.0.0/16")])


@pytest.mark.parametrize("address", ALLOWED)
def test_the_world_is_allowed_and_not_the_operator_s(address: str) -> None:
    assert is_allowed(address)
    assert not is_named(address, NAMED)


@pytest.mark.parametrize("address", ["10.20.3.4", "::ffff:10.20.3.4", "127.0.0.1", "64:ff9b::7f00:1", "fd12::7"])
def test_what_the_operator_has_named_is_allowed_too(address: str) -> None:
    assert is_allowed(address, NAMED)
    assert is_named(address, NAMED)
    assert not is_allowed("10.21.0.1", NAMED)
