"""The life of a ticket as a table: which verb leads from where to where, and who may say it (LIFECYCLE.md)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dispatch.errors import Refusal
from storage.records.people import Person, Role
from storage.records.policy import Periods
from storage.records.ticket import Event, State, Ticket, Verb, Work


class Party(StrEnum):
    """What somebody is to one ticket."""

    CUSTOMER = "customer"
    HOLDER = "holder"
    OWNER = "owner"
    DISPATCHER = "dispatcher"
    MANAGER = "manager"
    SYSTEM = "system"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard may look at."""

    ticket: Ticket
    parties: frozenset[Party]
    now: datetime
    periods: Periods
    args: dict[str, Any] = field(default_factory=dict)


Guard = Callable[[Situation], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; `to` lists the states it may lead to, empty when the state stays."""

    verb: Verb
    froms: frozenset[State]
    to: tuple[State, ...]
    who: frozenset[Party]
    guards: tuple[Guard, ...] = ()


# --- guards: None, or the key of the refusal ---------------------------------------------------------------


def has_reason(situation: Situation) -> str | None:
    return None if situation.args.get("reason") else "reason_needed"


def complete_report(situation: Situation) -> str | None:
    ticket = situation.ticket
    # Who writes a mail is not asked step by step: where it is may stand in the text, else the desk asks.
    placed = ticket.place.strip() or ticket.latitude is not None or ticket.source == "mail"
    known = ticket.problem.strip() and placed
    return None if known else "report_incomplete"


def before_departure(situation: Situation) -> str | None:
    """The customer may cancel until the engineer is on the way; the office always."""
    if situation.parties & {Party.DISPATCHER, Party.MANAGER, Party.SYSTEM}:
        return None
    gone = {Work.EN_ROUTE, Work.ON_SITE, Work.DISPUTED}
    before_hold = (situation.ticket.held_from or "").partition(":")[2]
    return "already_on_the_way" if {situation.ticket.detail, before_hold} & gone else None


def urgent_hold(situation: Situation) -> str | None:
    """An urgent job is put on hold by dispatcher or manager only."""
    allowed = not situation.ticket.urgent or situation.parties & {Party.DISPATCHER, Party.MANAGER}
    return None if allowed else "urgent_hold"


def may_auto_confirm(situation: Situation) -> str | None:
    return "urgent_needs_signature" if situation.ticket.urgent else None


def recent_enough(situation: Situation) -> str | None:
    ended = situation.ticket.closed_at or situation.ticket.completed_at
    if ended is None or situation.now - ended <= situation.periods.reopen:
        return None
    return "too_late_to_reopen"


def signed_or_scanned(situation: Situation) -> str | None:
    """The customer presses; the office needs a scan of the signature (P11.4)."""
    if Party.CUSTOMER in situation.parties or situation.args.get("evidence"):
        return None
    return "scan_needed"


def valid_grade(situation: Situation) -> str | None:
    return None if situation.args.get("grade") in {1, 2, 3, 4, 5} else "grade_needed"


S, V, P = State, Verb, Party
OFFICE = (P.DISPATCHER, P.MANAGER)
WORKING = (S.ACCEPTED, S.SCHEDULED, S.IN_PROGRESS)
BEFORE_COMPLETED = (S.RECEIVED, S.TRIAGED, S.OFFERED, *WORKING, S.ON_HOLD)


def rule(
    verb: Verb,
    froms: Iterable[State],
    to: State | tuple[State, ...],
    who: Iterable[Party],
    *guards: Guard,
) -> Rule:
    return Rule(verb, frozenset(froms), to if isinstance(to, tuple) else (to,), frozenset(who), guards)


SAME: tuple[State, ...] = ()

LIFE: tuple[Rule, ...] = (
    rule(V.DESCRIBE, [S.DRAFT], SAME, [P.CUSTOMER, *OFFICE]),
    rule(V.SUBMIT, [S.DRAFT], S.RECEIVED, [P.CUSTOMER, *OFFICE, P.SYSTEM], complete_report),
    rule(V.TRIAGE, [S.RECEIVED, S.TRIAGED], S.TRIAGED, [*OFFICE, P.SYSTEM]),
    rule(V.RECLASSIFY, [S.OFFERED, *WORKING, S.ON_HOLD], SAME, OFFICE),
    rule(V.OFFER, [S.TRIAGED], S.OFFERED, [*OFFICE, P.SYSTEM]),
    rule(V.ACCEPT, [S.OFFERED, S.TRIAGED], S.ACCEPTED, [P.HOLDER]),
    rule(V.TAKE, [S.TRIAGED, S.OFFERED], S.ACCEPTED, OFFICE),
    rule(V.DECLINE, [S.OFFERED], (S.TRIAGED, S.OFFERED), [P.HOLDER], has_reason),
    rule(V.EXPIRE, [S.OFFERED], (S.TRIAGED, S.OFFERED), [P.SYSTEM]),
    rule(V.WITHDRAW, [S.OFFERED], S.TRIAGED, OFFICE),
    rule(V.REASSIGN, [*WORKING, S.ON_HOLD], S.TRIAGED, OFFICE, has_reason),
    rule(V.HAND_BACK, [*WORKING, S.ON_HOLD], S.TRIAGED, [P.OWNER], has_reason),
    rule(V.SCHEDULE, [S.ACCEPTED, S.SCHEDULED], S.SCHEDULED, [P.OWNER, *OFFICE]),
    rule(V.PROMISE, [S.ACCEPTED, S.SCHEDULED], SAME, [P.OWNER]),
    rule(V.DEPART, WORKING, S.IN_PROGRESS, [P.OWNER]),
    rule(V.ARRIVE, WORKING, S.IN_PROGRESS, [P.OWNER]),
    rule(V.START_REMOTE, WORKING, S.IN_PROGRESS, [P.OWNER]),
    rule(V.HOLD, WORKING, S.ON_HOLD, [P.OWNER, *OFFICE], has_reason, urgent_hold),
    rule(V.RESUME, [S.ON_HOLD], WORKING, [P.OWNER, *OFFICE, P.CUSTOMER, P.SYSTEM]),
    rule(V.PARTS, WORKING, SAME, [P.OWNER]),
    rule(V.COMPLETE, [S.IN_PROGRESS], S.COMPLETED, [P.OWNER]),
    rule(V.CONFIRM, [S.COMPLETED], S.CONFIRMED, [P.CUSTOMER, *OFFICE], signed_or_scanned),
    rule(V.DISPUTE, [S.COMPLETED], S.IN_PROGRESS, [P.CUSTOMER], has_reason),
    rule(V.AUTO_CONFIRM, [S.COMPLETED], S.CONFIRMED, [P.SYSTEM], may_auto_confirm),
    rule(V.RATE, [S.CONFIRMED], S.CLOSED, [P.CUSTOMER], valid_grade),
    rule(V.RERATE, [S.CLOSED], SAME, [P.CUSTOMER], valid_grade),
    rule(V.EXPIRE_RATING, [S.CONFIRMED], S.CLOSED, [P.SYSTEM]),
    rule(V.CALL_BACK, [*BEFORE_COMPLETED, S.COMPLETED, S.CONFIRMED], SAME, OFFICE, has_reason),
    rule(V.REOPEN, [S.CONFIRMED, S.CLOSED], S.TRIAGED, [P.CUSTOMER, *OFFICE], recent_enough),
    rule(V.CANCEL, [S.DRAFT], S.CANCELLED, [P.CUSTOMER, P.SYSTEM, *OFFICE], has_reason),
    rule(V.CANCEL, BEFORE_COMPLETED, S.CANCELLED, [P.CUSTOMER, *OFFICE], has_reason, before_departure),
    rule(V.DUPLICATE, BEFORE_COMPLETED, S.CANCELLED, OFFICE, has_reason),
    # One customer turned out to be reached on two channels: his tickets are one person's from now on.
    rule(V.ADOPT, tuple(S), SAME, [P.SYSTEM]),
)


def parties(ticket: Ticket, actor: Person | None, *, holds_offer: bool) -> frozenset[Party]:
    """Everything `actor` is to this ticket; nobody (`None`) is the system itself."""
    if actor is None:
        return frozenset({Party.SYSTEM})
    facts = (
        (Party.CUSTOMER, ticket.customer_id == actor.id),
        (Party.OWNER, ticket.owner_id == actor.id),
        (Party.HOLDER, holds_offer and Role.ENGINEER in actor.roles),
        (Party.DISPATCHER, Role.DISPATCHER in actor.roles),
        (Party.MANAGER, Role.MANAGER in actor.roles),
    )
    found = frozenset(party for party, true in facts if true)
    return found or frozenset({Party.STRANGER})


def check(verb: Verb, situation: Situation) -> tuple[Rule, Party]:
    """The rule that allows it and the party it is done as; Refusal(not_yours | not_now | a guard's key) otherwise."""
    lines = [line for line in LIFE if line.verb is verb]
    mine = [line for line in lines if line.who & situation.parties]
    if not mine:
        raise Refusal("not_yours")
    fitting = [line for line in mine if situation.ticket.state in line.froms]
    if not fitting:
        raise Refusal("not_now", state=situation.ticket.state, detail=situation.ticket.detail)
    line = fitting[0]
    for guard in line.guards:
        if refused := guard(situation):
            raise Refusal(refused)
    # The most telling party first: a dispatcher who owns the job acts as its owner.
    return line, next(party for party in Party if party in line.who & situation.parties)


def allowed(situation: Situation) -> frozenset[Verb]:
    """Every verb that state and party allow now, guards aside; for cards and property tests."""
    return frozenset(
        line.verb for line in LIFE if situation.ticket.state in line.froms and line.who & situation.parties
    )


# --- replay ------------------------------------------------------------------------------------------------


class BrokenJournal(Exception):
    """A journal that no life of a ticket could have written."""


def replay(journal: Iterable[Event]) -> dict[str, Any]:
    """Rebuild the ticket's fields from its journal, refusing every step that the table does not know."""
    fields: dict[str, Any] = {}
    state: State | None = None
    for position, event in enumerate(journal, start=1):
        if event.seq != position:
            msg = f"ticket {event.ticket_id}: row {position} of the journal has seq {event.seq}"
            raise BrokenJournal(msg)
        if event.from_state != state or not _known(event, state):
            msg = f"ticket {event.ticket_id}: {event.verb} cannot lead from {state} to {event.to_state}"
            raise BrokenJournal(msg)
        state = event.to_state
        fields |= event.changes
        fields |= {"state": state.value, "version": event.seq}
    return fields


def _known(event: Event, state: State | None) -> bool:
    if event.verb is Verb.OPEN:
        return state is None and event.to_state is State.DRAFT
    for line in LIFE:
        if line.verb is event.verb and state in line.froms and event.party in line.who:
            target = line.to or (state,)
            if event.to_state in target:
                return True
    return False
