"""Which deadlines a ticket gets when it enters a state: a table of (kind, state, from when, after how long)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records.plan import Due
from storage.records.policy import Periods
from storage.records.ticket import Kind, State, Ticket, Work

# From the ticket as it is now, the state it came from (None: just opened) and this moment.
From = Callable[[Ticket, State | None, datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Duty:
    """In `states`, `kind` is due `after` the moment that `start` gives."""

    kind: Due
    states: frozenset[State]
    after: Callable[[Periods, Ticket], timedelta]
    start: From


def entry(_ticket: Ticket, _before: State | None, now: datetime) -> datetime | None:
    return now


def reported(ticket: Ticket, before: State | None, now: datetime) -> datetime | None:
    """T1 counts from the report until the first dispatch; later it counts from the return to the desk."""
    return ticket.submitted_at if before in {State.DRAFT, State.RECEIVED, State.TRIAGED} else now


def expected(ticket: Ticket, _before: State | None, _now: datetime) -> datetime | None:
    """T5 counts from the promised arrival: the engineer's ETA, or the appointment."""
    if ticket.state is State.SCHEDULED:
        return ticket.appointment_at
    return ticket.eta_at if ticket.detail in {Work.EN_ROUTE, None} else None


def always(name: str) -> Callable[[Periods, Ticket], timedelta]:
    def after(periods: Periods, _ticket: Ticket) -> timedelta:
        found: timedelta = getattr(periods, name)
        return found

    return after


def urgent_or(name: str) -> Callable[[Periods, Ticket], timedelta]:
    def after(periods: Periods, ticket: Ticket) -> timedelta:
        found: timedelta = getattr(periods, f"urgent_{name}" if ticket.urgent else name)
        return found

    return after


def duty(
    kind: Due, states: set[State], after: Callable[[Periods, Ticket], timedelta], start: From = entry
) -> Duty:
    return Duty(kind, frozenset(states), after, start)


S = State
WAITING = {S.RECEIVED, S.TRIAGED}

DUTIES = (
    duty(Due.DRAFT_REMIND, {S.DRAFT}, always("draft_remind")),
    duty(Due.DRAFT_EXPIRE, {S.DRAFT}, always("draft_expire")),
    duty(Due.DISPATCH, WAITING, always("dispatch"), reported),
    duty(Due.DISPATCH_MANAGER, WAITING, always("dispatch_manager"), reported),
    duty(Due.OFFER_REMIND, {S.OFFERED}, urgent_or("offer_remind")),
    duty(Due.OFFER_EXPIRE, {S.OFFERED}, urgent_or("offer_expire")),
    duty(Due.ARRIVAL, {S.ACCEPTED, S.SCHEDULED, S.IN_PROGRESS}, always("arrival_grace"), expected),
    duty(Due.HOLD, {S.ON_HOLD}, always("hold_follow_up")),
    duty(Due.SIGNOFF_FIRST, {S.COMPLETED}, always("signoff_first")),
    duty(Due.SIGNOFF_SECOND, {S.COMPLETED}, always("signoff_second")),
    duty(Due.SIGNOFF_AUTO, {S.COMPLETED}, always("signoff_auto")),
    duty(Due.RATING_REMIND, {S.CONFIRMED}, always("rating_remind")),
    duty(Due.RATING_EXPIRE, {S.CONFIRMED}, always("rating_expire")),
)


def on_entry(
    ticket: Ticket, before: State | None, now: datetime, periods: Periods
) -> tuple[tuple[Due, datetime], ...]:
    """(kind, due) of every deadline of the state just entered; one that counts from earlier may be past."""
    planned = []
    for line in DUTIES:
        start = line.start(ticket, before, now) if ticket.state in line.states else None
        if start is not None:
            planned.append((line.kind, start + line.after(periods, ticket)))
    return tuple(planned)


def for_life(ticket: Ticket, periods: Periods) -> tuple[tuple[Due, datetime], ...]:
    """Deadlines that follow a complaint whatever its state: the return call (P14.5) and the due date (P10.4)."""
    if ticket.kind is not Kind.COMPLAINT or ticket.submitted_at is None:
        return ()
    return (
        (Due.CALL_BACK, ticket.submitted_at + periods.return_call),
        (Due.COMPLAINT, ticket.due_at or ticket.submitted_at + periods.complaint_due),
    )
