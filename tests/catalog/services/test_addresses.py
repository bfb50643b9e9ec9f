"""Where webhooks may go."""

import pytest

from catalog.errors import Invalid
from catalog.services.addresses import checked_url, is_public


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104  to be refused
            "224.0.0.1",
        ),
        *(
            "255.255.255.255",
            "192.0.2.1",
            "240.0.0.1",
            "::1",
            "fc00::1",
            "fe80::1%eth0",
            "ff02::1",
            "2001:db8::1",
        ),
        *("::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "::7f00:1", "2002:a00:1::", "2001:0:a00:1::"),
    ],
)
def test_whatever_only_neighbours_reach_is_not(address: str) -> None:
    assert not is_public(address)


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="example"):
        is_public("example.org")


@pytest.mark.parametrize("url", ["https://example.org/changes", "http://example.org:8080/?a=b", "https://1.1.1.1/"])
def test_an_address_of_the_web_will_do(url: str) -> None:
    assert checked_url(url, anywhere=False) == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "https://10.0.0.1/",
            "http://[::1]/",
            "https://a:b@c.org/",
        ),
        *("https://example.org:22/", "https://example.org:x/", "https://exa mple.org/", "https://bücher.example/"),
        *("https://example.org\\@10.0.0.1/", "http://[::1", "https://example.org/" + "a" * 2000),
    ],
)
def test_anything_else_will_not(url: str) -> None:
    with pytest.raises(Invalid, match="The address must"):
        checked_url(url, anywhere=False)


def test_where_webhooks_may_go_anywhere_it_need_only_be_an_address() -> None:
    assert checked_url("http://127.0.0.1:22/", anywhere=True) == "http://127.0.0.1:22/"
    with pytest.raises(Invalid):
        checked_url("ftp://127.0.0.1/", anywhere=True)
