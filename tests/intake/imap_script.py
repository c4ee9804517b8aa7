"""A scripted IMAP server for the mailbox's tests: canned mails, and every misbehaviour to order."""

import asyncio
import base64
import re
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

ITEM = re.compile(r"BODY\.PEEK\[\](?:<0\.(\d+)>)?")


class Over(Exception):
    """This connection is to be ended."""


@dataclass
class Fault:
    """Strikes one connection when it has sent `at` bytes. kind: drop (RST), eof, or stall."""

    kind: str
    at: int


@dataclass
class Manners:
    """How the server behaves."""

    password: str = "right"
    token: str = "good"
    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE SASL-IR AUTH=XOAUTH2"
    chatter: bytes = b""  # unsolicited lines before every answer
    answers: dict[str, str] = field(
        default_factory=dict
    )  # verb → NO or BAD with its text, instead of doing it
    literal: int = 0  # added to the size announced of a literal
    crooked: int = 0  # how many FETCHes of a body announce that wrong size
    silent: set[str] = field(default_factory=set)  # verbs that are never answered
    bye_after: int = 0  # commands after which the server says BYE and hangs up
    echo: bool = False  # repeats the whole command in a BAD, as some servers do
    slow: float = 0.0  # seconds before each answer


class Server:
    """One account with folders of mails by UID; `connections` counts those that were made."""

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.folders: dict[str, dict[int, bytes]] = {"INBOX": {}}
        self.flags: dict[int, set[str]] = {}
        self.uidvalidity = 7
        self.uidnext = 1
        self.faults: list[Fault] = []
        self.connections = 0
        self.commands: list[str] = []
        self.sent = 0  # bytes of the last connection
        self.fetched = 0
        self.before: Callable[[str], None] = lambda _verb: None  # called before a verb is answered
        self._lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "Server":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=context, limit=2**20
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in tuple(self._lines):
            line.task.cancel()
        await asyncio.gather(*(line.task for line in self._lines), return_exceptions=True)
        await asyncio.sleep(0.01)  # sockets are closed in the rounds that follow

    def arrive(self, raw: bytes, folder: str = "INBOX") -> int:
        uid = self.uidnext
        self.uidnext += 1
        self.folders.setdefault(folder, {})[uid] = raw
        for line in self._lines:
            line.news.set()
        return uid

    def renumber(self) -> None:
        """Another UIDVALIDITY: the same mails under other UIDs."""
        self.uidvalidity += 1
        mails = list(self.folders["INBOX"].values())
        self.folders["INBOX"] = dict(enumerate(mails, 101))
        self.uidnext = 101 + len(mails)
        self.flags.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        fault = self.faults.pop(0) if self.faults else None
        line = Line(self, reader, writer, fault)
        self._lines.add(line)
        try:
            await line.run()
        except (Over, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(line)
            self.sent = line.sent
            writer.close()


class Line:
    """One connection."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.server, self.reader, self.writer, self.fault = server, reader, writer, fault
        self.manners = server.manners
        self.news = asyncio.Event()
        self.sent = 0
        self.folder = "INBOX"
        self.told = 0  # how many mails the client knows of

    async def tell(self) -> None:
        count = len(self.server.folders[self.folder])
        if count > self.told:
            await self.send(f"* {count} EXISTS\r\n".encode())
        self.told = count

    async def send(self, data: bytes) -> None:
        fault = self.fault
        if fault is None or self.sent + len(data) <= fault.at:
            self.sent += len(data)
            self.writer.write(data)
            await self.writer.drain()
            return
        self.writer.write(data[: fault.at - self.sent])
        await self.writer.drain()
        self.sent = fault.at
        if fault.kind == "stall":
            await asyncio.sleep(3600)
        if fault.kind == "drop":
            plug = self.writer.get_extra_info("socket")
            await asyncio.sleep(0)
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        raise Over

    async def line(self) -> str:
        return (await self.reader.readuntil(b"\r\n"))[:-2].decode()

    async def run(self) -> None:
        await self.send(b"* OK ready\r\n")
        count = 0
        while True:
            tag, _, rest = (await self.line()).partition(" ")
            verb = rest.split(" ")[0].upper()
            if verb == "UID":
                verb = "UID " + rest.split(" ")[1].upper()
            self.server.commands.append(rest)
            self.server.before(verb)
            count += 1
            if self.manners.bye_after and count > self.manners.bye_after:
                await self.send(b"* BYE going down\r\n")
                raise Over
            if verb in self.manners.silent:
                await asyncio.sleep(3600)
            if self.manners.slow:
                await asyncio.sleep(self.manners.slow)
            if self.manners.chatter and verb != "CAPABILITY":
                await self.send(self.manners.chatter)
            await self.answer(tag, verb, rest)

    async def answer(self, tag: str, verb: str, rest: str) -> None:
        if verb in self.manners.answers:
            status = self.manners.answers[verb]
        else:
            handler = getattr(self, "do_" + verb.lower().replace(" ", "_"))
            status = await handler(rest)
        if self.manners.echo and not status.startswith("OK"):
            status += f" in: {rest}"
        await self.send(f"{tag} {status}\r\n".encode())
        if verb == "LOGOUT":
            raise Over

    # --- commands: what they return stands in the tagged answer ---

    async def do_capability(self, _rest: str) -> str:
        await self.send(f"* CAPABILITY {self.manners.capabilities}\r\n".encode())
        return "OK done"

    async def do_login(self, rest: str) -> str:
        password = self.manners.password.replace("\\", "\\\\").replace('"', '\\"')
        return "OK in" if rest.endswith(f' "{password}"') else "NO [AUTHENTICATIONFAILED] no"

    async def do_authenticate(self, rest: str) -> str:
        words = rest.split(" ")
        if len(words) < 3:
            await self.send(b"+ \r\n")
            words.append(await self.line())
        said = base64.b64decode(words[2]).decode()
        if f"auth=Bearer {self.manners.token}\x01\x01" in said:
            return "OK in"
        await self.send(b"+ " + base64.b64encode(b'{"status":"401","schemes":"bearer"}') + b"\r\n")
        return "NO no" if await self.line() == "" else "BAD"

    async def do_logout(self, _rest: str) -> str:
        await self.send(b"* BYE\r\n")
        return "OK done"

    async def do_select(self, rest: str) -> str:
        self.folder = rest.split(" ", 1)[1].strip('"')
        here = self.server.folders.setdefault(self.folder, {})
        self.told = len(here)
        await self.send(b"* FLAGS (\\Seen \\Deleted)\r\n")
        await self.send(
            f"* {len(here)} EXISTS\r\n* OK [UIDVALIDITY {self.server.uidvalidity}] is\r\n".encode()
        )
        await self.send(f"* OK [UIDNEXT {self.server.uidnext}] is\r\n".encode())
        return "OK [READ-WRITE] done"

    async def do_noop(self, _rest: str) -> str:
        await self.tell()
        return "OK done"

    async def do_create(self, rest: str) -> str:
        self.server.folders[rest.split(" ", 1)[1].strip('"')] = {}
        return "OK done"

    def chosen(self, spelled: str) -> list[int]:
        here = sorted(self.server.folders[self.folder])
        found: set[int] = set()
        for part in spelled.split(","):
            first, _, last = part.partition(":")
            low = int(first)
            high = low if not last else max(here, default=0) if last == "*" else int(last)
            low, high = min(low, high), max(low, high)
            found.update(uid for uid in here if low <= uid <= high)
        return sorted(found)

    async def do_uid_search(self, rest: str) -> str:
        words = rest.split(" ")
        here = self.chosen(words[3]) if words[2] == "UID" else sorted(self.server.folders[self.folder])
        await self.send(f"* SEARCH{''.join(f' {uid}' for uid in here)}\r\n".encode())
        await self.tell()
        return "OK done"

    async def do_uid_fetch(self, rest: str) -> str:
        spelled = rest.split(" ")[2]
        here = self.server.folders[self.folder]
        order = sorted(here)
        body = ITEM.search(rest)
        for uid in self.chosen(spelled):
            number, raw = order.index(uid) + 1, here[uid]
            if body is None:
                await self.send(f"* {number} FETCH (RFC822.SIZE {len(raw)} UID {uid})\r\n".encode())
                continue
            self.server.fetched += 1
            name = "BODY[]"
            if body.group(1):
                raw, name = raw[: int(body.group(1))], "BODY[]<0>"
            size = len(raw)
            if self.manners.crooked:
                self.manners.crooked -= 1
                size = max(0, size + self.manners.literal)
            await self.send(f"* {number} FETCH (UID {uid} {name} {{{size}}}\r\n".encode() + raw)
            await self.send(b" FLAGS (\\Recent))\r\n" if uid % 2 else b")\r\n")
        return "OK done"

    async def do_uid_store(self, rest: str) -> str:
        for uid in self.chosen(rest.split(" ")[2]):
            self.server.flags.setdefault(uid, set()).update(rest[rest.index("(") + 1 : -1].split(" "))
        return "OK done"

    def shift(self, rest: str, away: bool) -> str:
        _, _, spelled, name = rest.split(" ", 3)
        name = name.strip('"')
        if name not in self.server.folders:
            return "NO [TRYCREATE] no such folder"
        here = self.server.folders[self.folder]
        for uid in self.chosen(spelled):
            self.server.folders[name][uid] = here.pop(uid) if away else here[uid]
        return "OK done"

    async def do_uid_move(self, rest: str) -> str:
        return self.shift(rest, away=True)

    async def do_uid_copy(self, rest: str) -> str:
        return self.shift(rest, away=False)

    async def do_uid_expunge(self, rest: str) -> str:
        for uid in self.chosen(rest.split(" ")[2]):
            if "\\Deleted" in self.server.flags.get(uid, set()):
                del self.server.folders[self.folder][uid]
        return "OK done"

    async def do_idle(self, _rest: str) -> str:
        self.news.clear()
        await self.send(b"+ idling\r\n")
        await self.tell()
        waiting = asyncio.ensure_future(self.line())
        try:
            while not waiting.done():
                news = asyncio.ensure_future(self.news.wait())
                await asyncio.wait({waiting, news}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                if self.news.is_set():
                    self.news.clear()
                    await self.tell()
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return "OK done" if waiting.result() == "DONE" else "BAD expected DONE"
