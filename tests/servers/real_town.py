"""The whole service between a simulated Telegram for the staff and a real mail server for Mei, who only writes mail."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from collecting import MEI, SUPPORT, until
from dovecot import PEOPLE
from postfix import written

from callout.assemble import Service
from callout.settings import load
from dispatch import register
from simulator.telegram import Person, TelegramSimulator
from storage.records.message import Entry
from storage.records.people import Role
from storage.records.ticket import Ticket
from storage.unit import UnitOfWork

QUEUES = ("deadlines", "outbox", "inbox", "files")
STAFF = {"ana": (Role.ENGINEER,), "otto": (Role.DISPATCHER, Role.MANAGER)}


class Town:
    """Otto and Ana with their phones, Mei with her mailbox, and the service between them."""

    def __init__(self, folder: Path, sim: TelegramSimulator, servers: Any) -> None:
        self.folder = folder
        self.sim = sim
        self.servers = servers
        self.ana = sim.add_person("Ana", language_code="en")
        self.otto = sim.add_person("Otto", language_code="en")
        self.written = 0
        self.service = Service(load(env={}, **self.settings()))
        self.running: asyncio.Task[int] | None = None

    def settings(self) -> dict[str, Any]:
        dovecot, postfix = self.servers.dovecot, self.servers.postfix
        return {
            "telegram": {
                "token": self.sim.token,
                "api_url": self.sim.api_url,
                "file_url": self.sim.file_url,
                "poll_timeout": 1,
                "per_second": 1000,
                "per_chat_seconds": 0,
            },
            "database": {"url": f"sqlite:///{self.folder}/callout.db"},
            "http": {"port": 0},
            "mail": {
                "address": SUPPORT,
                "imap_host": "127.0.0.1",
                "imap_port": dovecot.port,
                "imap_password": PEOPLE[SUPPORT],
                "ca_file": self.servers.authority,
                "done_folder": "Callout/Done",
                "smtp_port": postfix.submission,
                "smtp_security": "starttls",
            },
        }

    async def start(self) -> None:
        self.running = asyncio.ensure_future(self.service.run())
        await asyncio.wait_for(self.service.ready.wait(), 30)
        await self.service.store.write(self._hire)
        for person in (self.ana, self.otto):
            person.start()
            await person.wait_for("Hello", timeout=20)

    def _hire(self, unit: UnitOfWork) -> None:
        for name, roles in STAFF.items():
            phone: Person = getattr(self, name)
            person = register.caller(unit, "telegram", str(phone.id), phone.first_name, "en")
            for role in roles:
                person = register.employ(unit, person, role)
            if Role.ENGINEER in roles:
                register.duty(unit, person, True)

    async def stop(self) -> None:
        if self.running is None:
            return
        self.service.supervisor.stop(5)
        for queue in QUEUES:
            self.service.store.wake(queue)
        await self.running
        self.running = None
        await asyncio.sleep(0.1)  # TLS says goodbye in the background

    # --- Mei ---

    async def mei_writes(self, text: str, **headers: str) -> bytes:
        """A mail of hers; returns it as it was sent."""
        self.written += 1
        raw = written(self.written, text, **headers)
        to = email.message_from_bytes(raw, policy=email.policy.default)["To"].addresses[0].addr_spec
        await asyncio.to_thread(self.servers.postfix.submit, MEI, to, raw)
        return raw

    async def mei_replies(self, letter: EmailMessage, text: str) -> None:
        """As a mail program does it: to Reply-To, with the thread's ids, and the letter quoted below."""
        body = letter.get_body(("plain",))
        assert body is not None
        quoted = "".join(f"> {line}\n" for line in body.get_content().splitlines())
        await self.mei_writes(
            f"{text}\n\nOn Mon, 5 Jan 2026 at 08:00, Harbour Lifts wrote:\n{quoted}",
            To=str(letter["Reply-To"]),
            Subject=f"Re: {letter['Subject']}",
            In_Reply_To=str(letter["Message-ID"]),
            References=f"{letter.get('References', '')} {letter['Message-ID']}".strip(),
        )

    def mei_has(self) -> list[EmailMessage]:
        """Her mails."""
        raws = [path.read_bytes() for path in self.servers.dovecot.letters(MEI)]
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]

    async def mei_reads(self, *words: str) -> EmailMessage:
        """The newest of her mails that holds all the words, as soon as there is one."""

        def fitting() -> list[EmailMessage]:
            return [mail for mail in self.mei_has() if all(word in _whole(mail) for word in words)]

        await until(fitting, 30)
        return max(fitting(), key=lambda mail: str(mail["Received"].rpartition(";")[2]))

    # --- the staff ---

    async def press(self, person: Person, label: str, in_message: str) -> None:
        """Press the button under the newest message with those words."""

        def fits(message: dict[str, Any]) -> bool:
            return in_message in _said(message) and any(label in text for text in _labels(message))

        message = await person.wait_for(fits, timeout=20)
        full = next(text for text in _labels(message) if label in text)
        await person.wait_answer(person.press(message["message_id"], full), timeout=10)

    # --- looking ---

    async def tickets(self) -> tuple[Ticket, ...]:
        return await self.service.store.read(lambda unit: unit.tickets.all())

    async def entries(self, ticket: Ticket) -> tuple[Entry, ...]:
        return await self.service.store.read(lambda unit: unit.messages.of_ticket(ticket.id))


def _whole(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"


def _said(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _labels(message: dict[str, Any]) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]
