"""What a channel gets to carry: the outbox row and the facts of this moment, ready to be put into words."""

from dataclasses import dataclass

from dispatch.postage import Postage
from storage.records.message import Card, Entry, Job
from storage.records.people import Person
from storage.records.policy import Policy
from storage.records.ticket import Assignment, Rating, Report, SignOff, Ticket, Visit


@dataclass(frozen=True, slots=True)
class View:
    """A ticket with everything a card may show."""

    ticket: Ticket
    customer: Person
    owner: Person | None
    owned_since: Assignment | None
    offers: tuple[tuple[Assignment, Person], ...]
    visits: tuple[Visit, ...]
    report: Report | None
    signoff: SignOff | None
    rating: Rating | None
    parts: tuple[str, ...]
    files: int
    bad_files: int
    history: tuple[Ticket, ...]
    about: Ticket | None
    duplicate_of: Ticket | None
    engineers: tuple[tuple[Person, int], ...] = ()
    same_customer: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to carry. `again` marks a second sending of what may have arrived already (G4);
    `anchor` is the message of the ticket's card in this chat, to reply to."""

    job: Job
    policy: Policy
    language: str
    person: Person | None
    view: View | None = None
    card: Card | None = None
    entry: Entry | None = None
    author: Person | None = None
    anchor: str | None = None
    postage: Postage | None = None

    @property
    def again(self) -> bool:
        return self.job.ambiguous > 0 and self.job.duty
