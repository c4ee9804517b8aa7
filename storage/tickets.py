"""Tickets with their journal, offers, visits, reports, sign-offs and ratings."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from storage.errors import Stale
from storage.records.ticket import (
    ENDED,
    Assignment,
    Event,
    Offered,
    Rating,
    Report,
    SignOff,
    State,
    Ticket,
    Visit,
    Visiting,
)
from storage.repository import Repository
from storage.schema import (
    assignments,
    events,
    parts_used,
    ratings,
    reports,
    signoffs,
    tickets,
    visits,
)


class Tickets(Repository):
    def get(self, ticket_id: int) -> Ticket:
        return self.need(Ticket, tickets, ticket_id)

    def by_number(self, number: str) -> Ticket | None:
        return self.find(Ticket, self.query(tickets, Ticket, tickets.c.number == number))

    def by_source(self, source: str, source_key: str) -> Ticket | None:
        return self.find(
            Ticket,
            self.query(tickets, Ticket, tickets.c.source == source, tickets.c.source_key == source_key),
        )

    def where(self, *conditions: ColumnElement[bool], most: int = 500) -> tuple[Ticket, ...]:
        return self.list(Ticket, self.query(tickets, Ticket, *conditions).order_by(tickets.c.id).limit(most))

    def open_of_customer(self, person_id: int) -> tuple[Ticket, ...]:
        hidden = {*ENDED, State.DRAFT}
        return self.where(tickets.c.customer_id == person_id, tickets.c.state.not_in(hidden))

    def draft_of(self, person_id: int) -> Ticket | None:
        """The latest unfinished report of a customer."""
        mine = self.query(tickets, Ticket, tickets.c.customer_id == person_id, tickets.c.state == State.DRAFT)
        return self.find(Ticket, mine.order_by(tickets.c.id.desc()))

    def of_customer(self, person_id: int, most: int = 10) -> tuple[Ticket, ...]:
        return self.list(
            Ticket,
            self.query(tickets, Ticket, tickets.c.customer_id == person_id, tickets.c.number.is_not(None))
            .order_by(tickets.c.id.desc())
            .limit(most),
        )

    def all_of_customer(self, person_id: int) -> tuple[Ticket, ...]:
        return self.where(tickets.c.customer_id == person_id, most=100_000)

    def owned_by(self, person_id: int) -> tuple[Ticket, ...]:
        return self.where(tickets.c.owner_id == person_id, tickets.c.state.not_in({*ENDED, State.CONFIRMED}))

    def open(self) -> tuple[Ticket, ...]:
        return self.where(tickets.c.state.not_in({*ENDED, State.DRAFT}))

    def all(self, most: int = 1_000_000) -> tuple[Ticket, ...]:
        return self.where(most=most)

    def history(self, ticket: Ticket, most: int = 3) -> tuple[Ticket, ...]:
        """Earlier finished tickets of this customer or this place, newest first (P11.1)."""
        same = tickets.c.customer_id == ticket.customer_id
        if ticket.site_id is not None:
            same = same | (tickets.c.site_id == ticket.site_id)
        done = tickets.c.completed_at.is_not(None)
        return self.list(
            Ticket,
            self.query(tickets, Ticket, same, done, tickets.c.id != ticket.id)
            .order_by(tickets.c.completed_at.desc())
            .limit(most),
        )

    def create(self, **values: Any) -> Ticket:
        return self.get(self.add(tickets, **values))

    def update(self, ticket: Ticket, **values: Any) -> Ticket:
        """Write a change; `Stale` when somebody else wrote since `ticket` was read."""
        hit = self.change(
            tickets,
            tickets.c.id == ticket.id,
            tickets.c.version == ticket.version,
            version=ticket.version + 1,
            updated_at=self.unit.now,
            **values,
        )
        if hit != 1:
            msg = f"ticket {ticket.id} is no longer at version {ticket.version}"
            raise Stale(msg)
        return self.get(ticket.id)

    def number_taken(self, number: str) -> bool:
        return self.by_number(number) is not None

    # --- journal ---

    def record(self, event: dict[str, Any]) -> int:
        return self.add(events, **event)

    def journal(self, ticket_id: int) -> tuple[Event, ...]:
        return self.list(
            Event, self.query(events, Event, events.c.ticket_id == ticket_id).order_by(events.c.seq)
        )

    # --- offers ---

    def offer(self, ticket_id: int, engineer_id: int, score: float, why: str) -> Assignment:
        key = self.add(
            assignments,
            ticket_id=ticket_id,
            engineer_id=engineer_id,
            status=Offered.OFFERED,
            score=score,
            why=why,
            offered_at=self.unit.now,
        )
        return self.assignment(key)

    def assignment(self, key: int) -> Assignment:
        return self.need(Assignment, assignments, key)

    def offers(self, ticket_id: int, *status: Offered) -> tuple[Assignment, ...]:
        where = [assignments.c.ticket_id == ticket_id]
        if status:
            where.append(assignments.c.status.in_(status))
        return self.list(Assignment, self.query(assignments, Assignment, *where).order_by(assignments.c.id))

    def last_offer(self, ticket_id: int, engineer_id: int) -> Assignment | None:
        return self.find(
            Assignment,
            self.query(
                assignments,
                Assignment,
                assignments.c.ticket_id == ticket_id,
                assignments.c.engineer_id == engineer_id,
            ).order_by(assignments.c.id.desc()),
        )

    def settle_offers(self, chosen: Iterable[Assignment], status: Offered, reason: str | None = None) -> None:
        keys = [offer.id for offer in chosen]
        if keys:
            self.change(
                assignments,
                assignments.c.id.in_(keys),
                status=status,
                reason=reason,
                answered_at=self.unit.now,
            )

    # --- visits and parts ---

    def depart(self, ticket_id: int, engineer_id: int, eta_at: datetime | None) -> Visit:
        key = self.add(
            visits,
            ticket_id=ticket_id,
            engineer_id=engineer_id,
            status=Visiting.EN_ROUTE,
            eta_at=eta_at,
            departed_at=self.unit.now,
        )
        return self.need(Visit, visits, key)

    def visits(self, ticket_id: int) -> tuple[Visit, ...]:
        return self.list(
            Visit, self.query(visits, Visit, visits.c.ticket_id == ticket_id).order_by(visits.c.id)
        )

    def update_visit(self, visit: Visit, **values: Any) -> None:
        self.change(visits, visits.c.id == visit.id, **values)

    def use_part(self, ticket_id: int, engineer_id: int, text: str) -> None:
        self.add(parts_used, ticket_id=ticket_id, engineer_id=engineer_id, text=text, at=self.unit.now)

    def parts(self, ticket_id: int) -> tuple[str, ...]:
        used = select(parts_used.c.text).where(parts_used.c.ticket_id == ticket_id).order_by(parts_used.c.id)
        return tuple(self.sql.execute(used).scalars())

    # --- report, sign-off, rating ---

    def report(self, ticket_id: int, engineer_id: int, body: dict[str, Any], digest: str) -> Report:
        count = select(func.count()).select_from(reports).where(reports.c.ticket_id == ticket_id)
        key = self.add(
            reports,
            ticket_id=ticket_id,
            version=int(self.sql.execute(count).scalar_one()) + 1,
            engineer_id=engineer_id,
            body=body,
            hash=digest,
            created_at=self.unit.now,
        )
        return self.need(Report, reports, key)

    def last_report(self, ticket_id: int) -> Report | None:
        return self.find(
            Report,
            self.query(reports, Report, reports.c.ticket_id == ticket_id).order_by(reports.c.version.desc()),
        )

    def ask_signoff(self, report: Report) -> SignOff:
        key = self.add(
            signoffs,
            ticket_id=report.ticket_id,
            report_id=report.id,
            status="requested",
            report_hash=report.hash,
            requested_at=self.unit.now,
        )
        return self.need(SignOff, signoffs, key)

    def last_signoff(self, ticket_id: int) -> SignOff | None:
        return self.find(
            SignOff,
            self.query(signoffs, SignOff, signoffs.c.ticket_id == ticket_id).order_by(signoffs.c.id.desc()),
        )

    def signoffs(self, ticket_id: int) -> tuple[SignOff, ...]:
        return self.list(
            SignOff, self.query(signoffs, SignOff, signoffs.c.ticket_id == ticket_id).order_by(signoffs.c.id)
        )

    def answer_signoff(self, signoff: SignOff, **values: Any) -> SignOff:
        self.change(signoffs, signoffs.c.id == signoff.id, answered_at=self.unit.now, **values)
        return self.need(SignOff, signoffs, signoff.id)

    def ask_rating(self, signoff: SignOff, customer_id: int, engineer_id: int) -> Rating:
        key = self.add(
            ratings,
            ticket_id=signoff.ticket_id,
            signoff_id=signoff.id,
            customer_id=customer_id,
            engineer_id=engineer_id,
            status="requested",
            requested_at=self.unit.now,
        )
        return self.rating(key)

    def rating(self, key: int) -> Rating:
        return self.need(Rating, ratings, key)

    def last_rating(self, ticket_id: int) -> Rating | None:
        return self.find(
            Rating,
            self.query(ratings, Rating, ratings.c.ticket_id == ticket_id).order_by(ratings.c.id.desc()),
        )

    def update_rating(self, rating: Rating, **values: Any) -> Rating:
        self.change(ratings, ratings.c.id == rating.id, **values)
        return self.rating(rating.id)
