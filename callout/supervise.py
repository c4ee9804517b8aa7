"""Keeps the service's loops alive: starts them, starts again what died, and brings them all to an end."""

import asyncio
import logging
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NoReturn, Protocol

import structlog

from callout.clock import SystemClock
from callout.logs import redact

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds between a death and the next start
HEALTHY_AFTER = 60.0  # a loop that lived this long starts again with the first pause
SIGNALS = (signal.SIGTERM, signal.SIGINT)

Factory = Callable[[], Awaitable[None]]


class Fatal(Exception):
    """The service cannot go on: one clear sentence for the person, and the exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class State(StrEnum):
    """What a loop is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    BACKING_OFF = "backing off"
    STOPPED = "stopped"


class Ticking(Protocol):
    """The part of a clock the supervisor needs."""

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass
class Loop:
    """One loop as health shows it. Moments are seconds of the supervisor's monotonic clock."""

    name: str
    factory: Factory
    silence: float | None = None  # longest time allowed between two beats, None: need not beat
    state: State = State.WAITING
    restarts: int = 0
    failures: int = 0  # deaths since it was last healthy
    last_error: str | None = None
    started: float | None = None
    last_beat: float | None = None

    def trouble(self, now: float) -> str | None:
        """Why this loop is not alive at that moment, or None when it is."""
        if self.state is not State.RUNNING:
            return f"{self.state}: {self.last_error}" if self.last_error else str(self.state)
        heard = max(self.started or 0.0, self.last_beat or 0.0)
        if self.silence is not None and now - heard > self.silence:
            return f"silent for {now - heard:.0f} s"
        return None


class Supervisor:
    """Runs loops until it is told to stop. No loop ends without a line in the log."""

    def __init__(self, clock: Ticking | None = None, chance: Callable[[], float] = random.random) -> None:
        """clock: for pauses and health. chance: a number in 0..1 that spreads the pauses."""
        self.stopping = asyncio.Event()
        self.fatal: Fatal | None = None
        self.abandoned: tuple[str, ...] = ()
        self._clock = clock or SystemClock()
        self._chance = chance
        self._loops: dict[str, Loop] = {}
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._started = False
        self._dropping = False
        self._timeout = 10.0
        self._signals: tuple[signal.Signals, ...] = ()

    @property
    def loops(self) -> Mapping[str, Loop]:
        """Name → the loop's state, restarts, last_error and last_beat, as they are now."""
        return MappingProxyType(self._loops)

    def add(self, name: str, factory: Factory, *, silence: float | None = None) -> None:
        """Take a loop into care; it starts with run(), or at once if that has begun.

        silence: seconds without a beat after which the loop no longer counts as alive.
        ValueError: there is a loop of that name.
        """
        if name in self._loops:
            raise ValueError(f"there is already a loop named {name}")
        self._loops[name] = Loop(name, factory, silence)
        if self._started:
            self._start(self._loops[name])

    def beat(self, name: str) -> None:
        """A loop says that it is alive; KeyError for a name nobody added."""
        self._loops[name].last_beat = self._clock.monotonic()

    def troubles(self) -> dict[str, str]:
        """Name → reason for every loop that is not alive; empty while the service is stopping."""
        if self.stopping.is_set() and self.fatal is None:
            return {}
        now = self._clock.monotonic()
        found = {name: loop.trouble(now) for name, loop in self._loops.items()}
        return {name: reason for name, reason in found.items() if reason}

    async def run(self) -> int:
        """Run every loop until stop(); the exit code: 0, or that of the Fatal which ended it.

        Comes back at most stop's timeout after it was called. Loops that would not end even when
        cancelled are named in `abandoned`; the caller then ends the process with leave().
        """
        self._started = True
        for loop in self._loops.values():
            self._start(loop)
        try:
            await self.stopping.wait()
        except asyncio.CancelledError:
            self.stop(timeout=1.0)
            raise
        finally:
            await self._drain()
        return self.fatal.code if self.fatal else 0

    def stop(self, timeout: float = 10.0) -> None:
        """Ask every loop to end. Returns at once; run() comes back within `timeout` seconds (F18).

        Loops see `stopping` and have four fifths of the time; then they are cancelled.
        """
        self._timeout = timeout
        if not self.stopping.is_set():
            log.info("service.stopping", within=timeout)
        self.stopping.set()

    def cancel(self) -> None:
        """Stop, and cancel every loop at once."""
        self.stop()
        self._dropping = True
        for task in self._tasks:
            task.cancel()

    def install_signals(self, timeout: float = 10.0) -> None:
        """SIGTERM or SIGINT stops within `timeout` seconds, the second one cancels at once.

        Call inside the event loop.
        """
        self._timeout = timeout
        events = asyncio.get_running_loop()
        for number in SIGNALS:
            events.add_signal_handler(number, self._signalled, number)
        self._signals = SIGNALS

    def _signalled(self, number: signal.Signals) -> None:
        log.info("service.signal", signal=number.name)
        if self.stopping.is_set():
            self.cancel()
        else:
            self.stop(self._timeout)

    def _start(self, loop: Loop) -> None:
        task = asyncio.create_task(self._keep(loop), name=f"loop {loop.name}")
        self._tasks[task] = loop.name
        task.add_done_callback(self._ended)

    async def _keep(self, loop: Loop) -> None:
        try:
            while not self.stopping.is_set():
                await self._live(loop)
                if not self.stopping.is_set():
                    await self._pause(loop)
        finally:
            loop.state = State.STOPPED

    async def _live(self, loop: Loop) -> None:
        """One life of a loop. Only our own cancelling leaves this with an exception."""
        loop.state = State.RUNNING
        loop.started = self._clock.monotonic()
        try:
            await loop.factory()
        except asyncio.CancelledError as error:
            if self._dropping:
                raise
            self._forget_cancelling()
            self._died(loop, error)
        except Fatal as fatal:
            self._give_up(loop, fatal)
        except (Exception, BaseExceptionGroup, SystemExit) as error:  # noqa: BLE001 — logged with its traceback in _died
            self._died(loop, error)
        else:
            self._died(loop, None)

    @staticmethod
    def _forget_cancelling() -> None:
        # Somebody else cancelled our task (a library's stray cancel): the loop lives on.
        task = asyncio.current_task()
        while task is not None and task.cancelling():
            task.uncancel()

    def _died(self, loop: Loop, error: BaseException | None) -> None:
        if error is None and self.stopping.is_set():
            return
        loop.last_error = redact(f"{type(error).__name__}: {error}") if error else "ended by itself"
        if error is None:
            log.warning("loop.ended", loop=loop.name)
        else:
            log.error("loop.died", loop=loop.name, exc_info=error)

    def _give_up(self, loop: Loop, fatal: Fatal) -> None:
        loop.last_error = redact(fatal.sentence)
        self.fatal = self.fatal or fatal
        log.critical("service.fatal", loop=loop.name, reason=fatal.sentence, code=fatal.code)
        self.stop()

    async def _pause(self, loop: Loop) -> None:
        if self._clock.monotonic() - (loop.started or 0.0) >= HEALTHY_AFTER:
            loop.failures = 0
        seconds = pause(loop.failures, self._chance())
        loop.state = State.BACKING_OFF
        loop.failures += 1
        loop.restarts += 1
        log.info("loop.restart", loop=loop.name, restarts=loop.restarts, after=round(seconds, 2))
        await _either(self._clock.sleep(seconds), self.stopping.wait())

    async def _drain(self) -> None:
        grace = min(2.0, max(0.2, self._timeout / 5))
        await self._wait(max(0.0, self._timeout - grace))
        if self._tasks:
            log.warning("service.cancelling", loops=sorted(self._tasks.values()))
            self._dropping = True
            for task in self._tasks:
                task.cancel()
            await self._wait(grace)
        self.abandoned = tuple(sorted(self._tasks.values()))
        log.info("service.stopped", abandoned=list(self.abandoned))
        for number in self._signals:
            asyncio.get_running_loop().remove_signal_handler(number)

    async def _wait(self, seconds: float) -> None:
        # The machine's time, not our clock's: the end of a service must be bounded in any world.
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=seconds)

    def _ended(self, task: asyncio.Task[None]) -> None:
        name = self._tasks.pop(task)
        if task.cancelled():
            if not self._dropping:  # a stray cancel met the loop in its pause, or before its first step
                log.warning("loop.cancelled", loop=name)
                self._start(self._loops[name])
        elif error := task.exception():
            self._give_up(self._loops[name], Fatal(f"The keeper of the loop {name} failed: {error!r}"))


def pause(failures: int, chance: float) -> float:
    """Seconds to wait after that many deaths in a row: 0.2 s doubling to 30 s, a quarter of it by chance."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 16))
    return max(FIRST_PAUSE, longest * (0.75 + 0.25 * chance))


def leave(code: int) -> NoReturn:
    """End the process now, whatever still runs: for loops or threads that would not end (F18)."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _either(*waits: Awaitable[object]) -> None:
    """Wait for the first of them and cancel the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
