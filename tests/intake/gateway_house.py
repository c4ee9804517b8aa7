"""A house that takes mail: raw bytes go through the mailroom, the reader and the gateway as they do in the service."""

from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from mail_house import ADDRESSES, MailHouse

from dispatch import keys, postage
from dispatch.parcels import Parcel
from intake import mailroom
from intake.gateway import Gateway
from intake.mail import Mail
from intake.mailroom import Place, fetched
from intake.message import read
from intake.sorting import Context
from storage.files import Files
from storage.records.message import Entry
from storage.records.ticket import Ticket
from storage.unit import UnitOfWork

OURS = "service@lift.example"
MX = "mx.lift.example"


class Straight:
    """Reads in this very process: what the child process does, without the child."""

    async def read(self, raw: bytes) -> Mail:
        return read(raw)

    async def close(self) -> None:
        """Nothing to end."""


class GatewayHouse(MailHouse):
    """`post(raw)` does what a mail in the mailbox does; the outcome is that of its inbox row."""

    uid = 0

    async def open_gateway(self, files: Path, ours: str = OURS) -> None:
        self.files = Files(files)
        secret = await self.do(keys.key)
        context = Context(frozenset({ours}), partial(postage.is_ours, secret), MX)
        self.gateway = Gateway(self.store, Straight(), self.files, context)
        self.feed = self.gateway.feed("gateway")

    async def post_all(self, raws: list[bytes]) -> None:
        """Many mails at once, each handled to its end."""
        for raw in raws:
            self.uid += 1
            place = Place("box", "INBOX", 1, self.uid - 1)
            await self.do(mailroom.keep, fetched(place, self.uid, raw, len(raw)))
        while await self.feed.pool.once():
            pass
        await self.feed.pool.drain()

    async def post(self, raw: bytes) -> str:
        await self.post_all([raw])
        kept = await self.store.read(lambda unit: unit.mails.at("box", "INBOX", 1, self.uid))
        assert kept is not None
        if kept.inbox_id is None:
            return f"the same as {kept.twin_of}"
        return await self.store.read(lambda unit: outcome(unit, kept.id))

    # --- looking ---

    async def tickets(self) -> tuple[Ticket, ...]:
        return await self.store.read(lambda unit: unit.tickets.all())

    async def ticket(self, key: int) -> Ticket:
        return await self.store.read(lambda unit: unit.tickets.get(key))

    async def entries(self, key: int) -> tuple[Entry, ...]:
        return await self.store.read(lambda unit: unit.messages.of_ticket(key))

    async def heard(self, name: str) -> list[Parcel]:
        """What leaves for somebody now; the others' letters leave as well."""
        return [parcel for parcel in await self.parcels() if parcel.job.address == ADDRESSES.get(name, name)]

    async def last_letter(self, name: str = "mei", want: Callable[[Parcel], bool] = lambda _: True) -> Parcel:
        found = [parcel for parcel in await self.heard(name) if want(parcel)]
        assert found, f"{name} got no letter"
        return found[-1]


def outcome(unit: UnitOfWork, mail_id: int) -> str:
    return next(what or status for kept, status, what in unit.mails.recent(500) if kept.id == mail_id)


def mail(
    text: str,
    *,
    sender: str = "mei@customer.example",
    to: str = OURS,
    subject: str = "Lift stuck",
    answers: Parcel | None = None,
    dmarc: str = "",
    number: list[int] = [0],  # noqa: B006 - counts the mails of all tests, so that every Message-ID is another
    **headers: str,
) -> bytes:
    """A mail as a client writes it; `answers` a letter of ours, by its Message-ID and Reply-To as clients do."""
    number[0] += 1
    made = EmailMessage()
    if dmarc:
        made["Authentication-Results"] = f"{MX}; dmarc={dmarc} header.from={sender.partition('@')[2]}"
    made["From"], made["Subject"] = sender, subject
    made["Message-ID"] = f"<{number[0]}.test@customer.example>"
    made["Date"] = "Mon, 05 Jan 2026 08:00:00 +0000"
    if answers is not None and answers.postage is not None:
        made["To"] = answers.postage.reply_to
        made["In-Reply-To"] = f"<{answers.postage.message_id}>"
    else:
        made["To"] = to
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()
