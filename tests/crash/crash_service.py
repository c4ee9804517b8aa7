"""The service as a process that can be killed at any moment, and the archive it leaves behind."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dispatch import register
from simulator.telegram import Person, TelegramSimulator
from simulator.telegram.updates import Pending
from storage.database import SqliteStore
from storage.records.people import Role
from storage.unit import UnitOfWork

SOON = timedelta(seconds=30)  # what is due later than this is a plan, no backlog


@dataclass(frozen=True)
class Backlog:
    """What was waiting when the process died: at Telegram, in the inbox, in the outbox, on its way out."""

    pending: int
    inbox: int
    outbox: int
    leased: int

    def __bool__(self) -> bool:
        return bool(self.pending or self.inbox or self.outbox or self.leased)


class Ledger:
    """Every update Telegram ever had for the bot, by its id, and every button that was pressed."""

    def __init__(self, sim: TelegramSimulator) -> None:
        self.updates: dict[int, Pending] = {}
        self.presses: list[tuple[Person, str]] = []
        sim.world.updates.watchers.append(self.heard)

    def heard(self, update: Pending) -> None:
        self.updates[update.update_id] = update

    def __len__(self) -> int:
        return len(self.updates)


class Callout:
    """`callout run` on a file against the simulator. Every start and kill is written down."""

    def __init__(self, folder: Path, sim: TelegramSimulator) -> None:
        self.folder = folder
        self.sim = sim
        self.path = folder / "callout.db"
        self.process: subprocess.Popen[bytes] | None = None
        self.started: list[datetime] = []
        self.killed: list[Backlog] = []

    def environment(self) -> dict[str, str]:
        """Limits out of the way: this is about crashes, not about waiting."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("CALLOUT_")},
            "CALLOUT_TELEGRAM__TOKEN": self.sim.token,
            "CALLOUT_TELEGRAM__API_URL": self.sim.api_url,
            "CALLOUT_TELEGRAM__FILE_URL": self.sim.file_url,
            "CALLOUT_TELEGRAM__PER_SECOND": "1000",
            "CALLOUT_TELEGRAM__PER_CHAT_SECONDS": "0",
            "CALLOUT_TELEGRAM__PER_GROUP_MINUTE": "10000",
            "CALLOUT_TELEGRAM__POLL_TIMEOUT": "2",
            "CALLOUT_DATABASE__URL": f"sqlite:///{self.path}",
            "CALLOUT_HTTP__PORT": "0",
            "CALLOUT_LOGGING__FORMAT": "json",
        }

    def command(self) -> list[str]:
        return [sys.executable, "-m", "callout", "run"]

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with (self.folder / "service.log").open("ab") as log:
            self.started.append(datetime.now(UTC))
            self.process = subprocess.Popen(
                self.command(),
                env=self.environment(),
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> Backlog:
        """SIGKILL, now; tells what was left undone."""
        assert self.process is not None
        assert self.process.poll() is None, f"it died by itself: {self.last_words()}"
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.killed.append(self.backlog())
        return self.killed[-1]

    def audit(self) -> tuple[int, str]:
        """`callout audit`: its exit code and what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "callout", "audit"],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    def stop(self, within: float = 15) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(within)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def backlog(self) -> Backlog:
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as sql:
            inbox = sql.execute("SELECT count(*) FROM inbox WHERE status = 'new'").fetchone()[0]
            due = "SELECT status, count(*) FROM outbox WHERE due_at < ? GROUP BY status"
            soon = (datetime.now(UTC) + SOON).replace(tzinfo=None).isoformat(" ")
            states = dict(sql.execute(due, (soon,)).fetchall())
        return Backlog(self.sim.pending, inbox, states.get("pending", 0), states.get("leased", 0))

    def files_waiting(self) -> int:
        """Attachments that are still to be fetched."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as sql:
            waiting = "SELECT count(*) FROM entry_files WHERE state = 'waiting'"
            return int(sql.execute(waiting).fetchone()[0])

    async def quiet(self, within: float) -> None:
        """Until nothing is left to be handled, sent or fetched. TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while self.backlog() or self.files_waiting():
                assert self.running, self.last_words()
                await asyncio.sleep(0.1)

    def last_words(self) -> str:
        return (self.folder / "service.log").read_text(errors="replace")[-3000:]

    @contextlib.asynccontextmanager
    async def archive(self) -> AsyncIterator[SqliteStore]:
        """The database, while the service is not running."""
        store = SqliteStore(self.path, lambda: datetime.now(UTC))
        async with store.open():
            yield store

    async def employ(self, staff: Iterable[tuple[Person, tuple[Role, ...]]], office: int | None) -> None:
        """Who works here, before the doors open; `office` is the chat of a group."""
        async with self.archive() as store:
            await store.write(hire, list(staff), office)


def hire(unit: UnitOfWork, staff: list[tuple[Person, tuple[Role, ...]]], office: int | None) -> None:
    for phone, roles in staff:
        person: Any = register.caller(unit, "telegram", str(phone.id), phone.first_name, "en")
        for role in roles:
            person = register.employ(unit, person, role)
        if Role.ENGINEER in roles:
            register.duty(unit, person, True)
        if office is not None and Role.ADMINISTRATOR in roles:
            register.open_office(unit, person, "telegram", str(office), None, "Office")
