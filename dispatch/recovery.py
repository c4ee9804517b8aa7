"""After the service was away: how long nobody listened, and the open questions asked again (G1, F22)."""

from datetime import datetime, timedelta

from dispatch import addresses, telling
from storage.records.ticket import Offered, State
from storage.unit import UnitOfWork

HEARD = "telegram.heard"
# Telegram forgets a button press after 150 s and a message after 24 h (GUARANTEES part 1).
BUTTONS = timedelta(seconds=120)
MESSAGES = timedelta(hours=24)


def listening(unit: UnitOfWork) -> None:
    unit.plans.know(HEARD, unit.now.isoformat())


def away(unit: UnitOfWork) -> timedelta:
    """How long nobody has asked Telegram for updates; zero before the first time."""
    heard = unit.plans.fact(HEARD)
    return unit.now - datetime.fromisoformat(heard) if heard else timedelta(0)


def resume(unit: UnitOfWork, gap: timedelta) -> int:
    """Put the open offers and sign-offs again when presses may have been lost; tells how many were."""
    if gap <= BUTTONS:
        return 0
    listening(unit)  # this gap is dealt with: a second start soon after asks nobody again
    about = unit.now.isoformat()
    asked = 0
    for ticket in unit.tickets.open():
        if ticket.state is State.OFFERED:
            for offer in unit.tickets.offers(ticket.id, Offered.OFFERED):
                asked += telling.person(unit, offer.engineer_id, "offer_waits", about, ticket)
        elif ticket.state is State.COMPLETED:
            asked += telling.person(unit, ticket.customer_id, "signoff_waits", about, ticket)
    key = "was_away_long" if gap > MESSAGES else "was_away"
    for to in addresses.office(unit):
        telling.notice(unit, to, key, about, minutes=int(gap.total_seconds() // 60), asked=asked)
    return asked


def release(unit: UnitOfWork, owner: str) -> tuple[int, int, int]:
    """At start of the one process of this database: what its forerunner held is free (inbox rows, outbox rows,
    files)."""
    return unit.inbox.release(owner), unit.outbox.release(owner), unit.messages.release_files()
