"""The mail's front door: one kept mail becomes exactly one right thing, in the order of its correspondent."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol

from dispatch import outcomes, postage, reception, register, telling
from dispatch.addresses import office as office_addresses
from dispatch.feed import Effect, Feed, Unreadable
from dispatch.letters import Letter, Part
from dispatch.ports import Store, UnitOfWork
from dispatch.postage import MAIL
from intake import authentication, customer, enclosures, engineer, threading
from intake.language import tongue
from intake.mail import Attachment, Mail, Sort
from intake.parsing import Parser, Unparsable
from intake.post import Desk, Post
from intake.sorting import Context, sort
from storage.records.mail import KeptMail
from storage.records.message import Audience, FileState, Received
from storage.records.people import Person
from storage.records.ticket import ENDED

PHOTO = {
    "image/jpeg": 10 << 20,
    "image/png": 10 << 20,
}  # what a chat shows as a picture, and up to how many bytes
FULL = 200_000  # characters of a mail's whole text that are kept beside the reply
ANSWERING = {"automatic header", "automatic subject", "calendar answer", "challenge"}
MOST_FILES = 15  # of one mail that are passed on; a group takes 20 messages a minute


class Keeper(Protocol):
    """Where contents go; `storage.files.Files` is one."""

    def put(self, content: bytes) -> str:
        """Store and tell the sha256."""


class Gateway:
    """Reads kept mails outside any transaction and hands each to the trade inside one."""

    def __init__(self, store: Store, parser: Parser, keeper: Keeper, context: Context) -> None:
        self.store = store
        self.parser = parser
        self.keeper = keeper
        self.context = context

    def feed(
        self,
        owner: str,
        *,
        workers: int = 4,
        lease: timedelta = timedelta(seconds=60),
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> Feed:
        """Works off the mails of every mailbox."""
        return Feed(
            self.store, MAIL, owner, self.read, bury=self.bury, workers=workers, lease=lease, note=note
        )

    async def read(self, row: Received) -> Effect:
        """Parse in the child process, store the files, and give the command. Unreadable: a dead letter."""
        kept, raw = await self.store.read(_fetch, json.loads(row.raw)["mail"])
        try:
            mail = await self.parser.read(raw)
        except Unparsable as broken:
            raise Unreadable(str(broken)) from broken
        files = [one for one in mail.attachments if not enclosures.decoration(one)]
        parts = tuple([await self._part(one) for one in files[:MOST_FILES]])
        found = sort(mail, self.context)
        if not authentication.one_author(mail.headers):
            found = replace(found, dmarc="fail")  # nobody knows who of them wrote it
        post = Post(kept, mail, found, _letter(kept, mail, parts, len(files) - len(parts)))
        return partial(handle, post=post)

    async def _part(self, found: Attachment) -> Part:
        digest = await asyncio.to_thread(self.keeper.put, found.content)
        small = found.size <= PHOTO.get(found.content_type, -1)
        kind = "photo" if small else "document"
        return Part(kind, f"sha256:{digest}", found.filename, found.content_type, found.size, sha256=digest)

    def bury(self, unit: UnitOfWork, row: Received, why: str) -> None:
        """A mail nobody could read goes to the office as a file to open: never nothing."""
        reception.buried(unit, row, why)
        kept = unit.mails.by_inbox(row.id)
        address = row.lane.partition(":")[2]
        if kept is None or unit.messages.by_outside(MAIL, address, f"dead:{kept.id}"):
            return
        digest = self.keeper.put(unit.mails.raw(kept.id))
        entry = unit.messages.write(
            ticket_id=None,
            author_id=None,
            audience=Audience.STAFF,
            kind="mail",
            text="",
            data={"dead": why[:300], "mail": kept.id},
            channel=MAIL,
            address=address,
            outside_id=f"dead:{kept.id}",
            album=None,
            reply_to=None,
        )
        unit.messages.attach(
            entry,
            "raw",
            0,
            kind="document",
            ref=f"sha256:{digest}",
            name=f"mail-{kept.id}.eml",
            mime="message/rfc822",
            size=kept.size,
            state=FileState.STORED,
            sha256=digest,
        )
        for to in office_addresses(unit):
            key = f"relay:{entry.id}:{to.channel}:{to.address}"
            payload = {"entry": entry.id}
            unit.outbox.tell(
                key, "relay", to.channel, to.address, payload, thread=to.thread, person_id=to.person_id
            )


def _fetch(unit: UnitOfWork, key: int) -> tuple[KeptMail, bytes]:
    return unit.mails.get(key), unit.mails.raw(key)


def _letter(kept: KeptMail, mail: Mail, parts: tuple[Part, ...], left_out: int) -> Letter:
    headers = mail.headers
    data: dict[str, object] = {"subject": headers.subject[:500], "mail": kept.id}
    if mail.quoted:
        data["full"] = postage.without_secrets(mail.text[:FULL])
    if not kept.whole:
        data["cut"] = kept.size
    if left_out:
        data["left_out"] = left_out
    text = postage.without_secrets(mail.reply.strip() or mail.text.strip())
    return Letter(
        MAIL,
        headers.from_addr.lower(),
        str(kept.id),
        "mail",
        text[:FULL],
        parts,
        reply_to=headers.in_reply_to or None,
        data=data,
    )


# --- inside the transaction ----------------------------------------------------------------------------------------


def handle(unit: UnitOfWork, post: Post) -> str:
    """Everything one mail does; returns the outcome for the inbox row."""
    handler = HANDLERS.get(post.sorted.sort)
    if handler is not None:
        return handler(unit, post)
    if RECEIPTS & set(post.sorted.hits):
        return "rejected: a receipt, nobody wrote it"
    sender = unit.people.by_address(MAIL, post.address)
    thread = threading.find(unit, post.mail.headers, sender)
    if post.sorted.spam and thread.proof is not threading.Proof.OURS:
        return SPAM
    if post.sorted.sort is Sort.AUTOMATIC and thread.ticket is None and answering(post):
        return "rejected: an automatic answer to nothing of ours"
    return _for_ticket(Desk(unit, post, caller(unit, post), thread))


def _for_ticket(desk_of: Desk) -> str:
    """What its writer is to the ticket decides; a customer's word on what ended long ago is a new report."""
    unit, ticket, person = desk_of.unit, desk_of.thread.ticket, desk_of.person
    if ticket is None:
        return customer.report(desk_of)
    if person.id == ticket.customer_id:
        ended = ticket.closed_at if ticket.state in ENDED else None
        if ended and unit.now - ended > unit.policy.periods.reopen and not desk_of.post.sorted.silent:
            thread = replace(desk_of.thread, ticket=None, possibly=ticket)
            return customer.report(Desk(unit, desk_of.post, person, thread))
        return customer.wrote(desk_of, ticket)
    if desk_of.thread.proof is not threading.Proof.LENT and postage.belongs(unit, ticket.id, person.id):
        return engineer.wrote(desk_of, ticket)
    return customer.passed_on(desk_of, ticket)


def caller(unit: UnitOfWork, post: Post) -> Person:
    """Who writes; somebody new becomes a customer, spoken to in the language he writes. A mail that is said to be
    forged does not prove that its address works."""
    headers = post.mail.headers
    known = unit.people.by_address(MAIL, post.address)
    if known is not None and post.sorted.dmarc == "fail":
        return known
    name = headers.from_name.strip()[:64] or post.address.partition("@")[0][:64]
    language = tongue(f"{headers.subject} {post.letter.text}")
    return register.caller(unit, MAIL, post.address, name, language or unit.policy.language)


def answering(post: Post) -> bool:
    """An automatic answer to something, not a machine that reports by itself."""
    headers = post.mail.headers
    replied = "auto-replied" in headers.get("auto-submitted").lower()
    return bool(replied or headers.in_reply_to or headers.references or ANSWERING & set(post.sorted.hits))


def bounced(unit: UnitOfWork, post: Post) -> str:
    """Only a report about a message of ours, named by an id that nobody can make up, changes anything."""
    bounce = post.sorted.bounce
    job = postage.job_of(unit, bounce.original_id) if bounce else None
    if bounce is None or job is None:
        return "rejected: a report about nothing of ours"
    if bounce.temporary:
        return f"a delay of message {job.id}"
    named = {address.lower() for address in bounce.recipients}
    if job.channel != MAIL or unit.now - job.created_at > STALE:
        return "rejected: a report about no mail of these days"
    if named and job.address.lower() not in named:
        telling.office(unit, "message_lost", f"outbox.{job.id}", None, outbox=job.id)
        return f"message {job.id} came back from another address"
    outcomes.lost(unit, job, f"{bounce.status} {bounce.reason}".strip() or "it came back")
    return f"message {job.id} came back"


def listed(unit: UnitOfWork, post: Post) -> str:
    """A list or bulk mail: into its ticket when it answers us; else a report only when a person is behind it."""
    sender = unit.people.by_address(MAIL, post.address)
    thread = threading.find(unit, post.mail.headers, sender)
    bulk = post.mail.headers.get("list-unsubscribe") or post.mail.headers.get("precedence").lower() in BULK
    if thread.ticket is None and (bulk or post.sorted.spam):
        return SPAM if post.sorted.spam else "rejected: bulk mail"
    return _for_ticket(Desk(unit, post, caller(unit, post), thread))


BULK = {"bulk", "junk"}
STALE = timedelta(days=7)  # a report about an older mail says nothing of today
RECEIPTS = {"complaint report", "read receipt", "delivery receipt"}
SPAM = "rejected: our mail server says it is spam"
HANDLERS: dict[Sort, Callable[[UnitOfWork, Post], str]] = {
    Sort.LOOP: lambda _unit, _post: "rejected: our own mail",
    Sort.EMPTY: lambda _unit, _post: "rejected: no sender or nothing in it",
    Sort.BOUNCE: bounced,
    Sort.LIST: listed,
}
