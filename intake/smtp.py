"""One SMTP connection, driven verb by verb, so that we always know whether the final dot was sent (RFC 5321).

aiosmtplib's own sendmail does not tell a drop in the middle of the text (surely not delivered) from one after its
end (nobody knows); here every verb is a step of its own and a failure says at which step it happened.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from dispatch.ports import Refused
from intake import mailbox

R = TypeVar("R")
Token = Callable[[], Awaitable[str]]
DOTS = re.compile(rb"^\.", re.MULTILINE)
PIECE = 64 * 1024  # bytes handed to the transport at once
SLOWEST = 100_000  # bytes a second that a long mail may take; the whole of it is bounded by who sends
COURTESY = 3.0  # seconds for RSET and QUIT, on which nothing depends
PAUSE = 0.02  # seconds between two looks whether they have left


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How our mail leaves. `security` is "tls" (from the first byte), "starttls" or "none" (tests and a relay on
    this machine); `token` gives an OAuth 2 access token (`intake.oauth`) in place of the password, `forget` hears
    that the server did not take it; `ca_file` names the only authority trusted then; `timeout` in seconds is for
    one step. ValueError: a password in the clear."""

    host: str
    port: int
    security: str = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    token: Token | None = field(default=None, repr=False)
    forget: Callable[[], None] | None = field(default=None, repr=False)
    ca_file: str = ""
    timeout: float = 20.0

    def __post_init__(self) -> None:
        if self.security not in {"tls", "starttls", "none"}:
            raise ValueError("mail leaves by tls, starttls or none")
        if self.security == "none" and self.user and not mailbox.on_loopback(self.host):
            raise ValueError("a password does not leave this machine without TLS")


class Step(StrEnum):
    """Where a delivery stood when it failed."""

    CONNECT = "connect"
    TLS = "tls"
    HELLO = "ehlo"
    LOGIN = "auth"
    MAIL = "mail"
    RECIPIENT = "rcpt"
    DATA = "data"
    TEXT = "text"  # on the way to the final dot
    DOT = "dot"  # the dot was sent: only an answer tells what became of the mail


class Broken(Exception):
    """A delivery that failed at `step`: `code` and `text` as the server said, code 0 when it said nothing."""

    def __init__(self, step: Step, code: int, text: str) -> None:
        super().__init__(f"{step}: {code} {text}")
        self.step = step
        self.code = code
        self.text = text


class Connection:
    """A session with the server; after any failure it is thrown away."""

    def __init__(self, outgoing: Outgoing, hello: str, context: ssl.SSLContext | None) -> None:
        self.outgoing = outgoing
        self.carried = 0
        self.used_at = 0.0
        self.step = Step.CONNECT
        self._smtp = aiosmtplib.SMTP(
            hostname=outgoing.host,
            port=outgoing.port,
            local_hostname=hello,
            use_tls=outgoing.security == "tls",
            start_tls=False,
            tls_context=context,
            timeout=outgoing.timeout,
        )

    @property
    def alive(self) -> bool:
        return self._smtp.is_connected

    async def open(self) -> None:
        """Connect, encrypt, greet, log in. Broken tells which of these did not work."""
        tls = Step.TLS if self.outgoing.security == "tls" else Step.CONNECT
        async with self._step(Step.CONNECT, unsafe=tls):
            await self._smtp.connect()
        async with self._step(Step.HELLO):
            await self._smtp.ehlo()
        if self.outgoing.security == "starttls":
            # Required: a server (or somebody between) that does not offer it gets nothing (S23).
            async with self._step(Step.TLS):
                await self._smtp.starttls()
            async with self._step(Step.HELLO):
                await self._smtp.ehlo()
        if self.outgoing.user:
            async with self._step(Step.LOGIN):
                await self._login()

    async def _login(self) -> None:
        user, known = self.outgoing.user, self._smtp.server_auth_methods
        if self.outgoing.token is not None:
            await self._by_token(user, await self.outgoing.token())
        elif "plain" in known or not known:
            await self._smtp.auth_plain(user, self.outgoing.password)
        elif "login" in known:
            await self._smtp.auth_login(user, self.outgoing.password)
        else:
            raise SMTPException("the server offers neither AUTH PLAIN nor LOGIN")

    async def _by_token(self, user: str, token: str) -> None:
        try:
            await self._smtp.auth_xoauth2(user, token)
        except SMTPResponseException:
            if self.outgoing.forget is not None:
                self.outgoing.forget()
            raise

    async def again(self) -> bool:
        """Ready for one more mail? False when this session has ended meanwhile."""
        try:
            async with self._step(Step.MAIL, within=COURTESY):
                await self._smtp.rset()
        except Broken:
            return False
        return True

    async def carry(self, sender: str, recipient: str, raw: bytes) -> None:
        """Deliver one mail to one recipient; `raw` has CR LF line ends. Returns when the server has it."""
        options = [f"SIZE={len(raw)}"] if self._smtp.supports_extension("size") else []
        async with self._step(Step.MAIL):
            await self._smtp.mail(sender, options=options)
        async with self._step(Step.RECIPIENT):
            await self._smtp.rcpt(recipient)
        async with self._step(Step.DATA):
            _expect(await self._smtp.execute_command(b"DATA"), 354)
        await self._text(DOTS.sub(b"..", raw))
        self.carried += 1

    async def _text(self, stuffed: bytes) -> None:
        """The text up to its dot, then the dot alone: what fails before it has surely not been delivered."""
        async with self._step(Step.TEXT, within=self.outgoing.timeout + 2 + len(stuffed) / SLOWEST):
            for start in range(0, len(stuffed), PIECE):
                self._write(stuffed[start : start + PIECE])
                await self._leave()
            protocol = self._write(b".\r\n")
        async with self._step(Step.DOT):
            _expect(await protocol.read_response(timeout=self.outgoing.timeout), 250)

    def _write(self, content: bytes) -> aiosmtplib.protocol.SMTPProtocol:
        protocol = self._smtp.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        protocol.write(content)
        return protocol

    async def _leave(self) -> None:
        """Wait until the transport has handed on what it holds: a slow server slows us, not our memory."""
        await asyncio.sleep(0)
        transport = self._smtp.transport
        while isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
            await asyncio.sleep(PAUSE)
            if transport.is_closing():
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")

    async def leave(self) -> None:
        """Say goodbye and close; whatever goes wrong with that is nobody's business any more."""
        with contextlib.suppress(Broken):
            async with self._step(Step.HELLO, within=COURTESY):
                if self.alive:
                    await self._smtp.quit()
        self.close()

    def close(self) -> None:
        self._smtp.close()

    @contextlib.asynccontextmanager
    async def _step(
        self, step: Step, *, unsafe: Step | None = None, within: float | None = None
    ) -> AsyncIterator[None]:
        """One step within its time; every failure becomes `Broken`, and the connection is closed."""
        self.step = step
        try:
            # A little more than aiosmtplib's own time-outs, which close their half of the connection well.
            async with asyncio.timeout(within or self.outgoing.timeout + 2):
                yield
        except SMTPResponseException as refused:
            if step in {Step.CONNECT, Step.TLS, Step.HELLO, Step.LOGIN} or refused.code in {-1, 421}:
                self.close()
            raise Broken(step, max(refused.code, 0), refused.message) from refused
        except Refused as refused:
            self.close()
            raise Broken(Step.LOGIN, 535, str(refused)) from refused
        except mailbox.Broken as later:  # no token to be had just now
            self.close()
            raise Broken(Step.LOGIN, 454, str(later)) from later
        except (SMTPException, OSError, ValueError) as failed:
            self.close()
            insecure = any(isinstance(cause, ssl.SSLError) for cause in _causes(failed))
            raise Broken((unsafe or Step.TLS) if insecure else step, 0, _said(failed)) from failed
        except asyncio.CancelledError:
            self.close()
            raise


def _expect(response: aiosmtplib.SMTPResponse, code: int) -> None:
    if response.code != code:
        raise SMTPResponseException(response.code, response.message)


def _causes(failure: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _said(failure: Exception) -> str:
    """What went wrong, for the operator: the innermost cause speaks plainest."""
    for cause in reversed(_causes(failure)):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate: {cause.verify_message}"
    return str(failure) or type(failure).__name__


def trust(outgoing: Outgoing) -> ssl.SSLContext | None:
    """Whom we believe to be the server: the system's authorities, or the one that is set; reads files."""
    if outgoing.security == "none":
        return None
    return ssl.create_default_context(cafile=outgoing.ca_file or None)
