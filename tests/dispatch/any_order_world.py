"""The world of test_any_order: a real archive in one open transaction that is rolled back after the story."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from any_order_moves import ALSO_ITS, ITS_OWN, MOVES
from sqlalchemy import Connection

from bot import cards, notices
from callout.clock import HandClock
from dispatch import correspondence, deadlines, desk, outcomes, queries, register
from dispatch.errors import Refusal
from dispatch.letters import Letter
from dispatch.ports import Receipt, Undelivered
from dispatch.rules.lifecycle import LIFE, Party
from storage.records.message import Sending
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Offered, State, Ticket, Verb
from storage.unit import UnitOfWork

POLICY = Policy()
ROLES = {
    "mei": (),
    "ana": (Role.ENGINEER,),
    "bo": (Role.ENGINEER,),
    "otto": (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR),
    "nora": (),
}
SPANS = (1, 2, 4, 6, 11, 21, 31, 60 * 25, 60 * 49, 60 * 73, 60 * 24 * 8)  # minutes the clock is turned by
MOST_TICKETS = 4


def found(unit: UnitOfWork) -> list[Person]:
    """The cast, and one report of Mei's that waits to be dispatched."""
    people = []
    for number, (name, roles) in enumerate(ROLES.items(), start=101):
        person = register.caller(unit, "telegram", str(number), name.title(), "zh" if name == "bo" else "en")
        for role in roles:
            person = register.employ(unit, person, role)
        people.append(register.duty(unit, person, True) if Role.ENGINEER in roles else person)
    report(unit, people[0], "first")
    desk.submit(unit, 1, people[0])
    return people


def report(unit: UnitOfWork, customer: Person, key: str) -> Ticket:
    draft = desk.open_draft(unit, customer, "telegram", key)
    desk.describe(unit, draft.id, customer, problem="Lift 3 is stuck", place="12 Harbour Street")
    return draft


# What gets a job done; without a bias for it most stories would end in a cancellation.
FORWARD = {
    *(Verb.SUBMIT, Verb.OFFER, Verb.ACCEPT, Verb.TAKE, Verb.DEPART, Verb.ARRIVE, Verb.START_REMOTE),
    *(Verb.HOLD, Verb.RESUME, Verb.COMPLETE, Verb.CONFIRM, Verb.DISPUTE, Verb.RATE, Verb.RERATE),
}


STRAIGHT = (
    (Verb.OFFER, 4, 1),
    (Verb.ACCEPT, 2, 1),
    (Verb.DEPART, 2, 31),
    (Verb.ARRIVE, 2, 0),
    (Verb.COMPLETE, 2, 2),
    (Verb.CONFIRM, 1, 1),
    (Verb.RATE, 1, 5),
)


class World:
    """One example: everything happens in one transaction that is rolled back at the end."""

    def __init__(self, connection: Connection, people: list[Person]) -> None:
        self.sql = connection
        self.people = people
        self.raw: Any = connection.connection.dbapi_connection
        self.clock = HandClock()
        self.chance = random.Random(11)
        self.keys = count(1)
        self.tables = [
            row[0] for row in self.raw.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        self.refused = self.done = 0
        self.visited = Counter[State]()

    def unit(self) -> UnitOfWork:
        return UnitOfWork(self.sql, self.clock.now(), self.chance, POLICY)

    def dump(self) -> list[list[Any]]:
        """Every row of every table."""
        return [self.raw.execute(f"SELECT * FROM {table}").fetchall() for table in self.tables]  # noqa: S608

    def run(self, command: Callable[..., Any], *args: Any) -> Refusal | None:
        """One command as the writer thread runs it; the refusal if the trade said no."""
        unit = self.unit()
        try:
            with self.sql.begin_nested():
                command(unit, *args)
        except Refusal as no:
            self.refused += 1
            return no
        self.done += 1
        return None

    def versions(self) -> dict[int, int]:
        return dict(self.raw.execute("SELECT id, version FROM tickets").fetchall())

    def get_on(self, steps: int) -> None:
        """So many steps of the straight way, so that stories begin anywhere on it."""
        for verb, who, n in STRAIGHT[:steps]:
            refusal = self.move(verb, 1, self.people[who - 1], n)
            assert not refusal, f"{verb}: {refusal}"

    def move(self, verb: Verb, ticket_id: int, who: Person | None, n: int) -> Refusal | None:
        """Say a verb; what only the service may say is not offered to anybody else, and the other way round."""
        if (who is None) != (verb in ITS_OWN) and not (who is None and verb in ALSO_ITS):
            return Refusal("nobody can press that")

        def command(unit: UnitOfWork) -> None:
            MOVES[verb](unit, unit.tickets.get(ticket_id), who, n)  # type: ignore[arg-type]  # None: the service

        return self.run(command)

    def likely(self, ticket_id: int, n: int) -> tuple[Verb, Person | None] | None:
        """A verb that the table allows now, and somebody who may say it; None when there is none."""
        unit = self.unit()
        ticket = unit.tickets.get(ticket_id)
        by_party = {Party.CUSTOMER: ticket.customer_id, Party.OWNER: ticket.owner_id, Party.DISPATCHER: 4}
        holders = [o.engineer_id for o in unit.tickets.offers(ticket_id, Offered.OFFERED, Offered.EXPIRED)]
        by_party[Party.HOLDER] = holders[n % len(holders)] if holders else None
        choices = [
            (line.verb, party)
            for line in LIFE
            if ticket.state in line.froms and line.verb in MOVES and line.verb is not Verb.DUPLICATE
            for party in sorted(line.who)
            if by_party.get(party) or party is Party.SYSTEM
        ]
        forward = [choice for choice in choices if choice[0] in FORWARD]
        choices = forward if forward and n % 8 else choices
        if not choices:
            return None
        verb, party = choices[n // 8 % len(choices)]
        person_id = by_party.get(party)
        return verb, self.people[person_id - 1] if person_id else None

    # --- what happens besides verbs ---

    def open(self, who: Person) -> None:
        if len(self.versions()) < MOST_TICKETS:
            self.run(lambda unit: report(unit, who, f"report {next(self.keys)}"))

    def turn(self, n: int) -> None:
        """Time passes; mostly the deadlines fire at once, sometimes the clockwork is late."""
        self.clock.advance(60 * SPANS[n % len(SPANS)])
        if n % 5:
            self.fire()

    def fire(self) -> None:
        while due := self.unit().plans.due(100):
            for deadline in due:
                self.run(deadlines.fire, deadline)

    def letter(self, ticket_id: int, who: Person) -> None:
        """A message about a ticket, from somebody who may read it: the edge asks before it hands it on."""
        unit = self.unit()
        ticket = unit.tickets.get(ticket_id)
        if queries.readable(unit, ticket, who):
            letter = Letter("telegram", str(100 + who.id), f"{next(self.keys)}", "text", "Is it done yet?")
            self.run(correspondence.receive, letter, who, ticket)

    def post(self, n: int) -> None:
        """The postman takes a round: what is still true is put into words and goes out, or fails."""
        unit = self.unit()
        for job in unit.outbox.claim("postman", timedelta(seconds=60), 4):
            parcel = queries.parcel(unit, job)
            if parcel is None:
                self.run(outcomes.dropped, job)
                continue
            if job.kind == "card":
                cards.render(parcel, unit.now)
            elif job.kind == "notice":
                notices.render(parcel, unit.now)
            if n % 10 == 9:
                self.run(outcomes.failed, job, Undelivered("blocked", forever=n % 20 == 19, ambiguous=True))
            else:
                self.run(outcomes.sent, job, Receipt((f"{job.id}",)))
        assert not unit.outbox.counts().get(Sending.LEASED)

    def stake(self, ticket: Ticket, who: Person) -> bool:
        """Whether somebody has any business with a ticket, told without the lifecycle's own table."""
        offer = self.unit().tickets.last_offer(ticket.id, who.id)
        asked = offer is not None and offer.status in {Offered.OFFERED, Offered.EXPIRED}
        return who.id in {ticket.customer_id, ticket.owner_id} or who.office or asked


WAITING = {State.RECEIVED, State.TRIAGED, State.OFFERED, State.ON_HOLD, State.COMPLETED, State.CONFIRMED}
