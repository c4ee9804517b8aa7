"""The wire in front of the IMAP server: a listening socket that leads every client to it, faults included."""

import asyncio
import ssl
from collections import deque

from simulator.mail.connection import Connection
from simulator.mail.faults import ImapFaults

HOST = "127.0.0.1"
LONGEST_LINE = 2**24
# A soak test makes connections without end.
REMEMBERED = 1_000


class Proxy:
    """Listens on 127.0.0.1 and leads every client to the server behind, through the faults in force."""

    def __init__(self, faults: ImapFaults, port: int = 0, context: ssl.SSLContext | None = None) -> None:
        self._faults = faults
        self._context = context
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._behind = 0
        self.connections: deque[Connection] = deque(maxlen=REMEMBERED)
        self.port = port

    async def start(self, behind: int) -> None:
        """Begin to listen for the server on port `behind`; started again, on the same port as before."""
        self._behind = behind
        self._server = await asyncio.start_server(
            self._meet, HOST, self.port, limit=LONGEST_LINE, ssl=self._context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._lead(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plan = self._faults.next_plan()
        try:
            server = await asyncio.open_connection(HOST, self._behind, limit=LONGEST_LINE)
            connection = Connection(self._faults, plan, (reader, writer), server)
            self.connections.append(connection)
            await connection.run()
        except OSError:
            # The server behind has gone: nobody is there to speak to.
            return
        finally:
            writer.transport.abort()

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._server is None:
            return
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # An aborted transport closes its socket one turn of the loop later.
        await asyncio.sleep(0)
        await self._server.wait_closed()
        self._server = None
