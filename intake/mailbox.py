"""The mailbox as the gateway sees it: a small port any IMAP library could stand behind, its account, its failures."""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

MEGABYTE = 1024 * 1024
BATCH = 100  # UIDs of one command
BEGINNING = 300_000  # bytes of a mail that is too big: 100 kB of headers (their limit) and 200 kB of text


class Broken(Exception):
    """The connection is of no more use and has to be thrown away; the words hold no secret and no contents."""


class Declined(Broken):
    """The server answered NO or BAD; `code` is its response code (RFC 5530), or empty."""

    def __init__(self, what: str, code: str = "") -> None:
        super().__init__(f"{what}: the server says no{f' ({code})' if code else ''}")
        self.code = code


class TokenSource(Protocol):
    """Where access tokens come from (`intake.oauth.Tokens`)."""

    async def access(self) -> str:
        """A token that is good for some minutes. Refused: the grant is gone; Broken: ask again later."""

    def forget(self) -> None:
        """The server did not take the token: the next one is a fresh one."""


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox to be read. `security` is "tls" (implicit, verified) or "none" (on loopback only, for tests);
    with `tokens` XOAUTH2 is spoken, otherwise LOGIN. `done_folder`: kept mails go there, otherwise they are marked
    as read. `max_bytes`: of a bigger mail only the beginning is fetched. `poll_seconds`: looked at least that
    often; together with `Pace.answer` it bounds how long a silent stall can go unnoticed. `first_days`: how old a
    mail may be that lies there already at the very first look; None takes everything."""

    name: str
    host: str
    user: str
    port: int = 993
    security: str = "tls"
    password: str = field(default="", repr=False)
    tokens: TokenSource | None = field(default=None, repr=False)
    ca_file: str | None = None
    folders: tuple[str, ...] = ("INBOX",)
    done_folder: str | None = None
    max_bytes: int = 25 * MEGABYTE
    poll_seconds: float = 45.0
    first_days: int | None = None

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine itself."""
        return on_loopback(self.host)


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient we are, in seconds; tests are less so."""

    answer: float = 15.0  # to a command that has nothing to think about; also between two pieces of an answer
    thinking: float = 30.0  # to a search or the opening of a folder
    slowest: int = 10_000  # bytes per second below which a mail is given up
    goodbye: float = 2.0
    first: float = 1.0  # the first pause after a failure; doubled each time
    longest: float = 60.0
    refused: float = 300.0  # the longest pause after refused credentials: hammering locks accounts
    healthy: float = 30.0  # a connection that lived this long starts again with the first pause


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when opened; `uidnext` is 0 when the server does not tell."""

    uidvalidity: int
    exists: int
    uidnext: int = 0


class Mailbox(Protocol):
    """One connection. Everything may raise Broken, after which only `close` is of use."""

    async def open(self, folder: str) -> Opened:
        """Choose the folder all else is about."""

    async def uids_after(self, uid: int) -> tuple[int, ...]:
        """UIDs above `uid`, ascending."""

    async def uids_since(self, day: date) -> tuple[int, ...]:
        """UIDs of mails that came on that day or later, ascending."""

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """UID → bytes of at most BATCH mails; those that are gone are missing."""

    async def body(self, uid: int, size: int) -> bytes | None:
        """The whole mail, announced with `size` bytes; None when it is gone."""

    async def beginning(self, uid: int, most: int = BEGINNING) -> bytes | None:
        """The first bytes of a mail, headers first; None when it is gone."""

    async def seen(self, uids: Sequence[int]) -> None:
        """Mark as read. Declined leaves the connection usable."""

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to another folder. Declined leaves the connection usable."""

    async def idle(self, seconds: float) -> bool:
        """Wait for news, at most so long; True when there may be some."""

    async def close(self) -> None:
        """Take leave if that is possible, and hang up; raises nothing."""


Connect = Callable[[Account], Awaitable[Mailbox]]


def on_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
