"""What the tests of the mail simulator share: its people, and an IMAP client that shows every octet."""

import asyncio

OFFICE = "office@callout.example"
MEI = "mei@example.org"
ACCOUNTS = {OFFICE: "secret", MEI: "pw"}
MAIL = b"From: Mei <mei@example.org>\r\nTo: office@callout.example\r\nSubject: Pump\r\n\r\nIt leaks.\r\n"


class Wire:
    """A connection that keeps all it was sent; `ask` waits for the tagged answer."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.got = bytearray()
        self.number = 0

    @classmethod
    async def open(cls, port):
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def line(self):
        line = await asyncio.wait_for(self.reader.readline(), 5)
        self.got += line
        return line

    async def send(self, words):
        self.number += 1
        tag = b"A%d" % self.number
        self.writer.write(tag + b" " + words + b"\r\n")
        await self.writer.drain()
        return tag

    async def ask(self, words):
        """All lines up to the tagged one; what has come when the connection ends before."""
        tag, lines = await self.send(words), []
        while line := await self.line():
            lines.append(line)
            if line.startswith(tag + b" "):
                break
        return lines

    async def rest(self):
        """Everything up to the end. ConnectionResetError as it comes."""
        self.got += await asyncio.wait_for(self.reader.read(), 5)
        return self.got

    async def close(self):
        self.writer.transport.abort()
        await asyncio.sleep(0)

    async def story(self, *commands):
        """Log in, open INBOX and ask; all that was sent, however it ended. (octets, whether reset)."""
        try:
            if not await self.line():
                return self.got, False
            for words in (b"LOGIN office@callout.example secret", b"SELECT INBOX", *commands):
                lines = await self.ask(words)
                last = lines[-1] if lines else b""
                if not (last.startswith(b"A%d " % self.number) and last.endswith(b"\n")):
                    return self.got, False
            await self.send(b"LOGOUT")
            await self.rest()
        except ConnectionError:
            # A stream that was reset hands out no more, though it has it.
            self.got += self.reader._buffer
            return self.got, True
        finally:
            await self.close()
        return self.got, False
