"""Where webhooks may go: the open internet, and nothing that only this machine or its neighbours can reach."""

from errno import EACCES
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from catalog.errors import Fault, Invalid

URL_LENGTH = 2000
PORTS = frozenset((80, 443, *range(1024, 65536)))

EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
"""Networks whose addresses end in an IPv4 address (RFC 6052, RFC 4291): a translator leads there."""

Address = IPv4Address | IPv6Address


class NotPublic(OSError):
    """The address lies where no webhook may go."""

    def __init__(self, rule: str) -> None:
        super().__init__(EACCES, rule)

    def __str__(self) -> str:
        return str(self.strerror)


def is_public(text: str) -> bool:
    """Whether an address, as text, is one of the open internet, with every IPv4 address that hides in it.

    Raises ValueError for a name.

    >>> is_public("1.1.1.1"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1"), is_public("64:ff9b::a00:1")
    (True, False, False, False)
    """
    address = ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in within(address))


def within(address: Address) -> list[Address]:
    """The address, or those that it stands for: mapped, tunnelled or translated ones."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    hidden: list[Address] = [*(address.teredo or ())]
    if address.sixtofour is not None:
        hidden.append(address.sixtofour)
    if any(address in network for network in EMBEDDING):
        return [*hidden, IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *hidden]


def judge(*, scheme: str, host: str | None, port: int | None, credentials: bool) -> None:
    """Raises NotPublic for what is no address of the open web; a name is judged when it is resolved."""
    if scheme not in {"https", "http"} or not host:
        raise NotPublic("must be an address of the web, such as https://example.org/changes")
    if credentials:
        raise NotPublic("must have no user or password in it")
    if (port or 443) not in PORTS:
        raise NotPublic("must be at port 80, 443, or one from 1024 on")
    try:
        public = is_public(host)
    except ValueError:
        return
    if not public:
        raise NotPublic("must not lie inside a private network")


def checked_url(text: str, *, anywhere: bool) -> str:
    """The address of a webhook. Raises Invalid."""
    try:
        parts = urlsplit(text)
        port, odd = parts.port, not text.isascii() or any(each <= " " or each in "\\\x7f" for each in text)
    except ValueError:
        parts, port, odd = urlsplit(""), None, True
    faults: list[str] = []
    if odd or len(text) > URL_LENGTH:
        faults.append(f"must be an address of the web, in ASCII and of at most {URL_LENGTH} characters")
    try:
        judge(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            credentials=parts.username is not None or parts.password is not None,
        )
    except NotPublic as error:
        # Where webhooks may go anywhere, it need only be an address.
        if not anywhere or not parts.hostname or parts.scheme not in {"http", "https"}:
            faults.append(str(error))
    if faults:
        raise Invalid([Fault("#/url", "bad_address", f"The address {fault}.") for fault in faults[:1]])
    return text
