"""The clocks: the machine's tells UTC; the one turned by hand wakes exactly whom it should."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from callout.clock import HandClock, SystemClock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_machines_clock_tells_utc_and_really_waits():
    clock, before = SystemClock(), time.monotonic()
    await clock.sleep(0.02)
    await clock.sleep(-1)
    assert clock.now().utcoffset() == timedelta(0)
    assert 0.015 < time.monotonic() - before < 1
    assert before <= clock.monotonic() <= time.monotonic()


async def test_nothing_happens_until_the_clock_is_turned():
    clock = HandClock()
    before = clock.now()
    sleeper = asyncio.create_task(clock.sleep(600))
    await settle()
    assert (clock.sleeping, sleeper.done(), clock.now()) == (1, False, before)
    clock.advance(timedelta(minutes=10))
    await sleeper
    assert (clock.sleeping, clock.monotonic()) == (0, 600)
    assert clock.now() - before == timedelta(minutes=10)


async def test_sleepers_wake_in_the_order_they_are_due_and_equals_as_they_came():
    clock, woken = HandClock(), []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [
        asyncio.create_task(sleep(*who)) for who in [("late", 3), ("first", 1), ("second", 1), ("far", 9)]
    ]
    await settle()
    clock.advance(5)
    await settle()
    assert woken == ["first", "second", "late"]
    tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert clock.sleeping == 0


async def test_ten_steps_of_a_tenth_make_a_second():
    clock = HandClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await settle()
    for _ in range(10):
        clock.advance(0.1)
    await asyncio.wait_for(sleeper, 1)


async def test_a_dial_set_back_an_hour_wakes_nobody_and_leaves_the_waiting_time_alone():
    clock = HandClock(datetime(2026, 10, 25, 1, 0, tzinfo=UTC))
    sleeper = asyncio.create_task(clock.sleep(60))
    await settle()
    clock.step(timedelta(hours=-1))
    await settle()
    assert (clock.now().hour, clock.monotonic(), sleeper.done()) == (0, 0, False)
    clock.advance(60)
    await sleeper


def test_a_clock_does_not_run_backwards_and_needs_a_zone():
    with pytest.raises(ValueError, match="one direction"):
        HandClock().advance(-1)
    with pytest.raises(ValueError, match="aware"):
        HandClock(datetime(2026, 1, 5))  # noqa: DTZ001 — the naive moment is the point
