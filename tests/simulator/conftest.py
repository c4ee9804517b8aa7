"""A simulated Telegram for each test, with the cast on its phones and a clock that the test turns."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from simulator.telegram import Person, TelegramSimulator

# All is plain HTTP on loopback; reading the certificates of the world anew for each test is slow.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Ask = Callable[..., Awaitable[Any]]
Eventually = Callable[[Callable[[], object]], Awaitable[None]]


class Clock:
    """Seconds since the epoch, turned by hand."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sim(clock: Clock) -> AsyncIterator[TelegramSimulator]:
    async with TelegramSimulator(clock=clock, pacing=False, webhook_delay=0.02) as simulator:
        yield simulator


@pytest.fixture
def mei(sim: TelegramSimulator) -> Person:
    """The customer; her chat with the bot is open, and the bot has read it."""
    person = sim.add_person("Mei", language_code="zh-hans", hint="customer")
    person.start()
    sim.world.updates.clear()
    return person


@pytest.fixture
async def http(sim: TelegramSimulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sim.url, trust_env=False, timeout=10, verify=NO_TLS) as client:
        yield client


@pytest.fixture
def eventually() -> Eventually:
    """Wait until a condition holds, 3 s at most."""

    async def wait(condition: Callable[[], object]) -> None:
        for _ in range(600):
            if condition():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it never came to that")

    return wait


@pytest.fixture
def ask(sim: TelegramSimulator, http: httpx.AsyncClient) -> Ask:
    """Call a method with JSON parameters; the whole answer as a dict."""

    async def call(method: str, **params: Any) -> Any:
        return (await http.post(f"/bot{sim.token}/{method}", json=params)).json()

    return call


@pytest.fixture
async def bot(sim: TelegramSimulator) -> AsyncIterator[Bot]:
    """python-telegram-bot, pointed at the simulator."""
    ways = [HTTPXRequest(httpx_kwargs={"verify": NO_TLS}) for _ in range(2)]
    urls = {"base_url": sim.api_url, "base_file_url": sim.file_url}
    async with Bot(sim.token, **urls, request=ways[0], get_updates_request=ways[1]) as real:
        yield real
