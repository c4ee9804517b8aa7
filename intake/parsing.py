"""Reading a mail in a child process that may die of it: a small pool of confined interpreters behind `await read`."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from intake.mail import Mail
from intake.sandbox import LENGTH, NO_MEMORY
from intake.wire import sizes, unpack

CPU_SECONDS = 5
MEMORY = 600 << 20  # bytes of address space
PATIENCE = 30.0  # seconds of a busy machine, beyond which a child is taken for stuck
USES = 2_000  # mails a child reads before it is replaced: memory fragments
_ROOT = str(Path(__file__).resolve().parent.parent)
# -I: no environment, no user site, no working directory on the path; so the path to ourselves is told.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from intake.sandbox import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]))"
)
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}  # no secrets of ours
_ENDINGS = {
    NO_MEMORY: "it needs too much memory",
    -signal.SIGXCPU: "it needs too much time",
    -signal.SIGKILL: "its reader was killed, most likely for memory",
    -signal.SIGSEGV: "its reader crashed",
}
_BROKEN = (EOFError, OSError, ValueError, KeyError, TypeError)


class Unparsable(Exception):
    """A mail that could not be read; the text says why. The gateway makes a dead letter of it."""


class _Killed(Unparsable):
    """Its reader was ended from outside."""


class _Child:
    """One interpreter and the socket to it."""

    def __init__(self, cpu: int, memory: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self.process = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-I", "-c", _START, _ROOT, str(cpu), str(memory)],
                    stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL,
                    env=_ENVIRONMENT, cwd="/", close_fds=True, start_new_session=True,
                )  # fmt: skip
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self.socket = ours
        self.uses = 0
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes) -> Mail:
        """One mail. EOFError, OSError, ValueError, KeyError, TypeError: the child is of no more use."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(sock=self.socket)
        reader, writer = self.streams
        self.uses += 1
        writer.write(len(raw).to_bytes(LENGTH, "big"))
        writer.write(raw)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(LENGTH), "big")
        described = json.loads(await reader.readexactly(length))
        contents = [await reader.readexactly(size) for size in sizes(described)]
        return unpack(described, contents)

    async def end(self) -> int:
        """Kill and reap; the exit code tells what it died of before."""
        if self.streams is not None:
            self.streams[1].close()
            with suppress(OSError):
                await self.streams[1].wait_closed()
        else:
            self.socket.close()
        self.process.poll()
        if self.process.returncode is None:
            self.process.kill()
        return await asyncio.to_thread(self.process.wait)


class Parser:
    """A pool of at most `size` children, started when needed. Bound to the event loop it is first used in."""

    def __init__(
        self, size: int = 2, *, cpu: int = CPU_SECONDS, memory: int = MEMORY, patience: float = PATIENCE
    ) -> None:
        self.cpu, self.memory, self.patience = cpu, memory, patience
        self._free = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, raw: bytes) -> Mail:
        """The mail in these bytes. Unparsable: it takes more than the CPU seconds, the memory or the patience we
        have, or its reader died; the child is replaced, the next mail is read as if nothing had been.

        RuntimeError once closed: the mail is not to blame.
        """
        async with self._free:
            try:
                return await self._once(raw)
            except _Killed:  # by somebody, not by this mail as far as we know
                return await self._once(raw)

    async def _once(self, raw: bytes) -> Mail:
        child = self._idle.pop() if self._idle else await self._start()
        self._busy.add(child)
        try:
            async with asyncio.timeout(self.patience):
                mail = await child.ask(raw)
        except TimeoutError:
            await self._dismiss(child)
            raise Unparsable("its reader does not answer") from None
        except _BROKEN as broken:
            code = await self._buried(child)
            self._still_open()
            kind = _Killed if code == -signal.SIGKILL else Unparsable
            raise kind(_ENDINGS.get(code, f"its reader ended ({code})")) from broken
        except BaseException:  # cancelled half-way: the conversation is out of step
            await asyncio.shield(self._dismiss(child))
            raise
        await self._back(child)
        return mail

    async def _start(self) -> _Child:
        """A new child; one that came too late for its caller waits for the next."""
        self._still_open()
        starting = asyncio.ensure_future(asyncio.to_thread(_Child, self.cpu, self.memory))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await self._back(await starting)
            raise

    def _still_open(self) -> None:
        if self._closed:
            raise RuntimeError("the parser is closed")

    async def _back(self, child: _Child) -> None:
        self._busy.discard(child)
        if child.uses < USES and not self._closed:
            self._idle.append(child)
        else:
            await child.end()

    async def _dismiss(self, child: _Child) -> int:
        self._busy.discard(child)
        return await child.end()

    async def _buried(self, child: _Child) -> int:
        """What a child died of that has just closed its pipe: the kernel may need a moment to say."""
        for _ in range(50):
            if child.process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        return await self._dismiss(child)

    async def close(self) -> None:
        """End all children; none is left behind."""
        self._closed = True
        children = [*self._idle, *self._busy]
        self._idle.clear()
        for child in children:
            await self._dismiss(child)
