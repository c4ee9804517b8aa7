"""The SMTP server's socket on loopback: plain with STARTTLS, or TLS from the first octet."""

import asyncio
import ssl

from simulator.mail.conversation import Conversation, SmtpRules

HOST = "127.0.0.1"


class SmtpServer:
    """One listening socket; with `context` it speaks TLS from the first octet, with `starttls` on request."""

    def __init__(
        self,
        rules: SmtpRules,
        port: int = 0,
        context: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        self._rules = rules
        self._context = context
        self._starttls = starttls
        self._talks: set[Conversation] = set()
        self._server: asyncio.Server | None = None
        self.port = port

    async def start(self) -> None:
        """Begin to listen; started again, on the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._talk, HOST, self.port, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]

    def _talk(self) -> Conversation:
        return Conversation(self._rules, self._starttls, self._talks)

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._server is None:
            return
        self._server.close()
        await asyncio.gather(*(talk.end() for talk in list(self._talks)))
        await self._server.wait_closed()
        self._server = None
