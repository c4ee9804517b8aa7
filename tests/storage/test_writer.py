"""The one writer: commands share commits, none harms another, and what was acknowledged is there."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from callout.clock import HandClock
from dispatch.errors import Refusal
from storage.database import SqliteStore
from storage.errors import Busy, Stale, StorageError
from storage.records.ticket import Kind, State, Ticket
from storage.schema import inbox
from storage.unit import UnitOfWork


def keep(unit: UnitOfWork, key: str, size: int = 10) -> str:
    """Something that is written in two rows: both or none."""
    unit.inbox.keep("one", key, key, "x" * size)
    unit.inbox.keep("two", key, key, "x")
    return key


def stored(unit: UnitOfWork) -> dict[str, set[str]]:
    rows = unit.connection.execute(select(inbox.c.source, inbox.c.outside_id)).all()
    found: dict[str, set[str]] = {"one": set(), "two": set()}
    for source, key in rows:
        found[source].add(key)
    return found


def count_up(unit: UnitOfWork) -> int:
    value = (unit.plans.fact("count") or 0) + 1
    unit.plans.know("count", value)
    return int(value)


def a_ticket(unit: UnitOfWork) -> Ticket:
    mei = unit.people.create("Mei", "en", "telegram", "101")
    fixed = {"kind": Kind.FAULT, "impact": 2, "urgency": 2, "severity": 3, "problem": "x", "place": "y"}
    more = {"offers_missed": 0, "disputes": 0, "source": "test", "source_key": "1", "customer_id": mei.id}
    start = {"version": 1, "generation": 1, "state": State.DRAFT, "created_at": unit.now}
    return unit.tickets.create(**fixed, **more, **start, updated_at=unit.now)


async def in_flight(store: SqliteStore, many: int, at_once: int, command: Any, *args: Any) -> float:
    """Run a command so many times, some at once; tells how many seconds it took."""
    waiting = iter(range(many))
    began = time.perf_counter()

    async def worker() -> None:
        for _ in waiting:
            await store.write(command, *args)

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return time.perf_counter() - began


async def test_commands_that_wait_together_share_a_commit(archive: Any) -> None:
    commits = []
    event.listen(archive.store._engine, "commit", lambda _connection: commits.append(1))
    took = await in_flight(archive.store, 640, 32, count_up)
    print(f"640 commands, 32 in flight: {640 / took:.0f}/s with {len(commits)} commits")
    assert await archive.ask(lambda unit: unit.plans.fact("count")) == 640
    assert len(commits) <= 640 / 4


async def test_a_command_that_fails_does_not_harm_those_beside_it(archive: Any) -> None:
    def refuse(unit: UnitOfWork, key: str) -> None:
        keep(unit, key)
        raise Refusal("no")

    def break_the_rules(unit: UnitOfWork, key: str) -> None:
        keep(unit, key)
        unit.connection.execute(inbox.insert().values(source="one", outside_id=key))

    commands = [
        (keep, f"good {n}") if n % 3 else ((refuse, break_the_rules)[n % 2], f"bad {n}") for n in range(90)
    ]
    outcomes = await asyncio.gather(
        *(archive.store.write(command, key) for command, key in commands), return_exceptions=True
    )
    good = {key for (command, key) in commands if command is keep}
    assert {outcome for outcome in outcomes if isinstance(outcome, str)} == good
    assert await archive.ask(stored) == {"one": good, "two": good}


async def test_a_cancelled_caller_leaves_a_whole_command_or_none(archive: Any) -> None:
    tasks = [asyncio.ensure_future(archive.store.write(keep, f"k{n}")) for n in range(200)]
    chance = random.Random(3)
    for task in tasks:
        if chance.random() < 0.5:
            await asyncio.sleep(0)
            task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    acknowledged = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert 0 < len(acknowledged) < 200
    have = await archive.ask(stored)
    assert have["one"] == have["two"] >= acknowledged


async def test_of_200_read_modify_writes_none_is_lost(archive: Any) -> None:
    await in_flight(archive.store, 200, 32, count_up)
    assert await archive.ask(lambda unit: unit.plans.fact("count")) == 200


async def test_who_read_an_older_version_is_told_so(archive: Any) -> None:
    ticket = await archive.do(a_ticket)
    await archive.do(lambda unit: unit.tickets.update(ticket, problem="first"))
    with pytest.raises(Stale, match="no longer at version 1"):
        await archive.do(lambda unit: unit.tickets.update(ticket, problem="second"))
    assert (await archive.ask(lambda unit: unit.tickets.get(ticket.id))).problem == "first"


async def test_a_full_disk_loses_nothing_that_was_acknowledged(archive: Any) -> None:
    """SQLite undoes the whole transaction when the disk is full, the neighbours' work included (F5)."""

    def room_for(unit: UnitOfWork, pages: int) -> None:
        used = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count={used + pages}")

    await archive.do(room_for, 30)
    writes = [archive.store.write(keep, f"k{n}", 20_000 if n % 3 == 0 else 10) for n in range(200)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    acknowledged = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert 0 < len(acknowledged) < 200
    assert await archive.ask(stored) == {"one": acknowledged, "two": acknowledged}
    assert all("full" in str(outcome) for outcome in outcomes if not isinstance(outcome, str))
    await archive.do(room_for, 10_000)
    assert await archive.do(keep, "when there is room again") == "when there is room again"


async def test_a_closed_archive_says_so_instead_of_keeping_its_callers(
    tmp_path: Path, clock: HandClock
) -> None:
    store = SqliteStore(tmp_path / "callout.db", clock.now)
    async with store.open():
        await store.write(count_up)
    with pytest.raises(StorageError, match="closed"):
        await asyncio.wait_for(store.write(count_up), 5)
    async with store.open():
        assert await store.write(count_up) == 2


# --- held by another process (F4) ----------------------------------------------------------------------------

HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""


@asynccontextmanager
async def held(path: Path, seconds: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process holds the database for that long."""
    arguments = ("-c", HOLD, str(path), str(seconds))
    other = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    yield other
    await other.communicate()


async def longest_gap(stop: asyncio.Event) -> float:
    """The longest the event loop was kept from running, seconds."""
    longest, last = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(0.005)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


@pytest.mark.parametrize("seconds", [0.5, 2.0])
async def test_a_database_held_by_another_process_makes_callers_wait_and_the_loop_goes_on(
    archive: Any, seconds: float
) -> None:
    stop = asyncio.Event()
    async with held(archive.store.path, seconds):
        watching = asyncio.ensure_future(longest_gap(stop))
        writes = [archive.store.write(keep, f"k{n}") for n in range(100)]
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        stop.set()
        gap = await watching
    done = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert all(isinstance(outcome, str | Busy) for outcome in outcomes)
    assert await archive.ask(stored) == {"one": done, "two": done}
    assert await archive.do(keep, "afterwards") == "afterwards"
    print(f"held for {seconds} s: {len(done)} of 100 written, longest gap of the loop {gap * 1000:.0f} ms")
    # 100 ms is the promise; a machine that runs other things at the same time gets some room.
    assert gap < 0.25


async def test_reading_goes_on_while_another_process_holds_the_database(archive: Any) -> None:
    await archive.do(keep, "there")
    async with held(archive.store.path, 1.0) as other:
        began = time.perf_counter()
        assert (await archive.ask(stored))["one"] == {"there"}
        assert other.returncode is None, "the reader waited for the writer of another process"
        assert time.perf_counter() - began < 0.9


async def test_a_command_that_runs_out_of_things_fails_like_any_other(archive: Any) -> None:
    """A future cannot carry StopIteration: whoever waits must hear of it all the same."""
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(archive.do(lambda _unit: next(iter(()))), 5)
