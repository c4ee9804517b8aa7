"""aioimaplib's protocol made safe: it logs nothing, notices a lost line at once, and bounds what may arrive."""

import asyncio
import logging
from collections.abc import Awaitable, Iterator
from typing import Any, TypeVar

from aioimaplib.aioimaplib import AioImapException, Command, IMAP4ClientProtocol, Response

from intake.imap_parse import status_code
from intake.mailbox import Broken, Declined, Pace

T = TypeVar("T")

# Stands for the secret inside the library, which writes whole commands into logs and exceptions.
PLACE = "\ue000"
LINES = 100  # handed to the library at once: it recurses once per line, and a thousand lines end it
ROOM = 4 * 1024 * 1024  # bytes any answer may have beside the mail it was asked for
# What the library raises when the server speaks nonsense.
NONSENSE = (AioImapException, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def quiet() -> None:
    """Below WARNING the library writes what people wrote."""
    logger = logging.getLogger("aioimaplib.aioimaplib")
    if logger.getEffectiveLevel() < logging.WARNING:
        logger.setLevel(logging.WARNING)


def slices(data: bytes) -> Iterator[bytes]:
    """The same bytes in pieces of few lines."""
    start = end = 0
    count = 0
    while (found := data.find(b"\n", end)) >= 0:
        end = found + 1
        count += 1
        if count == LINES:
            yield data[start:end]
            start, count = end, 0
    if start < len(data):
        yield data[start:]


class Wire(IMAP4ClientProtocol):
    """One connection of the library. `lost` is done when it is of no more use, with a word why."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pace: Pace) -> None:
        super().__init__(loop, self._gone)
        quiet()
        self.clock = loop
        self.pace = pace
        self.lost: asyncio.Future[str] = loop.create_future()
        self.line: asyncio.Transport | None = None
        self.heard = loop.time()
        self.room = ROOM
        self.secret = ""
        self.replies: list[bytes] = []  # what we answer to the continuations of an AUTHENTICATE
        self.challenge = b""
        self.news = False  # new mail was announced, be it in the answer to something else

    # --- what the library calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.line = transport
        super().connection_made(transport)

    def data_received(self, d: bytes) -> None:
        self.heard = self.clock.time()
        self.room -= len(d)
        if self.room < 0:
            self.give_up("sent more than it had announced")
            return
        try:
            for piece in slices(d):
                super().data_received(piece)
        except NONSENSE as error:
            # Not to the event loop: it would log the exception, whose text holds the command.
            self.give_up(f"could not be understood ({type(error).__name__})")

    def send(self, line: str, scrub: str | None = None) -> None:
        before, there, after = line.rpartition(PLACE)
        text = before + self.secret + after if there else line
        if self.line is not None:
            self.line.write(f"{text}\r\n".encode())

    async def welcome(self, command: bytes) -> None:
        try:
            await super().welcome(command)
        except NONSENSE:
            self.give_up("did not greet us")

    def _untagged_response(self, line: bytes) -> Command:
        # A server announces a mail once, and an IDLE that follows waits for the next one.
        self.news = self.news or line.endswith(b" EXISTS")
        return super()._untagged_response(line)

    def _continuation(self, line: bytes) -> None:
        pending = self.pending_sync_command
        if pending is None or pending.name != "AUTHENTICATE":
            super()._continuation(line)
            return
        # The library waits for ever here; a refused XOAUTH2 wants an empty answer before it says NO.
        self.challenge = line[1:].strip() or self.challenge
        if self.line is not None:
            self.line.write((self.replies.pop(0) if self.replies else b"*") + b"\r\n")

    def _gone(self, _error: Exception | None) -> None:
        self._over("the connection was lost")

    def _over(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)
        for task in tuple(self.tasks):  # the greeting may still be waited for
            task.cancel()

    # --- what the adapter calls ---

    def give_up(self, why: str) -> None:
        """Nothing more is expected from this connection."""
        self._over(f"the server {why}")
        if self.line is not None:
            self.line.abort()

    async def idling(self) -> None:
        """Until the server has taken the IDLE."""
        await self._idle_event.wait()

    async def run(self, what: str, work: Awaitable[T], seconds: float, size: int = 0) -> T:
        """The outcome of `work`; Broken when the line is lost or silent for `seconds`, or the whole of `size`
        bytes takes far too long. Whatever fails ends the connection (GUARANTEES part 3)."""
        task = asyncio.ensure_future(work)
        both: set[asyncio.Future[Any]] = {task, self.lost}
        begun = self.heard = self.clock.time()
        self.room = ROOM + size
        end = begun + seconds + max(seconds, size / self.pace.slowest)
        try:
            while not task.done() and not self.lost.done():
                left = min(self.heard + seconds, end) - self.clock.time()
                if left <= 0:
                    raise Broken(f"{what}: no answer within {seconds:g} s")
                await asyncio.wait(both, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Broken(f"{what}: {self.lost.result()}")
            return task.result()
        except NONSENSE as error:
            # `from None`: the library's texts hold whole commands.
            raise Broken(f"{what}: not possible ({type(error).__name__})") from None
        except OSError as error:
            raise Broken(f"{what}: {type(error).__name__}") from None
        finally:
            if not task.done() or task.cancelled() or task.exception() is not None:
                await drop(task)
                self.give_up("was given up")

    async def answer(
        self, what: str, work: Awaitable[Response], seconds: float, size: int = 0
    ) -> list[bytes]:
        """The lines of an OK, the last one being the server's closing words; Declined on NO and BAD."""
        response = await self.run(what, work, seconds, size)
        if response.result != "OK":
            raise Declined(what, status_code(response.lines[-1:]))
        return list(response.lines)


async def drop(task: asyncio.Future[T]) -> None:
    """Cancel it and wait until it has ended, whatever it says."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
