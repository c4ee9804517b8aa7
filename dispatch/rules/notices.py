"""Who is told of what: a table of verbs. The actor himself is never told what he just did."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from storage.records.ticket import Verb


class Whom(StrEnum):
    CUSTOMER = "customer"
    OWNER = "owner"
    OFFICE = "office"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell `whom` the sentence `key` of the phrase book. `duty`: said again when in doubt (G4)."""

    whom: Whom
    key: str
    duty: bool = True


V, W = Verb, Whom

NOTICES: Mapping[Verb, tuple[Notice, ...]] = MappingProxyType(
    {
        V.ACCEPT: (Notice(W.CUSTOMER, "accepted"),),
        V.TAKE: (Notice(W.CUSTOMER, "taken"),),
        V.PROMISE: (Notice(W.CUSTOMER, "promised"),),
        V.DEPART: (Notice(W.CUSTOMER, "departed"),),
        V.ARRIVE: (Notice(W.CUSTOMER, "arrived"),),
        V.START_REMOTE: (Notice(W.CUSTOMER, "remote_started"),),
        V.SCHEDULE: (Notice(W.CUSTOMER, "scheduled"),),
        V.HOLD: (Notice(W.CUSTOMER, "held"), Notice(W.OWNER, "held")),
        V.RESUME: (Notice(W.CUSTOMER, "resumed"), Notice(W.OWNER, "resumed")),
        V.REASSIGN: (Notice(W.CUSTOMER, "looking_again"), Notice(W.OWNER, "reassigned_away")),
        V.HAND_BACK: (Notice(W.CUSTOMER, "looking_again"), Notice(W.OFFICE, "handed_back")),
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
