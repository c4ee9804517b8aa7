"""The mailbox over aioimaplib: verified TLS, LOGIN or XOAUTH2, and no call that could wait for ever."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import date
from typing import Any

from aioimaplib.aioimaplib import AUTH, NONAUTH, Command, Response

from dispatch.ports import Refused
from intake import imap_parse
from intake.imap_parse import mailbox_name, quoted, uid_set
from intake.imap_wire import PLACE, Wire, drop
from intake.mailbox import BATCH, BEGINNING, Account, Broken, Declined, Opened, Pace
from intake.oauth import refusal, xoauth2

# Codes of a NO that speak of the server's state, not of our credentials (RFC 5530).
PASSING = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG")


async def connect(account: Account, pace: Pace | None = None) -> "Imap":
    """A connection that is logged in. Refused: certificate, login, token or settings are not accepted, with a
    sentence for the operator; Broken: anything that may pass."""
    pace = pace or Pace()
    context = encryption(account)
    wire = Wire(asyncio.get_running_loop(), pace)
    box = Imap(account, wire, pace)
    try:
        await _reach(account, wire, context, pace)
        await wire.run("greeting", wire.wait("AUTH|NONAUTH"), pace.answer)
        if wire.state == NONAUTH:  # otherwise PREAUTH: the tunnel has said who we are
            await box.login()
    except BaseException:
        wire.give_up("was given up")
        raise
    return box


def encryption(account: Account) -> ssl.SSLContext | None:
    """How the line is protected (S23). Refused: not verified TLS, and not to this machine itself."""
    if account.security == "none" and account.loopback:
        return None
    if account.security != "tls":
        msg = f'The mailbox {account.name} must be reached by TLS: set security = "tls" (port 993)'
        raise Refused(msg)
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except (OSError, ssl.SSLError) as error:
        msg = f"The CA file {account.ca_file} of the mailbox {account.name} cannot be read"
        raise Refused(msg) from error


async def _reach(account: Account, wire: Wire, context: ssl.SSLContext | None, pace: Pace) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(pace.answer):
            await loop.create_connection(lambda: wire, account.host, account.port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        msg = (
            f"The certificate of {account.host}:{account.port} is not accepted ({error.verify_message}): "
            "set ca_file to the CA that signed it, or host to the name it is made for"
        )
        raise Refused(msg) from error
    except (
        OSError,
        ValueError,
    ) as error:  # TimeoutError and SSLError are OSErrors; a host name may be no name
        msg = f"connecting to {account.host}:{account.port}: {type(error).__name__}"
        raise Broken(msg) from error


class Imap:
    """A `Mailbox`; see there for what the methods promise."""

    def __init__(self, account: Account, wire: Wire, pace: Pace) -> None:
        self.account = account
        self.wire = wire
        self.pace = pace

    # --- entering and leaving ---

    async def login(self) -> None:
        """Say who we are, and learn what the server can do then. Refused, Broken."""
        tokens = self.account.tokens
        try:
            if tokens is None:
                await self._login(self.account.password)
            else:
                await self._xoauth2(await tokens.access())
        except Declined as no:
            if no.code in PASSING:
                raise
            if tokens is not None:
                tokens.forget()
            raise Refused(self._refusal(no.code)) from None
        finally:
            self.wire.secret = ""
        self.wire.state = AUTH
        # Servers can do more after the login, and say so in many ways: ask.
        await self.wire.run("CAPABILITY", self.wire.capability(), self.pace.answer)

    async def _login(self, password: str) -> None:
        if "LOGINDISABLED" in self.wire.capabilities:
            raise Declined("LOGIN", "LOGINDISABLED")
        if any(char in text for text in (self.account.user, password) for char in "\r\n\0"):
            msg = f"User and password of the mailbox {self.account.name} must have no line breaks"
            raise Refused(msg)
        self.wire.secret = quoted(password)
        command = Command("LOGIN", self.wire.new_tag(), quoted(self.account.user), PLACE)
        await self.wire.answer("LOGIN", self.wire.execute(command), self.pace.thinking)

    async def _xoauth2(self, token: str) -> None:
        wire = self.wire
        secret = xoauth2(self.account.user, token)
        if "SASL-IR" in wire.capabilities:  # RFC 4959: the first answer may stand in the command
            wire.secret, wire.replies = f" {secret}", [b""]
        else:
            wire.secret, wire.replies = "", [secret.encode("ascii"), b""]
        command = Command("AUTHENTICATE", wire.new_tag(), f"XOAUTH2{PLACE}")
        await wire.answer("AUTHENTICATE", wire.execute(command), self.pace.thinking)

    def _refusal(self, code: str) -> str:
        where = f"The mailbox {self.account.name} ({self.account.user} at {self.account.host})"
        if self.account.tokens is not None:
            why = refusal(self.wire.challenge) or code
            return f"{where} refuses the access token{f' ({why})' if why else ''}: grant access again"
        if code == "LOGINDISABLED":
            return f"{where} does not take passwords: set up OAuth (XOAUTH2) for it"
        return f"{where} refuses the login{f' ({code})' if code else ''}: check user and password"

    async def close(self) -> None:
        wire = self.wire
        try:
            if not wire.lost.done():
                await wire.run("LOGOUT", wire.logout(), self.pace.goodbye)
        except Broken:
            pass
        finally:
            wire.give_up("was left")
            await asyncio.sleep(0)  # the transport closes its socket in the next round of the loop

    # --- reading ---

    async def open(self, folder: str) -> Opened:
        name = self._name(folder)
        lines = await self.wire.answer("SELECT", self.wire.select(name), self.pace.thinking)
        self.wire.news = False
        return imap_parse.opened(lines)

    async def uids_after(self, uid: int) -> tuple[int, ...]:
        # New mail is only seen by a session that has been told of it: NOOP is when it is told.
        await self.wire.answer("NOOP", self.wire.simple_command("NOOP"), self.pace.answer)
        self.wire.news = False
        # "n:*" names the last mail even when its UID is below n (RFC 3501 6.4.8).
        return tuple(found for found in await self._search("UID", f"{uid + 1}:*") if found > uid)

    async def uids_since(self, day: date) -> tuple[int, ...]:
        return tuple(await self._search("SINCE", imap_parse.day_name(day)))

    async def _search(self, *what: str) -> list[int]:
        work = self.wire.search(*what, charset=None, by_uid=True)
        return imap_parse.numbers(await self.wire.answer("SEARCH", work, self.pace.thinking))

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        wanted = frozenset(uids[:BATCH])
        lines = await self._fetch(uid_set(wanted), "(UID RFC822.SIZE)")
        return {uid: size for uid, size in imap_parse.sizes(lines).items() if uid in wanted}

    async def body(self, uid: int, size: int) -> bytes | None:
        return imap_parse.content(await self._fetch(str(uid), "(UID BODY.PEEK[])", size), uid)

    async def beginning(self, uid: int, most: int = BEGINNING) -> bytes | None:
        lines = await self._fetch(str(uid), f"(UID BODY.PEEK[]<0.{most}>)", most)
        found = imap_parse.content(lines, uid)
        return None if found is None else found[:most]

    async def _fetch(self, uids: str, what: str, size: int = 0) -> list[bytes]:
        work = self.wire.uid("FETCH", uids, what)
        # Sizes are not always told to the byte (Exchange); a mail may be half as big again.
        return await self.wire.answer("FETCH", work, self.pace.answer, size + size // 2)

    # --- cosmetics ---

    async def seen(self, uids: Sequence[int]) -> None:
        await self._uid("STORE", uid_set(uids), "+FLAGS.SILENT", "(\\Seen)")

    async def move(self, uids: Sequence[int], folder: str) -> None:
        try:
            await self._move(uid_set(uids), self._name(folder))
        except Declined as no:
            if no.code != "TRYCREATE":
                raise
            create = self.wire.simple_command("CREATE", self._name(folder))
            await self.wire.answer("CREATE", create, self.pace.answer)
            await self._move(uid_set(uids), self._name(folder))

    async def _move(self, uids: str, name: str) -> None:
        if "MOVE" in self.wire.capabilities:
            await self._uid("MOVE", uids, name)
            return
        await self._uid("COPY", uids, name)
        await self._uid("STORE", uids, "+FLAGS.SILENT", "(\\Seen \\Deleted)")
        # A plain EXPUNGE would take along what somebody else has marked, kept by us or not (RFC 4315).
        if "UIDPLUS" in self.wire.capabilities:
            await self._uid("EXPUNGE", uids)

    async def _uid(self, command: str, *arguments: str) -> None:
        work = self.wire.uid(command, *arguments)
        await self.wire.answer(command, work, self.pace.thinking)

    # --- waiting ---

    async def idle(self, seconds: float) -> bool:
        if self.wire.news:
            return True
        if "IDLE" not in self.wire.capabilities:
            await self._until_lost(seconds)
            return False
        work = asyncio.ensure_future(self.wire.idle())
        try:
            await self.wire.run("IDLE", self._begun(work), self.pace.answer)
            news = await self._news(work, seconds)
            if not work.done():
                self.wire.idle_done()
            response = await self.wire.run("DONE", work, self.pace.answer)
        finally:
            await drop(work)
        if response.result != "OK":
            raise Declined("IDLE")
        return news

    async def _begun(self, work: asyncio.Future[Response]) -> None:
        """The server waits with us, or has said that it will not."""
        ready = asyncio.ensure_future(self.wire.idling())
        try:
            either: set[asyncio.Future[Any]] = {ready, work}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await drop(ready)

    async def _news(self, work: asyncio.Future[Response], seconds: float) -> bool:
        """Whether something new was announced. The lost line wakes us too: the library would not."""
        end = self.wire.clock.time() + seconds
        while not work.done() and (left := end - self.wire.clock.time()) > 0:
            push = asyncio.ensure_future(self.wire.idle_queue.get())
            try:
                any_of: set[asyncio.Future[Any]] = {push, work, self.wire.lost}
                await asyncio.wait(any_of, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                lines = push.result() if push.done() else []
            finally:
                await drop(push)
            if self.wire.lost.done():
                raise Broken(f"IDLE: {self.wire.lost.result()}")
            if any(line.startswith(b"BYE") for line in lines):
                raise Broken("IDLE: the server said BYE")
            if any(b" EXISTS" in line for line in lines):
                return True
        return work.done()

    async def _until_lost(self, seconds: float) -> None:
        await asyncio.wait({self.wire.lost}, timeout=seconds)
        if self.wire.lost.done():
            raise Broken(f"waiting: {self.wire.lost.result()}")

    @staticmethod
    def _name(folder: str) -> str:
        try:
            return mailbox_name(folder)
        except ValueError as error:
            raise Refused(str(error)) from error
