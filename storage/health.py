"""What an auditor and a doctor ask of the archive: is the file sound, and is anything there that must not be."""

import sqlite3
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, and_, create_engine, event, exists, func, or_, select, text
from sqlalchemy import type_coerce as plainly
from sqlalchemy.engine import URL

from storage.migrate import config, head, in_words, known, revision
from storage.outbox import EVERYWHERE
from storage.records.message import FileState, Job, Sending
from storage.records.ticket import Report, State
from storage.repository import Repository
from storage.schema import (
    deadlines,
    entries,
    entry_files,
    inbox,
    outbox,
    pauses,
    ratings,
    reports,
    signoffs,
    tickets,
)

HARMLESS = ("answer", "retire", "say_edit", "react", "card")  # twice is as good as once (G4)
MOST = 1000  # rows of one kind of breach that are listed


class Standing(StrEnum):
    """How the schema of a file stands to the one this Callout writes."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


class Odd(NamedTuple):
    """A row that should not be there: its id, the ticket it belongs to if any, and what is odd about it."""

    id: int
    ticket_id: int | None
    what: str


def standing(path: Path) -> Standing:
    """Read the schema's revision, changing nothing. StorageError: the file cannot be read or is no database."""
    if not path.exists():
        return Standing.ABSENT
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with in_words(path), engine.connect() as connection:
            now = revision(connection)
    finally:
        engine.dispose()
    if now is None:
        return Standing.ABSENT
    if now == head():
        return Standing.CURRENT
    return Standing.BEHIND if now in known(config()) else Standing.NEWER


def try_writing(path: Path, patience: float = 2.0) -> None:
    """Begin a write and undo it. StorageError: the file cannot be written, or is held for `patience` seconds."""
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": patience})

    def ours(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    event.listen(engine, "connect", ours)
    try:
        with in_words(path), engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("ROLLBACK")
    finally:
        engine.dispose()


class Health(Repository):
    """The auditor's questions, each about the whole archive at one moment."""

    def broken_pages(self) -> tuple[str, ...]:
        """What SQLite's integrity check finds, in its words."""
        return tuple(line for line in self._pragma("integrity_check") if line != "ok")

    def dangling(self) -> tuple[str, ...]:
        """Rows that refer to rows which are not there."""
        rows = self.sql.execute(text("PRAGMA foreign_key_check")).all() if self._sqlite else ()
        return tuple(f"{row[0]} {row[1]} refers to a missing row of {row[2]}" for row in rows)

    def _pragma(self, name: str) -> tuple[str, ...]:
        return tuple(self.sql.execute(text(f"PRAGMA {name}")).scalars()) if self._sqlite else ("ok",)

    @property
    def _sqlite(self) -> bool:
        # PostgreSQL keeps its own pages and references; it has no such question.
        return self.sql.dialect.name == "sqlite"

    # --- tickets ---

    def tickets(self) -> tuple[tuple[int, str], ...]:
        """(id, public number or "ticket ID") of every ticket there is, readable or not."""
        rows = self.sql.execute(select(tickets.c.id, tickets.c.number).order_by(tickets.c.id))
        return tuple((row[0], row[1] or f"ticket {row[0]}") for row in rows)

    def unknown_states(self) -> tuple[Odd, ...]:
        state = plainly(tickets.c.state, String)
        rows = self.sql.execute(select(tickets.c.id, state).where(state.not_in([*map(str, State)])))
        return tuple(Odd(row[0], row[0], f"is in the unknown state {row[1]!r}") for row in rows)

    def reports(self, ticket_id: int) -> tuple[Report, ...]:
        here = self.query(reports, Report, reports.c.ticket_id == ticket_id)
        return self.list(Report, here.order_by(reports.c.version))

    def doubles(self) -> tuple[Odd, ...]:
        """Reports asked to be signed twice, signatures asked to be rated twice (G3: one effect)."""
        found = []
        for table, key, what in (
            (signoffs, signoffs.c.report_id, "sign-offs ask for report"),
            (ratings, ratings.c.signoff_id, "ratings ask about sign-off"),
        ):
            count = func.count()
            rows = self.sql.execute(
                select(key, func.min(table.c.ticket_id), count).group_by(key).having(count > 1)
            )
            found += [Odd(row[0], row[1], f"{row[2]} {what} {row[0]}") for row in rows]
        return tuple(found)

    def overdue(self, before: datetime) -> tuple[Odd, ...]:
        """Deadlines due before that moment that have not fired."""
        late = and_(deadlines.c.fired_at.is_(None), deadlines.c.due_at < before)
        kind = plainly(deadlines.c.kind, String)
        rows = self.sql.execute(
            select(deadlines.c.id, deadlines.c.ticket_id, kind)
            .where(late)
            .order_by(deadlines.c.id)
            .limit(MOST)
        )
        return tuple(Odd(row[0], row[1], f"has its deadline {row[2]} overdue") for row in rows)

    # --- what came ---

    def unhandled(self, before: datetime) -> tuple[Odd, ...]:
        """Arrivals kept before that moment that have led to nothing yet."""
        return self._inbox(and_(inbox.c.status == "new", inbox.c.received_at < before), "waits to be handled")

    def unexplained(self) -> tuple[Odd, ...]:
        """Settled arrivals that do not say what became of them (I1)."""
        settled = and_(inbox.c.status.in_(("done", "dead")), inbox.c.outcome.is_(None))
        return self._inbox(
            or_(settled, inbox.c.status.not_in(("new", "done", "dead"))), "does not say what became of it"
        )

    def overtaken(self) -> tuple[Odd, ...]:
        """Arrivals handled before an earlier one of their chat (I4)."""
        before = func.lag(inbox.c.done_at).over(partition_by=inbox.c.lane, order_by=inbox.c.id)
        pairs = select(inbox.c.id, inbox.c.done_at, before.label("before")).where(
            inbox.c.done_at.is_not(None)
        )
        both = pairs.subquery()
        late = select(both.c.id).where(both.c.before > both.c.done_at)
        earlier = inbox.alias("earlier")
        waiting = exists().where(
            earlier.c.lane == inbox.c.lane, earlier.c.id < inbox.c.id, earlier.c.status == "new"
        )
        return self._inbox(
            or_(inbox.c.id.in_(late), and_(inbox.c.done_at.is_not(None), waiting)),
            "was handled before an earlier one of its chat",
        )

    def _inbox(self, where: ColumnElement[bool], what: str) -> tuple[Odd, ...]:
        rows = self.sql.execute(select(inbox.c.id).where(where).order_by(inbox.c.id).limit(MOST)).scalars()
        return tuple(Odd(row, None, what) for row in rows)

    # --- what goes out ---

    def stuck(self, before: datetime) -> tuple[Odd, ...]:
        """Messages due before that moment, first of their lane, not told to wait, and still not tried."""
        waiting = (Sending.PENDING, Sending.LEASED)
        earlier = outbox.alias("earlier")
        behind = exists().where(
            earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id, earlier.c.status.in_(waiting)
        )
        paused = exists().where(
            or_(pauses.c.lane == outbox.c.lane, pauses.c.lane == outbox.c.channel + EVERYWHERE),
            pauses.c.until > before,
        )
        due = and_(outbox.c.status == Sending.PENDING, outbox.c.due_at < before)
        return self._outbox(and_(due, ~behind, ~paused), "is due and does not leave")

    def lapsed(self, before: datetime) -> tuple[Odd, ...]:
        """Messages whose worker's lease ran out before that moment, and nobody took them over."""
        return self._outbox(
            and_(outbox.c.status == Sending.LEASED, outbox.c.leased_until < before),
            "is held by a worker whose time is over",
        )

    def repeated(self) -> tuple[Odd, ...]:
        """Courtesies sent again although they may have arrived: only duty messages are (G4, I3)."""
        return self._outbox(
            and_(
                outbox.c.status == Sending.SENT,
                outbox.c.ambiguous > 0,
                outbox.c.duty.is_(False),
                outbox.c.kind.not_in(HARMLESS),
            ),
            "may have arrived twice and is no duty message",
        )

    def doubtful(self) -> tuple[Job, ...]:
        """Messages that wait, failed, or may have arrived twice; the newest, in order."""
        sure = and_(outbox.c.status.in_((Sending.SENT, Sending.DROPPED)), outbox.c.ambiguous == 0)
        rows = self.list(Job, self.query(outbox, Job, ~sure).order_by(outbox.c.id.desc()).limit(MOST))
        return rows[::-1]

    def _outbox(self, where: ColumnElement[bool], what: str) -> tuple[Odd, ...]:
        rows = self.sql.execute(
            select(outbox.c.id, outbox.c.ticket_id).where(where).order_by(outbox.c.id).limit(MOST)
        )
        return tuple(Odd(row[0], row[1], what) for row in rows)

    # --- files ---

    def stored_files(self) -> tuple[tuple[int, int | None, str | None], ...]:
        """(id, ticket, sha256) of every attachment said to be stored."""
        rows = self.sql.execute(
            select(entry_files.c.id, entries.c.ticket_id, entry_files.c.sha256)
            .join(entries, entries.c.id == entry_files.c.entry_id)
            .where(entry_files.c.state == FileState.STORED)
            .order_by(entry_files.c.id)
        )
        return tuple((row[0], row[1], row[2]) for row in rows)
