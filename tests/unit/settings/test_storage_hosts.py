"""Which addresses are followed when a server names them."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.fields import Secret
from comfy_cloud._settings.storage_hosts import AddressPolicy, storage_hosts_from

CLOUD = "https://cloud.comfy.org"


def refusal(base_url: str, url: str, hosts: Any = ()) -> str | None:
    scheme, _, host = url.partition("://")
    return AddressPolicy(base_url, storage_hosts_from(hosts)).refusal_of_url(scheme, host)


@pytest.mark.parametrize("host", ["storage.googleapis.com", "8.8.8.8", "2606:4700::1", "a.example."])
@pytest.mark.parametrize("base_url", [CLOUD, "http://127.0.0.1:8188", "http://192.168.1.5:8188"])
def test_https_to_a_public_host_is_always_allowed(base_url: str, host: str) -> None:
    assert refusal(base_url, f"https://{host}") is None
    assert "not encrypted" in str(refusal(base_url, f"http://{host}"))


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("10.1.2.3", "a private address"),
        ("100.127.255.255", "a private address of a provider"),
        ("169.254.169.254", "a link-local address"),
        ("168.63.129.16", "an address within a data centre"),
        ("0.0.0.0", "an unspecified address"),
        ("127.8.8.8", "a loopback address"),
        ("::1", "a loopback address"),
        ("::", "an unspecified address"),
        ("239.1.1.1", "a multicast address"),
        ("255.255.255.255", "a reserved address"),
        ("::ffff:10.1.2.3", "a private address"),
        ("64:ff9b::10.1.2.3", "a private address"),
        ("2002:a01:203::1", "a private address"),
        ("fd12::1", "a private address"),
        ("fe80::1", "a link-local address"),
        ("ff02::1", "a multicast address"),
        ("2001::1", "a reserved address"),
        ("4000::1", "a reserved address"),
        ("64:ff9b:1::1", "a reserved address"),
    ],
)
def test_other_addresses_are_refused_with_a_reason(address: str, what: str) -> None:
    policy = AddressPolicy(CLOUD)
    reason = policy.refusal_of_address("files.example", address)
    assert reason == (
        f"files.example, which is {what}. If your server keeps files there, pass "
        "storage_hosts=['files.example']"
    )
    assert what in str(refusal(CLOUD, f"https://{address}"))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert AddressPolicy(CLOUD).refusal_of_address("files.example", address) is None


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8188", "http://localhost", "http://[::1]:1"])
def test_a_server_on_this_machine_may_lead_to_this_machine(base_url: str) -> None:
    for url in (
        "http://127.0.0.1",
        "https://127.0.0.2",
        "http://localhost",
        "http://::1",
        "https://a.localhost",
    ):
        assert refusal(base_url, url) is None
    policy = AddressPolicy(base_url)
    assert policy.refusal_of_address("localhost", "127.0.0.1") is None
    assert policy.refusal_of_address("localhost", "::ffff:127.0.0.1") is None
    assert policy.refusal_of_address("a.localhost", "10.0.0.1") is not None
    assert refusal(base_url, "https://192.168.1.6") is not None
    assert refusal(base_url, "https://169.254.169.254") is not None


def test_the_host_of_the_base_url_is_trusted_and_no_other_private_one() -> None:
    base_url = "http://192.168.1.5:8188"
    assert refusal(base_url, "http://192.168.1.5") is None
    assert refusal(base_url, "https://192.168.1.5") is None
    assert refusal(base_url, "https://192.168.1.6") is not None
    assert refusal(base_url, "https://127.0.0.1") is not None
    assert AddressPolicy("http://comfy.lan").refusal_of_address("COMFY.LAN.", "10.0.0.9") is None
    assert refusal("https://comfy.lan", "http://comfy.lan") is not None


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "1.2.3.4.5", "127.0.0.01", "0x"]
)
def test_unusual_forms_of_addresses_are_refused_everywhere(host: str) -> None:
    for base_url in (CLOUD, "http://127.0.0.1"):
        assert "not a usual form" in str(refusal(base_url, f"https://{host}"))


def test_a_user_name_in_a_url_is_refused() -> None:
    policy = AddressPolicy(CLOUD, ("*",))
    assert policy.refusal_of_url("https", "a.example", has_credentials=True) is not None


def test_a_pattern_matches_hosts_below_a_domain_but_not_the_domain() -> None:
    assert refusal(CLOUD, "http://a.b.example", ["http://*.b.example"]) is None
    assert refusal(CLOUD, "http://b.example", ["http://*.b.example"]) is not None
    assert refusal(CLOUD, "http://ab.example", ["http://*.b.example"]) is not None
    assert refusal(CLOUD, "https://10.0.0.1", ["10.0.0.1"]) is None
    assert refusal(CLOUD, "https://fd00::1", ["[FD00::1]"]) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ()),
        ("", ()),
        (" A.example , *.b.example,", ("a.example", "*.b.example")),
        (["http://minio.lan", "[fd00::1]", "*"], ("http://minio.lan", "[fd00::1]", "*")),
    ],
)
def test_hosts_are_given_as_a_list_or_with_commas(given: object, expected: tuple[str, ...]) -> None:
    assert storage_hosts_from(given) == expected


@pytest.mark.parametrize(
    "bad", ["a.example:80", "a.example/x", "ftp://a.example", "a*.example", "*.", "a b", ["a,b"], 7, {"a": 1}]
)
def test_other_values_are_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="storage_hosts must"):
        storage_hosts_from(bad)


def test_a_host_that_contains_the_key_is_not_shown() -> None:
    policy = AddressPolicy(CLOUD, hidden=(None, Secret("MyOwnKey-123")))
    for url in ("http", "https"):
        reason = policy.refusal_of_url(url, "myownkey-123.example") or policy.refusal_of_address(
            "myownkey-123.example", "10.0.0.1"
        )
        assert "your key" in str(reason)
        assert "myownkey" not in str(reason).lower()
