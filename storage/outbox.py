"""The outbox: a message is planned once, carried by whoever holds its lease, paused by address or by channel."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, update

from storage.queues import Queue
from storage.records.message import Job, Sending
from storage.repository import columns, word
from storage.schema import outbox, pauses

WAITING = tuple(word(status) for status in (Sending.PENDING, Sending.LEASED))
EVERYWHERE = ":*"  # after a channel's name: the lane that holds all of it


class Outbox(Queue):
    table = outbox
    waiting = outbox.c.status.in_(WAITING)

    def _open(self) -> ColumnElement[bool]:
        """Neither the lane nor its whole channel is paused."""
        held = or_(pauses.c.lane == outbox.c.lane, pauses.c.lane == outbox.c.channel + EVERYWHERE)
        return ~exists().where(held, pauses.c.until > self.unit.now)

    @staticmethod
    def _share(answers: bool | None, channel: str | None) -> ColumnElement[bool]:
        """All messages, or those of one channel; answers to presses have workers of their own."""
        which: ColumnElement[bool] = true()
        if answers is not None:
            which = outbox.c.kind == "answer" if answers else outbox.c.kind != "answer"
        return which if channel is None else and_(which, outbox.c.channel == channel)

    def next_due(self, answers: bool | None = None, channel: str | None = None) -> datetime | None:
        """When the next message may go, for the worker's sleep; a lane that is busy wakes him when it is done."""
        free = (
            outbox.c.id.in_(self._first()) & outbox.c.leased_until.is_(None) & self._share(answers, channel)
        )
        moments = (
            select(func.min(outbox.c.due_at)).where(free, self._open()),
            select(func.min(pauses.c.until)).where(pauses.c.until > self.unit.now),
        )
        found = [self.sql.execute(moment).scalar() for moment in moments]
        return min((moment for moment in found if moment is not None), default=None)

    def tell(
        self,
        key: str,
        kind: str,
        channel: str,
        address: str,
        payload: dict[str, Any],
        *,
        lane: str | None = None,
        thread: int | None = None,
        person_id: int | None = None,
        ticket_id: int | None = None,
        duty: bool = True,
        due_at: datetime | None = None,
    ) -> bool:
        """Plan a message, once per business key; False when it is planned or sent already."""
        if self.sql.execute(select(outbox.c.id).where(outbox.c.key == key)).first():
            return False
        self.add(
            outbox,
            key=key,
            kind=kind,
            channel=channel,
            address=address,
            thread=thread,
            lane=lane or f"{channel}:{address}",
            person_id=person_id,
            ticket_id=ticket_id,
            duty=duty,
            payload=payload,
            status=Sending.PENDING,
            attempts=0,
            ambiguous=0,
            due_at=due_at or self.unit.now,
            created_at=self.unit.now,
        )
        self.unit.touched.add("outbox")
        return True

    def get(self, job_id: int) -> Job:
        return self.need(Job, outbox, job_id)

    def by_key(self, key: str) -> Job | None:
        return self.find(Job, self.query(outbox, Job, outbox.c.key == key))

    def untried(self, lane: str, prefix: str) -> bool:
        """Whether a message whose key begins so is still waiting for its first try in this lane."""
        waiting = select(outbox.c.id).where(
            outbox.c.lane == lane,
            self.waiting,
            outbox.c.status == Sending.PENDING,
            outbox.c.attempts == 0,
            outbox.c.key.startswith(prefix, autoescape=True),
        )
        return self.sql.execute(waiting.limit(1)).first() is not None

    def postpone(self, key: str, due_at: datetime) -> bool:
        """Move a message that has not been tried yet; False when it is too late for that."""
        return bool(
            self.change(outbox, outbox.c.key == key, outbox.c.status == Sending.PENDING, due_at=due_at)
        )

    def claim(
        self,
        owner: str,
        lease: timedelta,
        most: int,
        answers: bool | None = None,
        channel: str | None = None,
    ) -> tuple[Job, ...]:
        """The heads of lanes that are not paused; a lease that ran out comes back as `ambiguous` (G4)."""
        lapsed = outbox.c.ambiguous + (outbox.c.status == Sending.LEASED).cast(outbox.c.ambiguous.type)
        rows = self.sql.execute(
            update(outbox)
            .where(outbox.c.id.in_(self._heads(self._open(), self._share(answers, channel), most=most)))
            .values(
                status=Sending.LEASED,
                owner=owner,
                leased_until=self.unit.now + lease,
                attempts=outbox.c.attempts + 1,
                ambiguous=lapsed,
            )
            .returning(*columns(outbox, Job))
        )
        return tuple(sorted((Job(**row._mapping) for row in rows), key=lambda job: job.id))

    def settle(
        self, job: Job, status: Sending, *, error: str | None = None, outside_id: str | None = None
    ) -> bool:
        """End of a message's life; False when another worker took it over meanwhile."""
        hit = self.change(
            outbox,
            outbox.c.id == job.id,
            outbox.c.owner == job.owner,
            outbox.c.status == Sending.LEASED,
            status=status,
            settled_at=self.unit.now,
            leased_until=None,
            error=error,
            outside_id=outside_id,
        )
        self.unit.touched.add("outbox")
        return bool(hit)

    def later(
        self, job: Job, due_at: datetime, error: str, *, ambiguous: bool = False, untried: bool = False
    ) -> bool:
        """Put it off; `untried` when it only waited for its turn."""
        self.unit.touched.add("outbox")
        return bool(
            self.change(
                outbox,
                outbox.c.id == job.id,
                outbox.c.owner == job.owner,
                outbox.c.status == Sending.LEASED,
                status=Sending.PENDING,
                leased_until=None,
                due_at=due_at,
                error=error,
                ambiguous=outbox.c.ambiguous + int(ambiguous),
                attempts=outbox.c.attempts - int(untried),
            )
        )

    def drop(self, key: str) -> bool:
        """Forget a message that nobody has tried to send and nobody needs any more."""
        return bool(
            self.change(
                outbox, outbox.c.key == key, outbox.c.status == Sending.PENDING, status=Sending.DROPPED
            )
        )

    def pause_channel(self, channel: str, until: datetime) -> None:
        """Nothing leaves by this channel until then; the others go on."""
        self.pause(channel + EVERYWHERE, until)

    def pause(self, lane: str, until: datetime) -> None:
        hit = self.sql.execute(update(pauses).where(pauses.c.lane == lane).values(until=until))
        if hit.rowcount == 0:
            self.sql.execute(pauses.insert().values(lane=lane, until=until))

    def readdress(self, channel: str, old: str, new: str) -> None:
        """Waiting messages follow a group that changed its address."""
        here = and_(outbox.c.channel == channel, outbox.c.address == old, self.waiting)
        self.change(outbox, here, address=new, lane=f"{channel}:{new}")

    def release(self, owner: str) -> int:
        """Leases of a former process of this one database have run out (its sends are ambiguous)."""
        return self.change(
            outbox,
            self.waiting,
            outbox.c.status == Sending.LEASED,
            outbox.c.owner != owner,
            leased_until=self.unit.now,
        )

    def find_job(self, key: int) -> Job | None:
        return self.find(Job, self.query(outbox, Job, outbox.c.id == key))

    def recent(self, most: int = 200) -> tuple[Job, ...]:
        return self.list(Job, self.query(outbox, Job).order_by(outbox.c.id.desc()).limit(most))

    def of_ticket(self, ticket_id: int) -> tuple[Job, ...]:
        return self.list(Job, self.query(outbox, Job, outbox.c.ticket_id == ticket_id).order_by(outbox.c.id))

    def counts(self) -> dict[str, int]:
        rows = self.sql.execute(select(outbox.c.status, func.count()).group_by(outbox.c.status)).all()
        return {str(status): number for status, number in rows}
