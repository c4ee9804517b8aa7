"""A mail server of a few lines that does as it is told at each verb: refuse, hang up, say nothing, be slow."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DROP, STALL = "drop", "stall"
SAYS = {"connect": "220 ready", "rset": "250 ok", "mail": "250 ok", "rcpt": "250 ok", "data": "354 go on"}
ORDINARY = {
    **SAYS,
    "dot": "250 2.0.0 queued",
    "quit": "221 bye",
    "starttls": "220 go ahead",
    "auth": "235 ok",
}


@dataclass
class Order:
    """At `verb`, for the next `times` times: a reply ("451 later"), DROP, STALL, or a number of seconds to be
    late by. `to`: only for recipients that end so. `keeps`: at "dot", the mail is taken before this happens."""

    verb: str
    does: str | float
    times: int = 1
    to: str = ""
    keeps: bool = False


@dataclass
class Taken:
    """A mail the server has."""

    sender: str
    recipient: str
    raw: bytes


@dataclass
class ScriptedServer:
    """Listens on loopback; `taken` holds what it accepted, `heard` each command line in order."""

    orders: list[Order] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    implicit: bool = False
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 30000000")
    taken: list[Taken] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    sessions: int = 0
    most_at_once: dict[str, int] = field(default_factory=dict)
    port: int = 0
    host: str = "127.0.0.1"
    _now: dict[str, int] = field(default_factory=dict)
    _open: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __aenter__(self) -> "ScriptedServer":
        context = self.context if self.implicit else None
        self._server = await asyncio.start_server(self._session, self.host, 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: Any) -> None:
        self._server.close()
        sessions = list(self._open)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await self._server.wait_closed()

    def order(self, verb: str, does: str | float, **more: Any) -> None:
        self.orders.append(Order(verb, does, **more))

    # --- one session ---

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        session = _Session(self, reader, writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, _HungUp, ssl.SSLError):
                await session.run()
        finally:
            self._open.discard(task)
            self.leave(session.recipient)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    def due(self, verb: str, recipient: str) -> Order | None:
        """The order that is meant for this moment, used up by one."""
        order = self.coming(verb, recipient)
        if order is not None:
            order.times -= 1
        return order

    def coming(self, verb: str, recipient: str) -> Order | None:
        fits = (order for order in self.orders if order.verb == verb and recipient.endswith(order.to))
        return next((order for order in fits if order.times > 0), None)

    def enter(self, recipient: str) -> None:
        domain = recipient.rpartition("@")[2]
        self._now[domain] = self._now.get(domain, 0) + 1
        self.most_at_once[domain] = max(self.most_at_once.get(domain, 0), self._now[domain])

    def leave(self, recipient: str) -> None:
        if recipient:
            self._now[recipient.rpartition("@")[2]] -= 1


class _HungUp(Exception):
    """The server has ended the session."""


class _Session:
    def __init__(
        self, server: ScriptedServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.sender = self.recipient = ""

    async def run(self) -> None:
        await self.act("connect")
        while line := await self.reader.readline():
            said = line.decode().rstrip("\r\n")
            self.server.heard.append(said)
            verb = said.split(" ")[0].lower()
            await VERBS.get(verb, _Session.act_of)(self, verb, said)

    async def act(self, verb: str, otherwise: str = "", after: Callable[[], None] | None = None) -> bool:
        """Do what is ordered for the verb, or what is usual; False when that was a refusal."""
        order = self.server.due(verb, self.recipient)
        if after and (order is None or order.keeps):
            after()
        reply = otherwise or ORDINARY.get(verb, "250 ok")
        if order is not None:
            if order.does == DROP:
                self.writer.transport.abort() if verb == "connect" else self.writer.close()
                raise _HungUp
            if order.does == STALL:
                await asyncio.sleep(60)
            elif isinstance(order.does, float):
                await asyncio.sleep(order.does)
                if after and not order.keeps:
                    after()
            else:
                reply = str(order.does)
        await self.say(reply)
        return reply[0] in "23"

    async def say(self, reply: str) -> None:
        self.writer.write(f"{reply}\r\n".encode())
        await self.writer.drain()

    async def act_of(self, verb: str, _said: str) -> None:
        await self.act(verb)

    async def ehlo(self, _verb: str, _said: str) -> None:
        secure = self.writer.get_extra_info("ssl_object") is not None
        offers = [*self.server.offers]
        if self.server.context and not secure:
            offers.append("STARTTLS")
        lines = [f"250-{offer}" for offer in ("script", *offers)]
        await self.act("ehlo", "\r\n".join([*lines, "250 HELP"]))

    async def starttls(self, verb: str, _said: str) -> None:
        if await self.act(verb) and self.server.context:
            await self.writer.start_tls(self.server.context)

    async def mail(self, verb: str, said: str) -> None:
        self.sender = said.partition("<")[2].partition(">")[0]
        await self.act(verb)

    async def rcpt(self, verb: str, said: str) -> None:
        self.recipient = said.partition("<")[2].partition(">")[0]
        self.server.enter(self.recipient)
        if not await self.act(verb):
            self.done()

    def done(self) -> None:
        self.server.leave(self.recipient)
        self.recipient = ""

    async def data(self, verb: str, _said: str) -> None:
        if not await self.act(verb):
            self.done()
            return
        text = self.server.due("text", self.recipient)
        if text is not None:
            await self.reader.read(200)
            self.writer.transport.abort()
            raise _HungUp
        raw = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        mail = Taken(self.sender, self.recipient, raw.replace(b"\r\n..", b"\r\n."))
        taken = self.server.taken
        order = self.server.coming("dot", self.recipient)
        refused = order is not None and isinstance(order.does, str) and order.does[0] in "45"
        await self.act("dot", after=None if refused else lambda: taken.append(mail))
        self.done()

    async def rset(self, verb: str, _said: str) -> None:
        self.done()
        await self.act(verb)

    async def quit(self, verb: str, _said: str) -> None:
        await self.act(verb)
        raise _HungUp


VERBS = {
    "ehlo": _Session.ehlo,
    "starttls": _Session.starttls,
    "mail": _Session.mail,
    "rcpt": _Session.rcpt,
    "data": _Session.data,
    "rset": _Session.rset,
    "quit": _Session.quit,
}
