"""What the machine room asks: is it alive, is it ready, how is it doing; and the small web server for it."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Generator, Mapping

import h11
import structlog
import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from callout.logs import redact
from callout.supervise import Fatal, Loop, Supervisor

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str | None]]

CHECK_SECONDS = 3.0  # a check that takes longer counts as failed
REQUEST_SECONDS = 5.0  # a whole request, head and body, must have arrived within this (S19)

CANNOT_LISTEN = {
    errno.EADDRINUSE: "another program uses this port; stop it, or set {setting} to a free one (0 takes any)",
    errno.EACCES: "this user may not open it; set {setting} to a port above 1023",
    errno.EADDRNOTAVAIL: "this machine has no such address; 127.0.0.1 always works",
}


def health_app(
    checks: Mapping[str, Check], supervisor: Supervisor, metrics_registry: CollectorRegistry
) -> Starlette:
    """GET /healthz, /readyz and /metrics.

    checks: name → coroutine function that answers None when well, otherwise the reason in words.
    /healthz and /readyz answer JSON `{"status": "ok" | "failing", "failing": {name: reason}, ...}`
    with 200 or 503; /metrics answers Prometheus' text format.
    """

    async def healthz(_: Request) -> Response:
        loops = {name: _facts(loop) for name, loop in supervisor.loops.items()}
        return _verdict(supervisor.troubles(), loops=loops)

    async def readyz(_: Request) -> Response:
        reasons = await asyncio.gather(*map(_reason, checks.values()))
        failing = {name: redact(reason) for name, reason in zip(checks, reasons, strict=True) if reason}
        return _verdict(failing | ({"service": "stopping"} if supervisor.stopping.is_set() else {}))

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(metrics_registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    )


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stopping: asyncio.Event,
    *,
    started: Callable[[int], None],
    setting: str = "http.port",
) -> None:
    """Serve until `stopping` is set, then end within two seconds.

    started is told the actual port once connections are accepted (port 0 takes any free one).
    Fatal: the address cannot be listened on; the sentence names `setting` as the place to change.
    """
    listener = await _listen(host, port, setting)
    server = Server(_config(app), lambda: started(listener.getsockname()[1]))
    serving = asyncio.create_task(server.serve(sockets=[listener]), name=f"http {host}:{port}")
    asked = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([serving, asked], return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        asked.cancel()
        await asyncio.wait([serving], timeout=2)
        serving.cancel()
        listener.close()
    if serving.done():
        serving.result()


class Server(uvicorn.Server):
    """uvicorn without its signal handlers, which says when it is open."""

    def __init__(self, config: uvicorn.Config, opened: Callable[[], None]) -> None:
        super().__init__(config)
        self._opened = opened

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to the supervisor."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open for connections, then say so."""
        await super().startup(sockets)
        self._opened()


class Patient(H11Protocol):
    """HTTP/1.1 that waits for a whole request, but not for ever: uvicorn itself sets no such limit (F16)."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start waiting for the first request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Stop waiting once the whole request is here."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._expect()
        else:
            self._arrived()

    def _expect(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        limit_concurrency=200,
        timeout_graceful_shutdown=1,
    )


async def _listen(host: str, port: int, setting: str) -> socket.socket:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label no host name may have
        why = CANNOT_LISTEN.get(getattr(error, "errno", None) or 0, str(error))
        raise Fatal(f"Cannot listen on {host}:{port}: {why.format(setting=setting)}.") from error


async def _reason(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # a check that fails is an answer
        log.warning("health.check_failed", exc_info=error)
        return f"{type(error).__name__}: {error}"


def _verdict(failing: Mapping[str, str], **more: object) -> JSONResponse:
    body = {"status": "failing" if failing else "ok", "failing": dict(failing), **more}
    return JSONResponse(body, status_code=503 if failing else 200, headers={"cache-control": "no-store"})


def _facts(loop: Loop) -> dict[str, object]:
    return {
        "state": loop.state,
        "restarts": loop.restarts,
        "last_error": loop.last_error,
        "last_beat": loop.last_beat,
    }
