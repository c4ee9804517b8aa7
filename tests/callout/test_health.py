"""Health over real sockets: who is alive, who is ready, and a server that nobody can hold up (S19, F16)."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from callout import health
from callout.clock import HandClock
from callout.health import Check, health_app, serve
from callout.supervise import Fatal, Supervisor

TOKEN = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"


async def well() -> None:
    return None


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 — nobody but this test could set an event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[int]:
    stopping, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(app, "127.0.0.1", 0, stopping, started=port.set_result))
    yield await asyncio.wait_for(port, 2)
    before = time.monotonic()
    stopping.set()
    await task
    assert time.monotonic() - before < 2


@asynccontextmanager
async def asking(
    checks: Mapping[str, Check] | None = None, supervisor: Supervisor | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    registry = CollectorRegistry()
    Counter("callout_tickets", "Tickets taken in.", registry=registry).inc(3)
    app = health_app(checks or {}, supervisor or Supervisor(), registry)
    async with (
        served(app) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


async def test_it_is_healthy_while_all_loops_live_and_names_the_one_that_does_not():
    clock = HandClock()
    supervisor = Supervisor(clock)

    async def poller() -> None:
        supervisor.beat("poller")
        if clock.monotonic() == 0:
            raise OSError(f"https://api.telegram.org/bot{TOKEN}/getUpdates: no route")
        await supervisor.stopping.wait()

    supervisor.add("poller", poller)
    running = asyncio.create_task(supervisor.run())
    async with asking(supervisor=supervisor) as client:
        await until(lambda: clock.sleeping)
        answer = await client.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert answer.json()["failing"]["poller"].startswith("backing off: OSError: ")
        assert "canary" not in answer.text
        clock.advance(1)
        await until(lambda: not supervisor.troubles())
        answer = await client.get("/healthz")
        assert (answer.status_code, answer.json()["failing"]) == (200, {})
        assert answer.json()["loops"]["poller"] == {
            "state": "running",
            "restarts": 1,
            "last_error": "OSError: https://api.telegram.org/bot[secret]/getUpdates: no route",
            "last_beat": 1.0,
        }
    supervisor.stop()
    await running


async def test_it_is_ready_when_every_check_is_content():
    async with asking({"database": well, "telegram": well}) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "failing": {}})


async def test_it_says_why_it_is_not_ready_even_if_a_check_fails_or_hangs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.1)

    async def disk() -> str:
        return "2 MB left"

    async def telegram() -> str:
        raise ConnectionError(f"bot{TOKEN}")

    async def database() -> str:
        await asyncio.sleep(60)
        return "never"

    async with asking({"disk": disk, "telegram": telegram, "database": database, "ok": well}) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failing"] == {
        "disk": "2 MB left",
        "telegram": "ConnectionError: bot[secret]",
        "database": "no answer within 0.1 s",
    }


async def test_it_is_no_longer_ready_once_it_is_stopping():
    supervisor = Supervisor()
    supervisor.stop()
    async with asking(supervisor=supervisor) as client:
        assert (await client.get("/readyz")).json()["failing"] == {"service": "stopping"}
        assert (await client.get("/healthz")).status_code == 200


async def test_the_figures_are_those_of_its_own_registry():
    async with asking() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "callout_tickets_total 3.0" in answer.text
    assert "python_info" not in answer.text


async def test_there_is_nothing_else_to_see():
    async with asking() as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.post("/healthz")).status_code == 405
        assert "server" not in (await client.get("/healthz")).headers


async def test_a_taken_port_is_one_clear_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Fatal, match=rf"127\.0\.0\.1:{port}.*another program.*set http\.port"):
            await serve(Starlette(), "127.0.0.1", port, asyncio.Event(), started=lambda _: None)


async def test_a_host_that_is_not_there_is_one_clear_sentence():
    with pytest.raises(Fatal, match=r"Cannot listen on 192\.0\.2\.1:0: this machine has no such address"):
        await serve(Starlette(), "192.0.2.1", 0, asyncio.Event(), started=lambda _: None)
    with pytest.raises(Fatal, match=r"Cannot listen on xxx\S+:0: "):
        await serve(Starlette(), "x" * 64, 0, asyncio.Event(), started=lambda _: None)


@pytest.mark.parametrize(
    "said", [b"", b"GET /healthz HTT", b"POST /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"]
)
async def test_whoever_does_not_finish_a_request_is_shown_out(monkeypatch: pytest.MonkeyPatch, said: bytes):
    monkeypatch.setattr(health, "REQUEST_SECONDS", 0.3)
    async with served(health_app({}, Supervisor(), CollectorRegistry())) as port:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in slow:
            writer.write(said)
        async with asyncio.timeout(2):
            for reader, writer in slow:
                await reader.read()
                writer.close()
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200


async def test_a_kept_connection_may_ask_again_and_a_slow_answer_is_not_cut_off(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(health, "REQUEST_SECONDS", 0.2)

    async def slow() -> None:
        await asyncio.sleep(0.4)

    async with asking({"slow": slow}) as client:
        for _ in range(3):
            assert (await client.get("/readyz")).status_code == 200


async def test_serving_ends_at_once_when_cancelled_and_frees_its_port():
    port = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(Starlette(), "127.0.0.1", 0, asyncio.Event(), started=port.set_result))
    number = await asyncio.wait_for(port, 2)
    before = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - before < 1.5
    with socket.create_server(("127.0.0.1", number)):
        pass
