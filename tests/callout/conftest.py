"""The command as people start it, a process against a simulated Telegram; and an archive with stories to audit."""

import asyncio
import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from callout.audit import CHECKS, audit
from dispatch import closing, deadlines, desk, field, reception
from dispatch.alarm import due
from dispatch.reception import Arrival
from simulator.telegram import TelegramSimulator
from storage.files import Files
from storage.records.message import Audience, FileState, Sending
from storage.records.ticket import Mode

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


# --- for the auditor ----------------------------------------------------------------------------------------

REPORT = {"cause": "Door contact worn", "action": "Replaced", "parts": "none", "tested": True}
PHOTO = b"\xff\xd8 a door contact"


class Auditor:
    """An archive with the cast in it; tells stories, breaks rows by hand, and audits."""

    def __init__(self, archive, cast, folder: Path) -> None:
        self.archive, self.clock = archive, archive.clock
        self.mei, self.ana, self.bo, self.otto = (cast[name] for name in ("mei", "ana", "bo", "otto"))
        self.files = Files(folder / "files")
        self.told = 0

    async def breaches(self) -> dict[str, list[str]]:
        """Check → its breaches as "where: what"; only those that found some."""
        found = await self.archive.ask(audit, self.files, self.archive.store.path)
        assert [check for check, _ in found] == list(CHECKS)
        return {
            check.name: [f"{b.where}: {b.what}" for b in breaches] for check, breaches in found if breaches
        }

    def break_(self, sql: str, *values: object) -> None:
        """Change the database behind everybody's back; it must change something."""
        with (
            contextlib.closing(sqlite3.connect(self.archive.store.path, timeout=30)) as connection,
            connection,
        ):
            assert connection.execute(sql, values).rowcount > 0, sql

    # --- stories ---

    async def draft(self):
        self.told += 1
        draft = await self.archive.do(desk.open_draft, self.mei, "telegram", f"101:{self.told}")
        return await self.archive.do(
            desk.describe, draft.id, self.mei, problem="Lift 3 is stuck", place="12 Harbour Street"
        )

    async def reported(self):
        return await self.archive.do(desk.submit, (await self.draft()).id, self.mei)

    async def offered(self):
        return await self.archive.do(desk.offer, (await self.reported()).id, self.otto, self.ana.id)

    async def accepted(self):
        ticket = await self.offered()
        offer = (await self.archive.ask(lambda unit: unit.tickets.offers(ticket.id)))[-1]
        return await self.archive.do(field.accept, ticket.id, self.ana, offer.id)

    async def completed(self, ticket=None):
        ticket = ticket or await self.accepted()
        await self.archive.do(field.arrive, ticket.id, self.ana)
        return await self.archive.do(field.complete, ticket.id, self.ana, mode=Mode.ON_SITE, **REPORT)

    async def signed(self):
        ticket = await self.completed()
        return await self.archive.do(closing.confirm, ticket.id, self.mei, "telegram", "101")

    async def settle(self, status: Sending = Sending.SENT) -> None:
        """Everything in the outbox leaves."""

        def leave(unit) -> bool:
            jobs = unit.outbox.claim("worker", timedelta(seconds=60), 500)
            return bool([unit.outbox.settle(job, status, outside_id=str(job.id)) for job in jobs])

        while await self.archive.do(leave):
            continue

    async def later(self, **span: float) -> None:
        """Time passes, the clock does its duties, messages leave."""
        self.clock.advance(timedelta(**span))
        while found := await self.archive.ask(due):
            for deadline in found:
                await self.archive.do(deadlines.fire, deadline)
        await self.settle()

    async def arrived(self, *texts: str) -> None:
        """Mei's messages, kept and handled."""
        rows = [Arrival("telegram:1", f"{n}", "101", json.dumps(text)) for n, text in enumerate(texts, 1)]
        await self.archive.do(reception.keep, rows)
        for _ in rows:
            (row,) = await self.archive.do(reception.claim, "worker", timedelta(seconds=30), 8)
            self.clock.advance(0.5)
            await self.archive.do(reception.effect, row, lambda _unit: "message")

    async def photographed(self) -> str:
        """A photo of Ana's in a ticket, stored; its sha256."""
        ticket = await self.accepted()
        digest = self.files.put(PHOTO)

        def keep(unit) -> None:
            entry = unit.messages.write(
                ticket_id=ticket.id,
                author_id=self.ana.id,
                audience=Audience.ALL,
                kind="photo",
                text="",
                data={},
                channel="telegram",
                address="201",
                outside_id="77",
            )
            file = unit.messages.attach(
                entry,
                "77",
                0,
                kind="photo",
                ref="AgAC",
                name="photo.jpg",
                mime="image/jpeg",
                size=len(PHOTO),
                state=FileState.WAITING,
            )
            unit.messages.file_stored(file, digest, len(PHOTO))

        await self.archive.do(keep)
        return digest


@pytest.fixture
async def auditor(archive, cast, tmp_path: Path) -> AsyncIterator[Auditor]:
    yield Auditor(archive, cast, tmp_path)
