"""One SMTP connection: aiosmtpd's protocol, which asks before every verb whether a fault was ordered."""

import asyncio
import contextlib
import hmac
import logging
import re
import socket
import ssl
import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulator.mail.faults import SmtpFault, SmtpFaults

PATH = re.compile(r"<([^<>]*)>")
BEARER = re.compile(r"\Auser=([^\x01]*)\x01auth=[Bb]earer ([^\x01]*)\x01\x01")
LINGER_NOT = struct.pack("ii", 1, 0)
# aiosmtpd warns at every login of an attribute that it sets itself.
logging.getLogger("mail.log").setLevel(logging.ERROR)
# How much of a mail is read before a fault strikes in its middle.
SOME = 40


@dataclass(frozen=True)
class Submission:
    """A mail as it was handed over: the envelope, the octets, and when. `mail_from` is "" for a report.

    account: who had logged in, "" if nobody. number: counts from 1.
    """

    number: int
    mail_from: str
    rcpt_to: tuple[str, ...]
    data: bytes
    at: datetime
    account: str = ""


Accept = Callable[[str, tuple[str, ...], bytes, str], Awaitable[Submission]]


@dataclass(frozen=True)
class SmtpRules:
    """What one conversation needs to know: who may log in, whether he must, and where mails go."""

    hostname: str
    faults: SmtpFaults
    passwords: Mapping[str, str]
    tokens: Mapping[str, str]
    accept: Accept
    login_needed: bool
    size_limit: int


class _Desk:
    """aiosmtpd's handler: takes the mail when its final dot has come."""

    async def handle_DATA(self, server: "Conversation", session: Session, envelope: Envelope) -> str:
        return await server.arrived(session, envelope)


class Conversation(SMTP):
    """One client's connection. Before each verb the faults in force are asked."""

    def __init__(self, rules: SmtpRules, starttls: ssl.SSLContext | None, talks: set["Conversation"]) -> None:
        self._rules = rules
        self._talks = talks
        self._rate: float | None = None
        super().__init__(
            _Desk(),
            data_size_limit=rules.size_limit,
            enable_SMTPUTF8=True,
            hostname=rules.hostname,
            ident="simulated",
            tls_context=starttls,
            # Loopback is private enough for a password that opens nothing.
            auth_require_tls=False,
            authenticator=self._who,
            loop=asyncio.get_running_loop(),
        )
        # RFC 4954, 4: a token is longer than a command line.
        self.command_size_limits["AUTH"] = 12_288

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember it, to be closed when the server stops."""
        self._talks.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._talks.discard(self)
        super().connection_lost(error)

    def hang_up(self, reset: bool = False) -> None:
        """End it now, by FIN or RST."""
        transport = self._original_transport or self.transport
        if not isinstance(transport, asyncio.WriteTransport):
            return
        if reset:
            sock = transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            transport.abort()
        else:
            transport.close()

    async def end(self) -> None:
        """End it and wait until its task has gone."""
        task = self._handler_coroutine
        self.hang_up(reset=True)
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=2)

    async def push(self, status: AnyStr) -> None:
        """An answer, octet by octet when told to be slow."""
        if self._rate is None:
            await super().push(status)
            return
        line = (status.encode() if isinstance(status, str) else status) + b"\r\n"
        for octet in line:
            self._writer.write(bytes((octet,)))
            await self._writer.drain()
            await asyncio.sleep(1 / self._rate)

    # Faults

    async def _strike(self, fault: SmtpFault) -> bool:
        """What the fault does; whether the conversation goes on as if nothing had been."""
        fault.struck()
        if fault.answer is not None:
            await self.push(fault.answer)
            if fault.answer.startswith("421") or fault.verb == "CONNECT":
                self.hang_up()
                await asyncio.Event().wait()
            return False
        if fault.kind == "slow":
            self._rate = fault.rate
        elif fault.kind == "stall":
            await (asyncio.Event().wait() if fault.seconds is None else asyncio.sleep(fault.seconds))
        else:
            self.hang_up(reset=fault.kind == "reset")
            # aiosmtpd cancels us when the connection has gone.
            await asyncio.Event().wait()
        return True

    async def _goes_on(self, verb: str, addresses: Iterable[str] = ()) -> bool:
        """Whether the verb is to be carried out."""
        fault = self._rules.faults.pick(verb, addresses)
        return fault is None or await self._strike(fault)

    async def _handle_client(self) -> None:
        if await self._goes_on("CONNECT"):
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        """EHLO, unless a fault forbids."""
        if await self._goes_on("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        """HELO, unless a fault forbids."""
        if await self._goes_on("HELO"):
            await super().smtp_HELO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        """STARTTLS, unless a fault forbids."""
        if await self._goes_on("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        """AUTH, unless a fault forbids."""
        if await self._goes_on("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_RSET(self, arg: str) -> None:
        """RSET, unless a fault forbids."""
        if await self._goes_on("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        """QUIT, unless a fault forbids."""
        if await self._goes_on("QUIT"):
            await super().smtp_QUIT(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM, unless a fault forbids this sender."""
        if await self._goes_on("MAIL", PATH.findall(arg or "")):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO, unless a fault forbids this recipient."""
        if await self._goes_on("RCPT", PATH.findall(arg or "")):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """DATA, unless a fault forbids, at once or in the middle of the mail."""
        recipients = self.envelope.rcpt_tos if self.envelope is not None else []
        if not await self._goes_on("DATA", recipients):
            return
        fault = self._rules.faults.pick("TEXT", recipients) if recipients else None
        if fault is not None and fault.kind not in ("slow", "stall"):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.read(SOME)
            await self._strike(fault)
            self.hang_up()
            await asyncio.Event().wait()
        if fault is not None:
            await self._strike(fault)
        await super().smtp_DATA(arg)

    async def arrived(self, session: Session, envelope: Envelope) -> str:
        """The mail is there: deliver it, or do what was ordered. The answer."""
        recipients = tuple(envelope.rcpt_tos)
        fault = self._rules.faults.pick("DOT", recipients)
        number = 0
        if fault is None or fault.keeps:
            sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
            data = envelope.original_content or b""
            login = session.auth_data
            account = login.login.decode("utf-8") if isinstance(login, LoginPassword) else ""
            number = (await self._rules.accept(sender, recipients, data, account)).number
        if fault is not None and fault.answer is not None and not fault.answer.startswith("421"):
            fault.struck()
            return fault.answer
        if fault is not None:
            await self._strike(fault)
        return f"250 2.0.0 queued as {number}"

    # Who

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Whether the caller must log in first; then he has been told so."""
        if self._rules.login_needed and not (self.session is not None and self.session.authenticated):
            await self.push("530 5.7.0 Authentication required")
            return True
        return False

    def _who(self, server: SMTP, session: Session, envelope: Envelope, way: str, given: object) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        name = given.login.decode("utf-8", "replace").lower()
        wanted = self._rules.passwords.get(name)
        if wanted is None or not hmac.compare_digest(wanted.encode(), given.password):
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=LoginPassword(name.encode(), b""))

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:
        """A bearer token in place of a password, as Microsoft and Google want it."""
        try:
            words = b64decode(args[1], validate=True).decode("utf-8") if len(args) > 1 else ""
        except (NotBase64, UnicodeDecodeError):
            words = ""
        found = BEARER.fullmatch(words)
        if found is None or self._rules.tokens.get(found[2]) != found[1].lower():
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=LoginPassword(found[1].lower().encode(), b""))
