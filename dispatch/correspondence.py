"""Messages of a ticket: kept as entries, passed on to the other side, files and edits included (ISO 9001 8.2.1)."""

from datetime import timedelta
from typing import Any

from dispatch import addresses, holding, telling, transition
from dispatch.addresses import Address
from dispatch.letters import Letter, Part
from dispatch.postage import MAIL
from storage.records.message import Audience, Entry, FileState
from storage.records.people import Person
from storage.records.ticket import Hold, State, Ticket, Verb
from storage.unit import UnitOfWork

# An album's parts come one by one; it is passed on when no further part came for this long.
ALBUM_PAUSE = timedelta(seconds=2.5)
UNFILED = timedelta(minutes=10)
PROBLEM = 1500  # characters of a mail that stand as the ticket's problem; the whole of it is the entry


def keep(
    unit: UnitOfWork,
    letter: Letter,
    author: Person,
    ticket_id: int | None,
    audience: Audience = Audience.ALL,
) -> tuple[Entry, bool]:
    """Keep a letter as an entry; a further part of an album joins the entry of its first part.

    Returns the entry and whether the letter began it. A file that is too big is named and said to be so.
    """
    entry = unit.messages.by_album(letter.channel, letter.address, letter.album) if letter.album else None
    first = entry is None
    if entry is None:
        entry = unit.messages.write(
            ticket_id=ticket_id,
            author_id=author.id,
            audience=audience,
            kind="album" if letter.album else letter.kind,
            text=letter.text,
            data=letter.data,
            channel=letter.channel,
            address=letter.address,
            outside_id=letter.outside_id,
            album=letter.album,
            reply_to=letter.reply_to,
        )
    elif letter.text and not entry.text:
        entry = unit.messages.update(entry, text=letter.text)
    for number, part in enumerate(letter.parts):
        unit.messages.attach(
            entry,
            f"{letter.outside_id}.{number}" if number else letter.outside_id,
            int(letter.outside_id) if letter.outside_id.isdigit() else 0,
            kind=part.kind,
            ref=part.ref,
            name=part.name,
            mime=part.mime,
            size=part.size,
            state=_state(part),
            sha256=part.sha256,
        )
    if entry.ticket_id is not None:
        unit.messages.spoke(letter.channel, letter.address, [letter.outside_id], entry.ticket_id)
    return unit.messages.get(entry.id), first


def _state(part: Part) -> FileState:
    if part.too_big:
        return FileState.TOO_BIG
    return FileState.STORED if part.sha256 else FileState.WAITING


def file_under(unit: UnitOfWork, entry_id: int, ticket_id: int) -> Entry:
    """Put an entry that waited for its ticket (the sender was asked which one) where it belongs."""
    entry = unit.messages.update(unit.messages.get(entry_id), ticket_id=ticket_id)
    unit.messages.spoke(entry.channel, entry.address, [entry.outside_id], ticket_id)
    for to in addresses.office(unit):
        unit.outbox.drop(_unfiled_key(entry, to))
    return entry


def _unfiled_key(entry: Entry, to: Address) -> str:
    return f"unfiled:{entry.id}:{to.channel}:{to.address}"


def show_unfiled(unit: UnitOfWork, entry: Entry) -> None:
    """If the sender does not say what it is about, the office reads it after a while: nothing lies unread."""
    for to in addresses.office(unit):
        unit.outbox.tell(
            _unfiled_key(entry, to),
            "relay",
            to.channel,
            to.address,
            {"entry": entry.id},
            lane=f"unfiled:{entry.id}:{to.address}",
            thread=to.thread,
            person_id=to.person_id,
            due_at=unit.now + UNFILED,
        )


def readers(unit: UnitOfWork, ticket: Ticket, entry: Entry) -> tuple[Address, ...]:
    """Who gets to see an entry at once: the other side, without private numbers; the desk while nobody owns it.

    Customer to owner, owner and office to the customer; an engineer who does not own the job speaks to the office.
    """
    owner = addresses.of_person(unit, ticket.owner_id) if ticket.owner_id else None
    author = unit.people.get(entry.author_id) if entry.author_id else None
    if author and author.id == ticket.customer_id:
        found: tuple[Address | None, ...] = (owner,) if owner else addresses.office(unit)
    elif entry.audience is Audience.ALL and author and (author.id == ticket.owner_id or author.office):
        found = (addresses.of_person(unit, ticket.customer_id),)
    else:
        found = addresses.office(unit)
    return tuple(to for to in found if to and to.person_id != entry.author_id)


def pass_on(unit: UnitOfWork, ticket: Ticket, entry: Entry, to: tuple[Address, ...] | None = None) -> int:
    """Relay an entry to its readers; tells how many there are. Parts of an album wait for each other."""
    chosen = readers(unit, ticket, entry) if to is None else to
    for reader in chosen:
        _relay(unit, ticket, entry, reader)
    return len(chosen)


def pass_on_part(unit: UnitOfWork, ticket: Ticket, entry: Entry) -> None:
    """The newest file of an album goes where the others went: along with them, or alone if they have left."""
    newest = max(file.id for file in entry.files)
    for reader in told(unit, ticket, entry):
        if not _relay(unit, ticket, entry, reader):
            key = f"{_relay_key(entry, reader)}:{newest}"
            _plan(unit, ticket, reader, key, {"entry": entry.id, "files": [newest]}, unit.now)


def told(unit: UnitOfWork, ticket: Ticket, entry: Entry) -> tuple[Address, ...]:
    """Everybody this entry was passed on to, or is about to be."""
    relays = [
        job
        for job in unit.outbox.of_ticket(ticket.id)
        if job.kind == "relay" and job.payload["entry"] == entry.id and "files" not in job.payload
    ]
    return tuple(Address(job.channel, job.address, job.thread, job.person_id) for job in relays)


def _relay_key(entry: Entry, to: Address) -> str:
    return f"relay:{entry.id}:{to.channel}:{to.address}"


def _relay(unit: UnitOfWork, ticket: Ticket, entry: Entry, to: Address) -> bool:
    """Plan it, or put an album not sent yet off a little more; False when it has left already."""
    key = _relay_key(entry, to)
    due = unit.now + ALBUM_PAUSE if entry.album else unit.now
    return _plan(unit, ticket, to, key, {"entry": entry.id}, due) or unit.outbox.postpone(key, due)


def _plan(
    unit: UnitOfWork, ticket: Ticket, to: Address, key: str, payload: dict[str, Any], due_at: Any
) -> bool:
    return unit.outbox.tell(
        key,
        "relay",
        to.channel,
        to.address,
        payload,
        thread=to.thread,
        person_id=to.person_id,
        ticket_id=ticket.id,
        due_at=due_at,
    )


def enclose(unit: UnitOfWork, ticket: Ticket, to: Address) -> None:
    """What came with the report goes along with the card: the place as a pin, photos, voice."""
    if ticket.latitude is not None and ticket.longitude is not None and to.channel != MAIL:
        unit.outbox.tell(
            f"pin:{ticket.id}:{to.channel}:{to.address}",
            "pin",
            to.channel,
            to.address,
            {"latitude": ticket.latitude, "longitude": ticket.longitude},
            thread=to.thread,
            person_id=to.person_id,
            ticket_id=ticket.id,
            duty=False,
        )
    for entry in unit.messages.of_ticket(ticket.id):
        later = ticket.submitted_at is not None and entry.at > ticket.submitted_at
        hidden = entry.data.get("full") or entry.data.get("cut") or len(entry.text) > PROBLEM
        more = entry.files or later or hidden
        if entry.author_id == ticket.customer_id and more:
            _relay(unit, ticket, entry, to)


def show_work(unit: UnitOfWork, ticket: Ticket, engineer: Person, to: Address) -> None:
    """The engineer's photos go to the customer above the report; his internal notes do not."""
    for entry in unit.messages.of_ticket(ticket.id):
        if entry.author_id == engineer.id and entry.files and entry.audience is Audience.ALL:
            _relay(unit, ticket, entry, to)


def receive(
    unit: UnitOfWork,
    letter: Letter,
    author: Person,
    ticket: Ticket,
    answers: int | None = None,
    *,
    in_room: bool = False,
) -> tuple[Entry, int]:
    """A letter about a ticket, kept and handed on; tells how many read it.

    A reply to an entry (`answers`) goes to whoever wrote that; between staff the customer does not see it.
    What the office says in its own room (`in_room`) stays there unless it answers the customer.
    """
    asker = unit.messages.get(answers).author_id if answers else None
    to_staff = asker not in {None, author.id, ticket.customer_id} and author.id != ticket.customer_id
    if in_room and asker is None:
        entry, _ = keep(unit, letter, author, ticket.id, Audience.STAFF)
        return entry, 1
    entry, _ = keep(unit, letter, author, ticket.id, Audience.STAFF if to_staff else Audience.ALL)
    reader = addresses.of_person(unit, asker) if to_staff and asker else None
    return entry, hand_on(unit, ticket, entry, author, (reader,) if reader else None)


def hand_on(
    unit: UnitOfWork, ticket: Ticket, entry: Entry, author: Person, to: tuple[Address, ...] | None = None
) -> int:
    """Pass an entry on, end waiting for the customer if this is his answer (T7), and show it on the cards."""
    readers_told = pass_on(unit, ticket, entry, to)
    waiting = ticket.state is State.ON_HOLD and ticket.detail == Hold.WAITING_CUSTOMER
    counts = not (entry.data.get("unverified") or entry.data.get("automatic"))
    if waiting and counts and author.id == ticket.customer_id:
        holding.resume(unit, ticket.id, author)
    telling.refresh_all(unit, unit.tickets.get(ticket.id))
    return readers_told


def edit(unit: UnitOfWork, letter: Letter, author: Person) -> Entry | None:
    """The sender changed his message: the old text is kept, readers are shown the new one; None if unknown."""
    entry = unit.messages.by_outside(letter.channel, letter.address, letter.outside_id)
    if entry is None or entry.author_id != author.id or entry.text == letter.text:
        return entry
    old = entry.text
    entry = unit.messages.retext(entry, letter.text)
    if entry.ticket_id is None:
        return entry
    ticket = unit.tickets.get(entry.ticket_id)
    if ticket.state is State.DRAFT:
        # What was taken from these words follows them.
        taken = ("problem", "place") if old and letter.text else ()
        changes = {name: letter.text for name in taken if getattr(ticket, name) == old}
        if changes:
            transition.apply(unit, ticket, Verb.DESCRIBE, author, changes=changes)
        return entry
    times = len(unit.messages.old_texts(entry.id))
    for reader in told(unit, ticket, entry):
        key = f"relay:{entry.id}:edit{times}:{reader.channel}:{reader.address}"
        _plan(unit, ticket, reader, key, {"entry": entry.id, "edited": True, "files": []}, unit.now)
    return entry
