"""How often the page may be asked: token buckets, one per client address and one for everybody (S24, S26)."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request

CLIENTS = 10_000  # addresses remembered; the one seen longest ago is forgotten first
UNKNOWN = "?"  # a client without an address: all of them share one bucket


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket that holds `burst` requests and is refilled by `per_second`."""

    burst: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """One client may look around at ease; a guess costs more than a page, and all together stay bearable.

    proxies: addresses whose `X-Forwarded-For` is believed, as its last entry is who connected to them.
    """

    client: Rate = Rate(60, 1)
    everybody: Rate = Rate(300, 50)
    guess: float = 5
    body: int = 64 << 10  # bytes of a form
    proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})


class Bucket:
    """What is left of a rate at a moment."""

    __slots__ = ("at", "left", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self.left = rate.burst
        self.at = now

    def take(self, cost: float, now: float) -> bool:
        """Whether there is still something in it; what it costs is taken out, below zero if need be."""
        self.left = min(self.rate.burst, self.left + (now - self.at) * self.rate.per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= cost
        return True


class Gate:
    """Who may ask now. A client over his own limit takes nothing from what everybody may."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self.clock = clock
        self.everybody = Bucket(limits.everybody, clock())
        self.clients: OrderedDict[str, Bucket] = OrderedDict()

    def admits(self, client: str, cost: float = 1) -> bool:
        """One more request of this client?"""
        now = self.clock()
        return self._bucket(client, now).take(cost, now) and self.everybody.take(cost, now)

    def guessed(self, client: str) -> None:
        """He asked for a page that is not there: that costs more than the request alone."""
        now = self.clock()
        self._bucket(client, now).take(self.limits.guess - 1, now)

    def _bucket(self, client: str, now: float) -> Bucket:
        bucket = self.clients.get(client)
        if bucket is None:
            bucket = self.clients[client] = Bucket(self.limits.client, now)
            if len(self.clients) > CLIENTS:
                self.clients.popitem(last=False)
        self.clients.move_to_end(client)
        return bucket


def client_of(request: Request, proxies: frozenset[str]) -> str:
    """Whose request it is: an IPv4 address, or the /64 of an IPv6 one, of which one customer has them all."""
    peer = request.client.host if request.client else ""
    if peer in proxies:
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        peer = forwarded.rpartition(",")[2].strip() or peer
    if peer.count(":") == 1 or peer.startswith("["):  # some proxies write the port as well
        peer = peer.strip("[").partition("]")[0].partition(":" if "." in peer else "]")[0]
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
