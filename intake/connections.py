"""A few open connections to the mail server, used again while they are fresh, so that not every mail pays for TLS."""

import asyncio
import ssl
from collections.abc import Callable

from intake.smtp import Broken, Connection, Outgoing, Step, trust

MOST_IDLE = 4
MOST_MAILS = 50  # by one connection; servers cut off who never leaves
FRESH = 20.0  # seconds a connection is kept without a mail


class Connections:
    """Hands out connections that are ready for MAIL, and takes them back after a mail went well."""

    def __init__(self, outgoing: Outgoing, monotonic: Callable[[], float]) -> None:
        self.outgoing = outgoing
        self.monotonic = monotonic
        self.idle: list[Connection] = []
        self._context: ssl.SSLContext | None = None

    async def take(self, hello: str) -> Connection:
        """A connection that works; Broken when none can be had."""
        while self.idle:
            known = self.idle.pop()
            if self._fresh(known) and await known.again():
                return known
            known.close()
        if self._context is None and self.outgoing.security != "none":
            try:
                self._context = await asyncio.to_thread(trust, self.outgoing)
            except OSError as unreadable:
                raise Broken(Step.TLS, 0, f"the file of the authority: {unreadable}") from unreadable
        fresh = Connection(self.outgoing, hello, self._context)
        await fresh.open()
        return fresh

    async def give(self, used: Connection) -> None:
        """Back after a mail; one too many, or used up, is closed."""
        used.used_at = self.monotonic()
        if used.alive and used.carried < MOST_MAILS and len(self.idle) < MOST_IDLE:
            self.idle.append(used)
        else:
            await used.leave()

    def _fresh(self, known: Connection) -> bool:
        return known.alive and self.monotonic() - known.used_at <= FRESH

    async def close(self) -> None:
        """Say goodbye to all that are idle."""
        while self.idle:
            await self.idle.pop().leave()
