"""The inbox, and what it shares with the outbox: kept once, claimed with a lease in order, settled once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, or_, select, true, update

from storage.errors import LeaseLost
from storage.records.message import Received
from storage.repository import Repository, columns, word
from storage.schema import inbox


class Queue(Repository):
    """What inbox and outbox have in common: only the head of a lane may be claimed."""

    table: Table
    waiting: ColumnElement[bool]

    def _first(self) -> Select[Any]:
        """Ids of the first waiting row of every lane, from the index of what waits."""
        table = self.table
        return select(func.min(table.c.id)).where(self.waiting).group_by(table.c.lane).correlate(None)

    def _heads(self, *also: ColumnElement[bool], most: int) -> Any:
        """Ids of rows that are due, free, and first of their lane."""
        table, now = self.table, self.unit.now
        free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
        return (
            select(table.c.id)
            .where(table.c.id.in_(self._first()), free, table.c.due_at <= now, *also)
            .order_by(table.c.id)
            .limit(most)
        )


class Inbox(Queue):
    table = inbox
    waiting = inbox.c.status == word("new")

    def keep(self, source: str, outside_id: str, lane: str, raw: str) -> bool:
        """Keep what arrived, once; False when it is here already (G1)."""
        if self._known(source, outside_id) is not None:
            return False
        self._put(source, outside_id, lane, raw)
        return True

    def put(self, source: str, outside_id: str, lane: str, raw: str) -> int:
        """The id of the row that keeps it, be it new or known."""
        known = self._known(source, outside_id)
        return self._put(source, outside_id, lane, raw) if known is None else known

    def _known(self, source: str, outside_id: str) -> int | None:
        same = (inbox.c.source == source) & (inbox.c.outside_id == outside_id)
        found = self.sql.execute(select(inbox.c.id).where(same)).scalar()
        return None if found is None else int(found)

    def _put(self, source: str, outside_id: str, lane: str, raw: str) -> int:
        self.unit.touched.add("inbox")
        now = self.unit.now
        return self.add(
            inbox, source=source, outside_id=outside_id, lane=lane, raw=raw, received_at=now, due_at=now
        )

    def fill(self, row_id: int, raw: str) -> None:
        """Write what a row of this same transaction holds, when it names something written after it."""
        self.change(inbox, inbox.c.id == row_id, raw=raw)

    def claim(
        self, owner: str, lease: timedelta, most: int, channel: str | None = None
    ) -> tuple[Received, ...]:
        """The heads of lanes, of one channel's sources (`telegram:…`, `mail:…`) or of all."""
        ours = inbox.c.source.startswith(f"{channel}:", autoescape=True) if channel else true()
        rows = self.sql.execute(
            update(inbox)
            .where(inbox.c.id.in_(self._heads(ours, most=most)))
            .values(owner=owner, leased_until=self.unit.now + lease, attempts=inbox.c.attempts + 1)
            .returning(*columns(inbox, Received))
        )
        return tuple(sorted((Received(**row._mapping) for row in rows), key=lambda row: row.id))

    def settle(self, row: Received, outcome: str) -> None:
        """Done; `LeaseLost` when it is no longer ours to settle, so that its effects are undone (G3)."""
        hit = self.change(
            inbox,
            inbox.c.id == row.id,
            inbox.c.owner == row.owner,
            inbox.c.status == "new",
            status="done",
            done_at=self.unit.now,
            outcome=outcome,
            leased_until=None,
        )
        if hit != 1:
            msg = f"inbox row {row.id} is no longer held by {row.owner}"
            raise LeaseLost(msg)
        # The next row of this lane may go now.
        self.unit.touched.add("inbox")

    def later(self, row: Received, due_at: datetime, why: str) -> None:
        self.change(
            inbox,
            inbox.c.id == row.id,
            inbox.c.owner == row.owner,
            due_at=due_at,
            leased_until=None,
            outcome=why,
        )
        self.unit.touched.add("inbox")

    def bury(self, row: Received, why: str) -> None:
        """Put it into the dead letters, where the office can see it."""
        self.change(
            inbox,
            inbox.c.id == row.id,
            inbox.c.status == "new",
            status="dead",
            done_at=self.unit.now,
            outcome=why,
            leased_until=None,
        )
        self.unit.touched.add("inbox")

    def revive(self, key: int) -> bool:
        """A dead letter is new again; False when it is none."""
        dead = (inbox.c.id == key) & (inbox.c.status == "dead")
        values = {"status": "new", "attempts": 0, "due_at": self.unit.now, "owner": None, "done_at": None}
        self.unit.touched.add("inbox")
        return bool(self.change(inbox, dead, **values))

    def release(self, owner: str) -> int:
        """Give back what a former process of this one database held."""
        return self.change(
            inbox, self.waiting, inbox.c.owner != owner, leased_until=None, due_at=self.unit.now
        )

    def highest(self, source: str) -> int | None:
        """The highest numeric outside id we hold of a source (Telegram's update_id)."""
        last = select(inbox.c.outside_id).where(inbox.c.source == source).order_by(inbox.c.id.desc()).limit(1)
        found = self.sql.execute(last).scalar()
        return None if found is None else int(found)

    def counts(self) -> dict[str, int]:
        rows = self.sql.execute(select(inbox.c.status, func.count()).group_by(inbox.c.status)).all()
        return {str(row[0]): int(row[1]) for row in rows}
