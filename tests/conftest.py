"""What every test may use: a real archive on a file, a clock turned by hand, and the cast."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from callout.clock import HandClock
from dispatch import register
from storage.database import SqliteStore
from storage.records.people import Person, Role
from storage.records.policy import Policy

R = TypeVar("R")

# Mei reports, Ana and Bo repair, Otto dispatches, manages and administers, Nora has no business here.
CAST = {
    "mei": ("Mei", "101", ()),
    "ana": ("Ana", "201", (Role.ENGINEER,)),
    "bo": ("Bo", "202", (Role.ENGINEER,)),
    "otto": ("Otto", "301", (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR)),
    "nora": ("Nora", "401", ()),
}


class Archive:
    """A real store on a file with the hand-turned clock; `do` writes, `ask` reads."""

    def __init__(self, store: SqliteStore, clock: HandClock) -> None:
        self.store = store
        self.clock = clock

    async def do(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        return await self.store.write(command, *args, **kwargs)

    async def ask(self, query: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        return await self.store.read(query, *args, **kwargs)

    async def hire(self) -> dict[str, Person]:
        """The cast, known to the archive; the engineers are on duty."""
        return await self.store.write(_hire)


def _hire(unit: Any) -> dict[str, Person]:
    people = {}
    for key, (name, address, roles) in CAST.items():
        person = register.caller(unit, "telegram", address, name, "en")
        for role in roles:
            person = register.employ(unit, person, role)
        people[key] = register.duty(unit, person, True) if Role.ENGINEER in roles else person
    return people


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def archive(tmp_path: Path, clock: HandClock) -> AsyncIterator[Archive]:
    store = SqliteStore(tmp_path / "callout.db", clock.now, policy=Policy(), chance=random.Random(7))
    async with store.open():
        yield Archive(store, clock)


@pytest.fixture
async def cast(archive: Archive) -> dict[str, Person]:
    return await archive.hire()
