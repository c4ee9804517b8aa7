"""Deadlines that fire once, dialogues that wait for an answer, and small facts about the service."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.records.plan import Deadline, Dialogue, Due
from storage.repository import Repository
from storage.schema import deadlines, dialogues, facts


class Plans(Repository):
    # --- deadlines ---

    def set(self, ticket_id: int, kind: Due, generation: int, due_at: datetime) -> None:
        """Plan a duty; the same (ticket, kind, generation) is planned once only."""
        same = (
            (deadlines.c.ticket_id == ticket_id)
            & (deadlines.c.kind == kind)
            & (deadlines.c.generation == generation)
        )
        if self.sql.execute(select(deadlines.c.id).where(same)).first() is None:
            self.add(deadlines, ticket_id=ticket_id, kind=kind, generation=generation, due_at=due_at)
            self.unit.touched.add("deadlines")

    def due(self, most: int) -> tuple[Deadline, ...]:
        waiting = (deadlines.c.fired_at.is_(None)) & (deadlines.c.due_at <= self.unit.now)
        return self.list(
            Deadline,
            self.query(deadlines, Deadline, waiting).order_by(deadlines.c.due_at, deadlines.c.id).limit(most),
        )

    def next_due(self) -> datetime | None:
        waiting = (
            select(deadlines.c.due_at).where(deadlines.c.fired_at.is_(None)).order_by(deadlines.c.due_at)
        )
        return self.sql.execute(waiting.limit(1)).scalar()

    def fire(self, deadline: Deadline) -> bool:
        """Mark it fired; False when somebody else did."""
        return bool(
            self.change(
                deadlines,
                deadlines.c.id == deadline.id,
                deadlines.c.fired_at.is_(None),
                fired_at=self.unit.now,
            )
        )

    def drop_before(self, ticket_id: int, generation: int) -> None:
        """Deadlines of states already left are dead; ticket-bound ones have generation 0 and stay."""
        self.sql.execute(
            delete(deadlines).where(
                deadlines.c.ticket_id == ticket_id,
                deadlines.c.fired_at.is_(None),
                deadlines.c.generation > 0,
                deadlines.c.generation < generation,
            )
        )

    def of_ticket(self, ticket_id: int) -> tuple[Deadline, ...]:
        return self.list(
            Deadline,
            self.query(deadlines, Deadline, deadlines.c.ticket_id == ticket_id).order_by(deadlines.c.due_at),
        )

    # --- dialogues ---

    def dialogue(self, channel: str, address: str, person_id: int) -> Dialogue | None:
        return self.find(
            Dialogue,
            self.query(
                dialogues,
                Dialogue,
                dialogues.c.channel == channel,
                dialogues.c.address == address,
                dialogues.c.person_id == person_id,
            ),
        )

    def dialogue_by_id(self, key: int) -> Dialogue | None:
        return self.find(Dialogue, self.query(dialogues, Dialogue, dialogues.c.id == key))

    def begin(
        self,
        channel: str,
        address: str,
        person_id: int,
        kind: str,
        ticket_id: int | None,
        state: dict[str, Any],
    ) -> Dialogue:
        """Start a dialogue; the one that was going on in this chat is over."""
        self.end(channel, address, person_id)
        key = self.add(
            dialogues,
            channel=channel,
            address=address,
            person_id=person_id,
            kind=kind,
            ticket_id=ticket_id,
            state=state,
            step=1,
            updated_at=self.unit.now,
        )
        return self.need(Dialogue, dialogues, key)

    def go_on(self, dialogue: Dialogue, state: dict[str, Any]) -> Dialogue:
        """A new state is a new step, and buttons of earlier steps are out of date; the same question asked again
        is the same step, so that whichever copy of it is pressed counts."""
        self.change(
            dialogues,
            dialogues.c.id == dialogue.id,
            state=state,
            step=dialogue.step + (state != dialogue.state),
            updated_at=self.unit.now,
        )
        return self.need(Dialogue, dialogues, dialogue.id)

    def asked(self, dialogue_id: int, message_id: str | None) -> None:
        self.change(dialogues, dialogues.c.id == dialogue_id, message_id=message_id)

    def end(self, channel: str, address: str, person_id: int) -> None:
        self.sql.execute(
            delete(dialogues).where(
                dialogues.c.channel == channel,
                dialogues.c.address == address,
                dialogues.c.person_id == person_id,
            )
        )

    def end_about(self, ticket_id: int) -> None:
        self.sql.execute(delete(dialogues).where(dialogues.c.ticket_id == ticket_id))

    # --- facts ---

    def fact(self, key: str) -> Any:
        return self.sql.execute(select(facts.c.value).where(facts.c.key == key)).scalar()

    def know(self, key: str, value: Any) -> None:
        hit = self.sql.execute(update(facts).where(facts.c.key == key).values(value=value))
        if hit.rowcount == 0:
            self.sql.execute(insert(facts).values(key=key, value=value))
