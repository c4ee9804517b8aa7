"""Being late is no state: it is a function of facts and time (LIFECYCLE.md)."""

from datetime import datetime

from storage.records.policy import Periods
from storage.records.ticket import ENDED, Kind, State, Ticket


def late(ticket: Ticket, now: datetime, periods: Periods) -> bool:
    """Something that should have happened by `now` has not."""
    if ticket.state in ENDED or ticket.submitted_at is None:
        return False
    undispatched = ticket.state in {State.RECEIVED, State.TRIAGED}
    expected = ticket.eta_at or (ticket.appointment_at if ticket.state is State.SCHEDULED else None)
    uncalled = ticket.kind is Kind.COMPLAINT and ticket.called_back_at is None
    marks = (
        ticket.submitted_at + periods.dispatch if undispatched else None,
        expected + periods.arrival_grace if expected else None,
        ticket.completed_at + periods.signoff_auto
        if ticket.state is State.COMPLETED and ticket.completed_at
        else None,
        ticket.submitted_at + periods.return_call if uncalled else None,
        ticket.due_at,
    )
    return any(mark is not None and mark <= now for mark in marks)
