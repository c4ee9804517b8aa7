"""The supervisor: what dies is started again, what ends is told, and the end is always bounded."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from callout.clock import HandClock
from callout.supervise import Fatal, State, Supervisor, pause

TOKEN = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"


class Mortal:
    """A loop that dies of what it is told, one life after another, then lives until told to stop."""

    def __init__(self, supervisor: Supervisor, *deaths: BaseException | None) -> None:
        self.supervisor, self.deaths, self.lives = supervisor, list(deaths), 0

    async def __call__(self) -> None:
        self.lives += 1
        if not self.deaths:
            await self.supervisor.stopping.wait()
        elif death := self.deaths.pop(0):
            raise death


async def until(condition: Callable[[], object], seconds: float = 2) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — nobody but this test could set an event
            await asyncio.sleep(0)


@asynccontextmanager
async def running(supervisor: Supervisor) -> AsyncIterator[asyncio.Task[int]]:
    task = asyncio.create_task(supervisor.run())
    yield task
    supervisor.stop(timeout=0.5)
    await asyncio.wait_for(task, 2)


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_loop_that_dies_is_started_again_and_named_with_its_traceback():
    clock = HandClock()
    supervisor = Supervisor(clock, chance=lambda: 1.0)
    loop = Mortal(supervisor, OSError("no route"), None)
    supervisor.add("poller", loop)
    with capture_logs() as lines:
        async with running(supervisor):
            await until(lambda: supervisor.loops["poller"].state is State.BACKING_OFF and clock.sleeping)
            assert supervisor.troubles() == {"poller": "backing off: OSError: no route"}
            clock.advance(0.2)
            await until(lambda: loop.lives == 2 and clock.sleeping)
            clock.advance(0.3)
            await asyncio.sleep(0.01)
            assert loop.lives == 2  # the second pause is 0.4 s
            clock.advance(0.1)
            await until(lambda: loop.lives == 3)
            assert (supervisor.loops["poller"].restarts, supervisor.troubles()) == (2, {})
    died = next(line for line in lines if line["event"] == "loop.died")
    assert (died["loop"], died["exc_info"].args) == ("poller", ("no route",))
    assert [line["loop"] for line in lines if line["event"] == "loop.ended"] == ["poller"]


async def test_a_minute_of_health_forgives_earlier_deaths():
    clock = HandClock()
    supervisor = Supervisor(clock, chance=lambda: 1.0)
    lives = 0

    async def weekly() -> None:
        nonlocal lives
        lives += 1
        await clock.sleep(61 if lives == 4 else 1)
        raise ValueError("again")

    supervisor.add("weekly", weekly)
    async with running(supervisor):
        for seconds in (1, 0.2, 1, 0.4, 1, 0.8, 61):
            await until(lambda: clock.sleeping)
            assert supervisor.loops["weekly"].failures == min(lives, 3) - (
                supervisor.loops["weekly"].state is State.RUNNING and lives < 4
            )
            clock.advance(seconds)
            await asyncio.sleep(0.005)
        assert supervisor.loops["weekly"].failures == 1


def test_pauses_double_from_a_fifth_of_a_second_to_half_a_minute_with_jitter():
    assert [pause(n, 1.0) for n in range(9)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]
    spread = {pause(10_000, random.random()) for _ in range(100)}
    assert len(spread) > 50
    assert all(22.5 <= seconds <= 30 for seconds in spread)
    assert pause(0, 0.0) == 0.2


@pytest.mark.parametrize(
    "death", [SystemExit(3), asyncio.CancelledError(), BaseExceptionGroup("two", [OSError()])]
)
async def test_no_way_of_dying_takes_the_service_along(death: BaseException):
    supervisor = Supervisor(chance=lambda: 0.0)
    loop, other = Mortal(supervisor, death), Mortal(supervisor)
    supervisor.add("odd", loop)
    supervisor.add("other", other)
    async with running(supervisor):
        await until(lambda: loop.lives == 2)
    assert other.lives == 1


async def test_a_stray_cancel_does_not_end_a_loop_wherever_it_is():
    clock = HandClock()
    supervisor = Supervisor(clock)
    loop = Mortal(supervisor, OSError("x"))
    supervisor.add("poller", loop)
    async with running(supervisor):
        await until(lambda: clock.sleeping)
        next(iter(supervisor._tasks)).cancel()  # in its pause
        await until(lambda: loop.lives == 2)
        next(iter(supervisor._tasks)).cancel()  # at work
        await until(lambda: clock.sleeping)
        clock.advance(30)
        await until(lambda: loop.lives == 3)


async def test_a_loop_that_cannot_go_on_ends_the_service_with_one_sentence_and_its_code():
    supervisor = Supervisor()
    supervisor.add("other", Mortal(supervisor))
    supervisor.add("poller", Mortal(supervisor, Fatal(f"Telegram refuses the token {TOKEN}.", code=78)))
    with capture_logs() as lines:
        assert await asyncio.wait_for(supervisor.run(), 2) == 78
    assert supervisor.fatal
    assert supervisor.troubles()["poller"] == "stopped: Telegram refuses the token [secret]."
    assert [line["loop"] for line in lines if line["event"] == "service.fatal"] == ["poller"]


async def test_loops_may_finish_their_work_before_the_end():
    supervisor, finished = Supervisor(), []

    async def worker() -> None:
        await supervisor.stopping.wait()
        await asyncio.sleep(0.05)
        finished.append("last message")

    supervisor.add("worker", worker)
    async with running(supervisor) as task:
        await until(lambda: supervisor.loops["worker"].state is State.RUNNING)
    assert (finished, task.result()) == (["last message"], 0)
    assert supervisor.loops["worker"].state is State.STOPPED


async def test_the_end_comes_within_the_timeout_even_if_a_loop_refuses_to_go():
    supervisor, freed = Supervisor(), asyncio.Event()

    async def stubborn() -> None:
        while not freed.is_set():
            try:
                await freed.wait()
            except asyncio.CancelledError:
                continue

    supervisor.add("deaf", forever)
    supervisor.add("stubborn", stubborn)
    task = asyncio.create_task(supervisor.run())
    await asyncio.sleep(0.01)
    before = time.monotonic()
    supervisor.stop(timeout=0.5)
    assert await task == 0
    assert time.monotonic() - before < 0.8
    assert supervisor.abandoned == ("stubborn",)
    freed.set()
    await asyncio.sleep(0.01)


async def test_cancelling_run_brings_every_loop_to_an_end():
    supervisor = Supervisor()
    supervisor.add("deaf", forever)
    task = asyncio.create_task(supervisor.run())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)
    assert supervisor.loops["deaf"].state is State.STOPPED


async def test_the_first_signal_drains_and_the_second_cancels_at_once():
    supervisor = Supervisor()
    supervisor.add("deaf", forever)
    supervisor.install_signals()
    task = asyncio.create_task(supervisor.run())
    await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(supervisor.stopping.wait(), 1)
    await asyncio.sleep(0.05)
    assert not task.done()
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(task, 1) == 0


async def test_a_loop_that_falls_silent_no_longer_counts_as_alive():
    clock = HandClock()
    supervisor = Supervisor(clock)
    supervisor.add("poller", forever, silence=60)
    supervisor.add("quiet by nature", forever)
    async with running(supervisor):
        await until(lambda: supervisor.loops["poller"].state is State.RUNNING)
        clock.advance(50)
        supervisor.beat("poller")
        clock.advance(59)
        assert supervisor.troubles() == {}
        clock.advance(2)
        assert supervisor.troubles() == {"poller": "silent for 61 s"}


async def test_a_loop_may_join_later_but_not_under_a_taken_name():
    supervisor = Supervisor()
    loop = Mortal(supervisor)
    async with running(supervisor):
        await asyncio.sleep(0)
        supervisor.add("late", loop)
        await until(lambda: loop.lives == 1)
        with pytest.raises(ValueError, match="late"):
            supervisor.add("late", loop)


def test_a_process_with_a_stuck_thread_and_a_deaf_loop_leaves_in_time_with_its_code():
    story = textwrap.dedent("""
        import asyncio, threading, time
        from callout.supervise import Fatal, Supervisor, leave

        async def main():
            supervisor = Supervisor()
            async def deaf():
                while True:
                    try: await asyncio.sleep(60)
                    except asyncio.CancelledError: pass
            async def stuck(): await asyncio.to_thread(time.sleep, 60)
            supervisor.add("deaf", deaf)
            supervisor.add("stuck", stuck)
            asyncio.get_running_loop().call_later(0.1, supervisor.stop, 0.5)
            leave(await supervisor.run() + 7)

        asyncio.run(main())
    """)
    before = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", story], capture_output=True, timeout=20, text=True)
    assert (ended.returncode, time.monotonic() - before < 10) == (7, True), ended.stderr
