"""The command as people start it: a process of its own, against a simulated Telegram."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.telegram import TelegramSimulator

SLOW = 60.0  # seconds a machine with much else to do may take for anything


@dataclass
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Running:
    """A `callout run` that is going on; everything it writes is kept in `text`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of that event."""
        found = (json.loads(line) for line in self.lines if line.startswith("{"))
        return [line for line in found if line.get("event") == event]

    async def until(self, true: Callable[[], Any], timeout: float = SLOW) -> Any:
        async with asyncio.timeout(timeout):
            while not (found := true()):
                assert self.process.returncode is None, self.text
                await asyncio.sleep(0.02)
            return found

    async def up(self) -> None:
        """Wait until it says that it listens."""
        line = (await self.until(lambda: self.logged("http.listening")))[0]
        self.http = f"http://127.0.0.1:{line['port']}"

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(self.http + path)

    async def ended(self, timeout: float = SLOW) -> int:
        """Wait for the end; the exit code."""
        async with asyncio.timeout(timeout):
            code = await self.process.wait()
            await self._reading
        return code

    async def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return await self.ended()


class Shop:
    """A folder with a database in it, the environment that names it, and the command to use on it."""

    def __init__(self, folder: Path, sim: TelegramSimulator) -> None:
        self.folder = folder
        self.sim = sim
        self.database = folder / "callout.db"
        self.env = {
            "CALLOUT_TELEGRAM__TOKEN": sim.token,
            "CALLOUT_TELEGRAM__API_URL": sim.api_url,
            "CALLOUT_TELEGRAM__FILE_URL": sim.file_url,
            "CALLOUT_TELEGRAM__POLL_TIMEOUT": "1",
            "CALLOUT_TELEGRAM__PER_SECOND": "1000",
            "CALLOUT_TELEGRAM__PER_CHAT_SECONDS": "0",
            "CALLOUT_DATABASE__URL": f"sqlite:///{self.database}",
            "CALLOUT_HTTP__PORT": "0",
            "CALLOUT_LOGGING__FORMAT": "json",
        }
        self.running: list[Running] = []

    async def _start(self, args: tuple[str, ...], err: int) -> asyncio.subprocess.Process:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("CALLOUT_")}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callout", *args),
            stdout=asyncio.subprocess.PIPE,
            stderr=err,
            cwd=self.folder,
            env=outside | self.env,
        )

    async def callout(self, *args: str) -> Ended:
        """Run a command to its end."""
        process = await self._start(args, asyncio.subprocess.PIPE)
        async with asyncio.timeout(SLOW):
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def run(self) -> Running:
        """Start the service; not waited for."""
        running = Running(await self._start(("run",), asyncio.subprocess.STDOUT))
        self.running.append(running)
        return running

    async def close(self) -> None:
        """End whatever a failed test left running."""
        for running in self.running:
            if running.process.returncode is None:
                running.process.kill()
            await running.ended()


@pytest.fixture
async def sim() -> AsyncIterator[TelegramSimulator]:
    async with TelegramSimulator(pacing=False) as simulator:
        yield simulator


@pytest.fixture
async def shop(tmp_path: Path, sim: TelegramSimulator) -> AsyncIterator[Shop]:
    place = Shop(tmp_path, sim)
    yield place
    await place.close()
