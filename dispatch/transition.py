"""The one door through which a ticket changes: check, record, tell, set deadlines, in one transaction."""

from datetime import datetime
from enum import Enum
from typing import Any

from dispatch import telling
from dispatch.rules import duties
from dispatch.rules.lifecycle import Party, Situation, check, parties
from storage.records.people import Person
from storage.records.ticket import ENDED, Offered, State, Ticket, Verb
from storage.unit import UnitOfWork

# A new generation begins, and the deadlines of the old one die, when one of these changes.
PHASE = ("state", "detail", "eta_at", "appointment_at")


def plain(value: Any) -> Any:
    """A field as the journal keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def situation(unit: UnitOfWork, ticket: Ticket, actor: Person | None, args: dict[str, Any]) -> Situation:
    holds = False
    if actor is not None:
        last = unit.tickets.last_offer(ticket.id, actor.id)
        # A late press is honoured: an offer that merely ran out can still be taken (LIFECYCLE.md, accept).
        holds = last is not None and last.status in {Offered.OFFERED, Offered.EXPIRED}
    return Situation(ticket, parties(ticket, actor, holds_offer=holds), unit.now, unit.policy.periods, args)


def require(unit: UnitOfWork, ticket: Ticket, verb: Verb, actor: Person | None, **args: Any) -> None:
    """Refusal when the table or a guard says no; nothing is changed either way."""
    check(verb, situation(unit, ticket, actor, args))


def apply(
    unit: UnitOfWork,
    ticket: Ticket,
    verb: Verb,
    actor: Person | None,
    *,
    to: State | None = None,
    changes: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    **args: Any,
) -> Ticket:
    """Change a ticket; Refusal when the table or a guard says no, Stale when it changed since it was read.

    `to` picks one of the states a rule allows, `changes` are ticket fields, `facts` go into the notices and
    `args` are what guards look at; facts and args are kept in the journal.
    """
    line, party = check(verb, situation(unit, ticket, actor, args))
    state = to or (line.to[0] if line.to else ticket.state)
    if line.to and state not in line.to:
        msg = f"{verb} does not lead to {state}"
        raise ValueError(msg)
    values: dict[str, Any] = {"state": state, **(changes or {})}
    if state in ENDED and ticket.closed_at is None:
        values["closed_at"] = unit.now
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    moved = any(name in changed for name in PHASE)
    if moved:
        changed["generation"] = ticket.generation + 1
    after = unit.tickets.update(ticket, **changed)
    _record(unit, ticket, after, verb, actor, party, changed, {**args, **(facts or {})})
    telling.after(unit, after, verb, actor, ticket.owner_id, facts or args)
    telling.refresh_all(unit, after)
    if moved:
        _deadlines(unit, after, ticket.state)
    _life_deadlines(unit, after)
    return after


def begin(unit: UnitOfWork, actor: Person | None, **values: Any) -> Ticket:
    """Open a draft: the first row of its journal holds every field."""
    ticket = unit.tickets.create(
        version=1, generation=1, state=State.DRAFT, created_at=unit.now, updated_at=unit.now, **values
    )
    first = {name: value for name, value in values.items() if value is not None}
    _record(
        unit,
        None,
        ticket,
        Verb.OPEN,
        actor,
        Party.CUSTOMER if actor else Party.SYSTEM,
        {"generation": 1, "created_at": unit.now, **first},
        {},
    )
    _deadlines(unit, ticket, None)
    return ticket


def _record(
    unit: UnitOfWork,
    before: Ticket | None,
    after: Ticket,
    verb: Verb,
    actor: Person | None,
    party: Party,
    changed: dict[str, Any],
    note: dict[str, Any],
) -> None:
    unit.tickets.record(
        {
            "ticket_id": after.id,
            "seq": after.version,
            "verb": verb,
            "from_state": before.state if before else None,
            "to_state": after.state,
            "actor_id": actor.id if actor else None,
            "party": party,
            "at": unit.now,
            "changes": {name: plain(value) for name, value in changed.items() if name != "state"},
            "note": {name: plain(value) for name, value in note.items()},
        }
    )


def _deadlines(unit: UnitOfWork, ticket: Ticket, before: State | None) -> None:
    """Those of the new state; one that has rung in an earlier state does not ring again, and one that
    should have and did not (we were away) still does."""
    unit.plans.drop_before(ticket.id, ticket.generation)
    rung = {(plan.kind, plan.due_at) for plan in unit.plans.of_ticket(ticket.id) if plan.fired_at}
    for kind, due_at in duties.on_entry(ticket, before, unit.now, unit.policy.periods):
        if (kind, due_at) not in rung:
            unit.plans.set(ticket.id, kind, ticket.generation, due_at)


def _life_deadlines(unit: UnitOfWork, ticket: Ticket) -> None:
    """Whatever its state: a ticket may also become a complaint while it stays where it is."""
    for kind, due_at in duties.for_life(ticket, unit.policy.periods):
        unit.plans.set(ticket.id, kind, 0, due_at)
