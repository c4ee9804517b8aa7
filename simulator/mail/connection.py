"""One IMAP connection through the proxy: every octet is passed on, until a fault that was ordered strikes."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections import deque
from dataclasses import dataclass

from simulator.mail import wire
from simulator.mail.faults import FaultPlan, ImapFault, ImapFaults

CHUNK = 2**16
# A line, and a command, is not remembered for ever: a soak test has millions.
REMEMBERED = 10_000
LINGER_NOT = struct.pack("ii", 1, 0)
WORDS = {
    "no": "[UNAVAILABLE] not now",
    "bad": "I do not understand",
    "bye": "the server is going down",
    "refuse": "[AUTHENTICATIONFAILED] Invalid credentials",
}


class _Over(Exception):
    """The connection ends here."""

    def __init__(self, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


@dataclass
class _Armed:
    """A fault waiting for this connection to come to its place."""

    fault: ImapFault
    position: int | None
    done: bool = False


class Connection:
    """One client's connection. `commands` are the names of what it asked, in order; `sent` the octets,
    `pieces` the lines and literals, `tokens` the places of a token that the server's output had so far."""

    def __init__(
        self,
        faults: ImapFaults,
        plan: FaultPlan,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._faults = faults
        self._reader, self._writer = client
        self._from_server, self._to_server = server
        self._plan = [_Armed(fault, fault.at) for fault in plan.faults]
        self._planned = plan.faults
        self._ordered: dict[int, _Armed] = {}
        self._rate: float | None = None
        self._hidden = 0
        self.commands: deque[str] = deque(maxlen=REMEMBERED)
        self.sent = 0
        self.pieces = 0
        self.tokens = 0
        self.open = True
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Pass on in both directions until either side, or a fault, ends it."""
        self._task = asyncio.current_task()
        pumps = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        reset = False
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in done:
                error = pump.exception()
                reset = reset or (isinstance(error, _Over) and error.reset)
                if error is not None and not isinstance(error, (_Over, OSError)):
                    raise error
        finally:
            self.open = False
            try:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                await self._close(reset)
            finally:
                # Also when we are cancelled while we close.
                for writer in (self._to_server, self._writer):
                    writer.transport.abort()

    async def _close(self, reset: bool) -> None:
        if reset:
            self._linger_not()
            return
        for writer in (self._to_server, self._writer):
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    def _linger_not(self) -> None:
        """Let the end be RST instead of FIN."""
        sock = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)

    def cut(self, kind: str = "drop") -> None:
        """End it now, by "drop", "reset" or "bye": not one octet of the server's goes out any more."""
        if not self.open or self._task is None:
            return
        self.open = False
        if kind == "bye":
            self._writer.write(b"* BYE %s\r\n" % WORDS["bye"].encode("ascii"))
        if kind == "reset":
            self._linger_not()
            self._writer.transport.abort()
        self._task.cancel()

    async def gone(self) -> None:
        """Wait until it has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    # From the client to the server

    async def _up(self) -> None:
        while line := await self._line():
            command = wire.command(line)
            if command is None:
                await self._pass(line)
                continue
            self.commands.append(command.name)
            forward = await self._commanded(command)
            if forward and command.response is not None:
                self._hidden += 1
                line = self._two_steps(command, command.response)
            await self._rest(line, forward)

    async def _line(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as cut:
            return cut.partial

    async def _pass(self, data: bytes) -> None:
        self._to_server.write(data)
        await self._to_server.drain()

    def _two_steps(self, command: wire.Command, response: bytes) -> bytes:
        """SASL-IR (RFC 4959) for a server without it: the response follows the command as a line of its own."""
        first = b"%s AUTHENTICATE %s\r\n" % (command.tag, command.mechanism)
        return first + (b"" if response == b"=" else response) + b"\r\n"

    async def _rest(self, line: bytes, forward: bool) -> None:
        """The command's line, its literals and the lines behind them: passed on, or swallowed."""
        while True:
            if forward:
                await self._pass(line)
            found = wire.LITERAL.search(line)
            # A refused literal that waits for its continuation is never sent (RFC 3501, 7.5).
            if found is None or not (forward or found[2]):
                return
            left = int(found[1])
            while left:
                data = await self._reader.read(min(left, CHUNK))
                if not data:
                    return
                left -= len(data)
                if forward:
                    await self._pass(data)
            line = await self._line()

    async def _commanded(self, command: wire.Command) -> bool:
        """Let the faults of this command strike; whether the command goes on to the server."""
        for fault in (*self._planned, *self._faults.orders):
            if fault.kind != "refuse" and fault.command is None:
                continue
            if not fault.meets(command.name):
                continue
            if fault.kind in ("no", "bad", "refuse"):
                fault.struck()
                verdict = b"BAD" if fault.kind == "bad" else b"NO"
                words = (fault.words or WORDS[fault.kind]).encode()
                await self._write(b"%s %s %s\r\n" % (command.tag, verdict, words))
                return False
            if fault.kind == "stall" and fault.seconds is None:
                fault.struck()
                while await self._reader.read(CHUNK):
                    pass
                raise _Over
            await self._strike(fault)
        return True

    # From the server to the client

    async def _down(self) -> None:
        output = wire.Output()
        while data := await self._from_server.read(CHUNK):
            for piece in output.feed(data):
                await self._emit(piece)

    async def _emit(self, piece: wire.Piece) -> None:
        if self._hidden and piece.data.startswith(b"+"):
            self._hidden -= 1
            return
        armed = self._place(piece)
        data = piece.data
        for each in armed:
            due = each.position is not None and each.position <= self.sent and not each.fault.spent
            if due and each.fault.kind == "extra" and piece.fresh:
                each.done = True
                await self._strike(each.fault)
            elif due and each.fault.kind == "literal" and piece.announces:
                each.done = True
                each.fault.struck()
                data = piece.resized(each.fault.by)
        await self._send(data, armed)

    def _place(self, piece: wire.Piece) -> list[_Armed]:
        """The faults that may strike in this piece, each with its place in the output."""
        armed = [*self._plan, *(self._arm(fault) for fault in self._faults.orders if fault.command is None)]
        armed = [each for each in armed if not each.done and each.fault.command is None]
        if piece.first:
            self.pieces += 1
            places = piece.places()
            for each in armed:
                fault = each.fault
                if fault.piece == self.pieces:
                    each.position = self.sent + int(fault.part * piece.size)
                elif fault.token is not None and 0 <= fault.token - self.tokens < len(places):
                    each.position = self.sent + places[fault.token - self.tokens]
            self.tokens += len(places)
        return armed

    def _arm(self, fault: ImapFault) -> _Armed:
        return self._ordered.setdefault(id(fault), _Armed(fault, fault.at))

    async def _send(self, data: bytes, armed: list[_Armed]) -> None:
        """Write the octets; faults strike between them, in the order of their places."""
        while True:
            due = [
                (max(each.position, self.sent), number)
                for number, each in enumerate(armed)
                if each.position is not None
                and each.position <= self.sent + len(data)
                and each.fault.kind not in ("extra", "literal", "refuse")
                and not each.done
                and not each.fault.spent
            ]
            if not due:
                break
            place, number = min(due)
            cut = place - self.sent
            await self._write(data[:cut])
            self.sent, data = self.sent + cut, data[cut:]
            armed[number].done = True
            await self._strike(armed[number].fault)
        await self._write(data)
        self.sent += len(data)

    async def _write(self, data: bytes) -> None:
        """Octets to the client, at the rate in force. _Over when the connection has been cut."""
        if not self.open:
            raise _Over
        if self._rate is None:
            self._writer.write(data)
            await self._writer.drain()
            return
        step = max(1, int(self._rate / 20))
        for start in range(0, len(data), step):
            self._writer.write(data[start : start + step])
            await self._writer.drain()
            await asyncio.sleep(step / self._rate)

    async def _strike(self, fault: ImapFault) -> None:
        """What the fault does. _Over when it ends the connection."""
        fault.struck()
        if fault.kind == "bye":
            await self._write(b"* BYE %s\r\n" % (fault.words or WORDS["bye"]).encode())
        if fault.kind in ("drop", "reset", "bye"):
            raise _Over(reset=fault.kind == "reset")
        if fault.kind == "extra":
            await self._write(fault.data)
        elif fault.kind == "slow":
            self._rate = fault.rate
        elif fault.kind == "stall":
            await (asyncio.Event().wait() if fault.seconds is None else asyncio.sleep(fault.seconds))
