"""The loopback socket: uvicorn's HTTP protocol in our own event loop, which stops at once when told to."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HOST = "127.0.0.1"


class Listener:
    """Serves an ASGI application on 127.0.0.1; port 0 takes any free one."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._config = uvicorn.Config(
            app,
            host=HOST,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=75,
            proxy_headers=False,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self.port = port

    async def start(self) -> None:
        """Begin to listen. OSError when the port is taken."""
        if not self._config.loaded:
            self._config.load()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _protocol(self) -> H11Protocol:
        return H11Protocol(config=self._config, server_state=self._state, app_state={})

    def hang_up(self, client: object) -> None:
        """Close the connection that comes from `client` (the scope's host and port)."""
        for protocol in list(self._state.connections):
            if isinstance(protocol, H11Protocol) and protocol.client == client:
                protocol.transport.close()

    async def stop(self) -> None:
        """Close the socket and all connections; requests under way see their caller hang up."""
        if self._server is None:
            return
        self._server.close()
        for protocol in list(self._state.connections):
            protocol.transport.abort()
        await asyncio.sleep(0)
        tasks = list(self._state.tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=2)
        for task in self._state.tasks:
            task.cancel()
        await self._server.wait_closed()
        self._server = None
