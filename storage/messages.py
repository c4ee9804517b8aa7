"""What was said: entries of tickets with their files, the cards we keep up to date, and which message is whose."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select

from storage.records.message import Card, Entry, EntryFile, FileState
from storage.repository import Repository, word
from storage.schema import cards, entries, entry_files, entry_texts, spoken


class Messages(Repository):
    # --- entries ---

    def get(self, entry_id: int) -> Entry:
        return self._with_files(self.need(Entry, entries, entry_id))

    def write(self, **values: Any) -> Entry:
        return self.get(self.add(entries, at=self.unit.now, **values))

    def update(self, entry: Entry, **values: Any) -> Entry:
        self.change(entries, entries.c.id == entry.id, **values)
        return self.get(entry.id)

    def by_outside(self, channel: str, address: str, outside_id: str) -> Entry | None:
        """The entry a message became; a later part of an album is found through its file."""
        here = (entries.c.channel == channel) & (entries.c.address == address)
        found = self.find(Entry, self.query(entries, Entry, here, entries.c.outside_id == outside_id))
        if found is None:
            part = (entry_files.c.entry_id == entries.c.id) & (entry_files.c.outside_id == outside_id)
            found = self.find(Entry, self.query(entries, Entry, here, exists().where(part)))
        return found and self._with_files(found)

    def by_album(self, channel: str, address: str, album: str) -> Entry | None:
        found = self.find(
            Entry,
            self.query(
                entries,
                Entry,
                entries.c.channel == channel,
                entries.c.address == address,
                entries.c.album == album,
            ),
        )
        return found and self._with_files(found)

    def of_ticket(self, ticket_id: int) -> tuple[Entry, ...]:
        rows = self.list(
            Entry, self.query(entries, Entry, entries.c.ticket_id == ticket_id).order_by(entries.c.id)
        )
        return tuple(self._with_files(entry) for entry in rows)

    def written_since(self, ticket_id: int, author_id: int, since: datetime) -> int:
        """How many entries somebody wrote about a ticket since then."""
        his = (
            (entries.c.ticket_id == ticket_id) & (entries.c.author_id == author_id) & (entries.c.at >= since)
        )
        return int(self.sql.execute(select(func.count()).select_from(entries).where(his)).scalar_one())

    def retext(self, entry: Entry, text: str) -> Entry:
        """The sender edited it: the old text is kept beside the new one."""
        self.add(entry_texts, entry_id=entry.id, text=entry.text, replaced_at=self.unit.now)
        return self.update(entry, text=text, edited_at=self.unit.now)

    def old_texts(self, entry_id: int) -> tuple[str, ...]:
        old = select(entry_texts.c.text).where(entry_texts.c.entry_id == entry_id).order_by(entry_texts.c.id)
        return tuple(self.sql.execute(old).scalars())

    def _with_files(self, entry: Entry) -> Entry:
        return replace(entry, files=self.files(entry.id))

    # --- files ---

    def files(self, entry_id: int) -> tuple[EntryFile, ...]:
        here = self.query(entry_files, EntryFile, entry_files.c.entry_id == entry_id)
        return self.list(EntryFile, here.order_by(entry_files.c.position, entry_files.c.id))

    def attach(self, entry: Entry, outside_id: str, position: int, **values: Any) -> EntryFile | None:
        """Add a part; None when this very part is there already."""
        same = (entry_files.c.entry_id == entry.id) & (entry_files.c.outside_id == outside_id)
        if self.sql.execute(select(entry_files.c.id).where(same)).first():
            return None
        key = self.add(
            entry_files,
            entry_id=entry.id,
            outside_id=outside_id,
            position=position,
            due_at=self.unit.now,
            **values,
        )
        self.unit.touched.add("files")
        return self.need(EntryFile, entry_files, key)

    def waiting_files(self, most: int) -> tuple[EntryFile, ...]:
        due = (entry_files.c.state == word(FileState.WAITING)) & (entry_files.c.due_at <= self.unit.now)
        return self.list(
            EntryFile, self.query(entry_files, EntryFile, due).order_by(entry_files.c.due_at).limit(most)
        )

    def release_files(self) -> int:
        """Give back what a former process was fetching, and whatever it had put off."""
        waiting, later = entry_files.c.state == word(FileState.WAITING), entry_files.c.due_at > self.unit.now
        return self.change(entry_files, waiting, later, due_at=self.unit.now)

    def file_stored(self, file: EntryFile, digest: str, size: int) -> None:
        self.change(
            entry_files, entry_files.c.id == file.id, state=FileState.STORED, sha256=digest, size=size
        )

    def file_state(self, file: EntryFile, state: FileState) -> None:
        self.change(entry_files, entry_files.c.id == file.id, state=state)

    def file_later(self, file: EntryFile, due_at: datetime) -> int:
        """Try again later; tells how many tries there were."""
        attempts = entry_files.c.attempts
        self.change(entry_files, entry_files.c.id == file.id, attempts=attempts + 1, due_at=due_at)
        return int(self.sql.execute(select(attempts).where(entry_files.c.id == file.id)).scalar_one())

    def file_counts(self, ticket_id: int) -> tuple[int, int]:
        """(files, of them too big or failed) of a ticket."""
        rows = self.sql.execute(
            select(entry_files.c.state, func.count())
            .join(entries, entries.c.id == entry_files.c.entry_id)
            .where(entries.c.ticket_id == ticket_id)
            .group_by(entry_files.c.state)
        ).all()
        counts = {row[0]: int(row[1]) for row in rows}
        bad = counts.get(FileState.TOO_BIG, 0) + counts.get(FileState.FAILED, 0)
        return sum(counts.values()), bad

    # --- whose message is it ---

    def spoke(
        self,
        channel: str,
        address: str,
        message_ids: Iterable[str],
        ticket_id: int,
        entry_id: int | None = None,
    ) -> None:
        """Remember that these messages, ours or theirs, are about a ticket, and which entry they show."""
        for message_id in message_ids:
            here = (
                (spoken.c.channel == channel)
                & (spoken.c.address == address)
                & (spoken.c.message_id == message_id)
            )
            values = {"ticket_id": ticket_id, "entry_id": entry_id}
            if not self.change(spoken, here, **values):
                self.add(spoken, channel=channel, address=address, message_id=message_id, **values)

    def about(self, channel: str, address: str, message_id: str) -> tuple[int | None, int | None]:
        """(ticket, entry) a message in a chat is about; the entry is known for messages we passed on."""
        found = self.sql.execute(
            select(spoken.c.ticket_id, spoken.c.entry_id).where(
                spoken.c.channel == channel, spoken.c.address == address, spoken.c.message_id == message_id
            )
        ).first()
        return (None, None) if found is None else (found.ticket_id, found.entry_id)

    def thread(self, channel: str, address: str, ticket_id: int, most: int = 12) -> tuple[str, ...]:
        """Ids of the latest messages, ours and theirs, with this address about a ticket, oldest first."""
        here = (
            (spoken.c.channel == channel) & (spoken.c.address == address) & (spoken.c.ticket_id == ticket_id)
        )
        latest = select(spoken.c.message_id).where(here).order_by(spoken.c.id.desc()).limit(most)
        return tuple(reversed(self.sql.execute(latest).scalars().all()))

    # --- cards ---

    def card(self, card_id: int) -> Card:
        return self.need(Card, cards, card_id)

    def cards(self, ticket_id: int, audience: str | None = None) -> tuple[Card, ...]:
        where = [cards.c.ticket_id == ticket_id]
        if audience:
            where.append(cards.c.audience == audience)
        return self.list(Card, self.query(cards, Card, *where).order_by(cards.c.id))

    def cards_of(self, person_id: int) -> tuple[Card, ...]:
        return self.list(Card, self.query(cards, Card, cards.c.person_id == person_id).order_by(cards.c.id))

    def card_at(self, channel: str, address: str, message_id: str) -> Card | None:
        return self.find(
            Card,
            self.query(
                cards,
                Card,
                cards.c.channel == channel,
                cards.c.address == address,
                cards.c.message_id == message_id,
            ),
        )

    def place_card(
        self, ticket_id: int, audience: str, channel: str, address: str, **values: Any
    ) -> tuple[Card, bool]:
        """The card of a ticket in a chat, and whether it is new."""
        where = (
            (cards.c.ticket_id == ticket_id)
            & (cards.c.audience == audience)
            & (cards.c.channel == channel)
            & (cards.c.address == address)
        )
        found = self.find(Card, self.query(cards, Card, where))
        if found:
            if values:
                self.change(cards, cards.c.id == found.id, **values)
            return self.card(found.id), False
        key = self.add(
            cards,
            ticket_id=ticket_id,
            audience=audience,
            channel=channel,
            address=address,
            **{"panel": "main", **values},
        )
        return self.card(key), True

    def move(self, channel: str, old: str, new: str) -> None:
        """Cards follow a group that changed its address; their messages there are not known any more."""
        self.change(cards, cards.c.channel == channel, cards.c.address == old, address=new, message_id=None)

    def update_card(self, card: Card, **values: Any) -> Card:
        self.change(cards, cards.c.id == card.id, **values)
        return self.card(card.id)
