"""Who is told of what: a table of verbs. The actor himself is never told what he just did."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from storage.records.ticket import Kind, Verb


class Whom(StrEnum):
    CUSTOMER = "customer"
    OWNER = "owner"
    OFFICE = "office"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell `whom` the sentence `key` of the phrase book, `unless` it is such a ticket. `duty`: said again when
    in doubt (G4).

    `fades`: it tells of a state, and is dropped if the ticket has left that state before it could be sent
    (LIFECYCLE.md: nobody is told of a state already left). What tells of an event never fades.
    """

    whom: Whom
    key: str
    duty: bool = True
    fades: bool = False
    unless: Kind | None = None


V, W = Verb, Whom

NOTICES: Mapping[Verb, tuple[Notice, ...]] = MappingProxyType(
    {
        V.ACCEPT: (Notice(W.CUSTOMER, "accepted", fades=True),),
        # Who complains reads on the card, which comes in the same moment, that he is called.
        V.TAKE: (Notice(W.CUSTOMER, "taken", fades=True, unless=Kind.COMPLAINT),),
        V.PROMISE: (Notice(W.CUSTOMER, "promised", fades=True),),
        V.DEPART: (Notice(W.CUSTOMER, "departed", fades=True),),
        V.ARRIVE: (Notice(W.CUSTOMER, "arrived", fades=True),),
        V.START_REMOTE: (Notice(W.CUSTOMER, "remote_started", fades=True),),
        V.SCHEDULE: (Notice(W.CUSTOMER, "scheduled", fades=True),),
        V.HOLD: (Notice(W.CUSTOMER, "held", fades=True), Notice(W.OWNER, "held")),
        V.RESUME: (Notice(W.CUSTOMER, "resumed", fades=True), Notice(W.OWNER, "resumed")),
        V.REASSIGN: (Notice(W.CUSTOMER, "looking_again", fades=True), Notice(W.OWNER, "reassigned_away")),
        V.HAND_BACK: (Notice(W.CUSTOMER, "looking_again", fades=True), Notice(W.OFFICE, "handed_back")),
        V.CONFIRM: (Notice(W.OWNER, "signed"),),
        V.AUTO_CONFIRM: (Notice(W.CUSTOMER, "auto_signed"), Notice(W.OWNER, "auto_signed_owner", duty=False)),
        V.DISPUTE: (
            Notice(W.OWNER, "disputed_owner"),
            Notice(W.OFFICE, "disputed"),
            Notice(W.MANAGER, "disputed"),
        ),
        V.REOPEN: (Notice(W.OFFICE, "reopened"), Notice(W.CUSTOMER, "reopened_customer")),
        V.CANCEL: (
            Notice(W.CUSTOMER, "cancelled_customer"),
            Notice(W.OWNER, "cancelled"),
            Notice(W.OFFICE, "cancelled"),
        ),
        V.DUPLICATE: (Notice(W.CUSTOMER, "duplicate"), Notice(W.OWNER, "cancelled")),
    }
)
