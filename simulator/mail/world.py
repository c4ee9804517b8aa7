"""MailSimulator: the whole mail provider in one hand, for tests, the demo and the tour."""

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType

from simulator.mail import certificates
from simulator.mail.certificates import Certificates
from simulator.mail.connection import Connection
from simulator.mail.conversation import SmtpRules
from simulator.mail.faults import ENDING, ImapFaults, SmtpFaults
from simulator.mail.imap import ImapServer
from simulator.mail.post import PostOffice
from simulator.mail.proxy import Proxy
from simulator.mail.smtp import SmtpServer


class MailSimulator(PostOffice):
    """A mail provider on 127.0.0.1. Use it inside a running event loop:

        async with MailSimulator({"office@callout.example": "secret"}) as world:
            IMAP4_SSL("localhost", world.imaps_port, ssl_context=world.client_context())

    accounts: passwords by address. tokens: addresses by bearer token (XOAUTH2). seed: chance is
    random.Random(seed). clock: seconds since the epoch. tls: whether to make certificates (needs openssl).
    login_needed: whether SMTP wants AUTH. dmarc: whether delivered mails get an Authentication-Results header of
    `hostname`: pass when From is of the envelope's domain. size_limit: octets SMTP takes.
    A mail for an account, or account+anything, lands in its INBOX; any other in `outside`.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        tokens: Mapping[str, str] | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
        hostname: str = "mail.callout.example",
        tls: bool = True,
        login_needed: bool = False,
        dmarc: bool = False,
        size_limit: int = 35_000_000,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self.passwords = {address.lower(): password for address, password in accounts.items()}
        self.tokens = dict(tokens or {})
        self._server = ImapServer(hostname, self.passwords, self.tokens)
        chance = random.Random(seed)  # noqa: S311 - a story must be repeatable
        folders = {
            address: self._server.add(address, chance.randrange(10**6, 10**9)) for address in self.passwords
        }
        super().__init__(folders, hostname, chance, clock, dmarc)
        self.imap = ImapFaults(chance)
        self.smtp = SmtpFaults(chance)
        self._tls = tls
        self._wanted = dict(ports or {})
        self._rules = SmtpRules(
            hostname, self.smtp, self.passwords, self.tokens, self.accept, login_needed, size_limit
        )
        self._certificates: Certificates | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._proxies: dict[str, Proxy] = {}
        self._desks: dict[str, SmtpServer] = {}

    # Running

    async def start(self) -> None:
        """Begin to listen. OSError when a port is taken; RuntimeError when TLS is wanted without openssl."""
        starttls = None
        if self._tls:
            self._folder = tempfile.TemporaryDirectory(prefix="callout-mail-")
            self._certificates = await certificates.make(Path(self._folder.name), self.hostname)
            starttls = self._certificates.server_context()
            self._proxies["imaps"] = Proxy(self.imap, self._wanted.get("imaps", 0), starttls)
            self._desks["smtps"] = SmtpServer(self._rules, self._wanted.get("smtps", 0), starttls)
        self._proxies["imap"] = Proxy(self.imap, self._wanted.get("imap", 0))
        self._desks["smtp"] = SmtpServer(self._rules, self._wanted.get("smtp", 0), starttls=starttls)
        await self._server.start()
        await self.open_imap()
        await self.open_smtp()

    async def stop(self) -> None:
        """Stop at once, whatever is open."""
        await self.close()
        await self.close_smtp()
        await self.close_imap()
        await self._server.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def __aenter__(self) -> "MailSimulator":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def open_imap(self) -> None:
        """Let IMAP listen (again), on the ports it had."""
        for proxy in self._proxies.values():
            await proxy.start(self._server.port)

    async def close_imap(self) -> None:
        """An outage of IMAP: every connection is cut, new ones are refused. The mails stay."""
        for proxy in self._proxies.values():
            await proxy.stop()

    async def open_smtp(self) -> None:
        """Let SMTP listen (again), on the ports it had."""
        for desk in self._desks.values():
            await desk.start()

    async def close_smtp(self) -> None:
        """An outage of SMTP."""
        for desk in self._desks.values():
            await desk.stop()

    # Where it is

    @property
    def imap_port(self) -> int:
        """IMAP without TLS."""
        return self._proxies["imap"].port

    @property
    def imaps_port(self) -> int:
        """IMAP with TLS from the start. KeyError without TLS."""
        return self._proxies["imaps"].port

    @property
    def smtp_port(self) -> int:
        """SMTP, with STARTTLS if there is TLS."""
        return self._desks["smtp"].port

    @property
    def smtps_port(self) -> int:
        """SMTP with TLS from the start. KeyError without TLS."""
        return self._desks["smtps"].port

    @property
    def certificates(self) -> Certificates:
        """The authority's certificate and the server's. RuntimeError without TLS."""
        if self._certificates is None:
            raise RuntimeError("this mail simulator was started without TLS")
        return self._certificates

    @property
    def ca_file(self) -> Path:
        """The certificate that a client has to trust. RuntimeError without TLS."""
        return self.certificates.ca_file

    @property
    def connections(self) -> list[Connection]:
        """The IMAP connections, oldest first."""
        return [connection for proxy in self._proxies.values() for connection in proxy.connections]

    # What goes wrong

    async def hang_up(self, kind: str = "drop") -> None:
        """End every IMAP connection now: "drop", "reset" or "bye"."""
        for connection in self.connections:
            connection.cut(kind)
        for connection in self.connections:
            await connection.gone()

    def imap_faults(self, every: float, kinds: Iterable[str] = ENDING, seconds: float | None = None) -> None:
        """From now on each new IMAP connection suffers faults about `every` lines or literals of output."""
        self.imap.randomly(every, kinds, seconds)

    async def reset_uidvalidity(self, account: str, folder: str = "INBOX") -> int:
        """Rebuild the folder: the new UIDVALIDITY; all mails have new UIDs, and everybody is thrown out."""
        folders = self._of(account)
        async with folders.moving:
            # First the wires: a session must not see the new mails under the UIDVALIDITY it knows.
            for connection in self.connections:
                connection.cut("bye")
            folders.rebuild(folder)
        await self.hang_up()
        return await self.uid_validity(account, folder)
