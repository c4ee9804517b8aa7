"""The sheet a letter is written on: one reader, one moment, his language and clock, and the foot all letters have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_skeleton, format_time

from dispatch.parcels import Parcel, View
from dispatch.texts import Phrases
from dispatch.wording import shorten
from intake.prose import GAP, LINE, Block, Row, row
from storage.records.mail import Purpose
from storage.records.people import Role
from storage.records.policy import Policy
from storage.records.ticket import Offered, Ticket

# The order in which the pages of a letter stand: what waits for an answer first.
PAGES = (Purpose.SIGN, Purpose.RATE, Purpose.JOB, Purpose.STATUS)


class Dated(Phrases):
    """A letter is read later than it is written: its moments always have their day."""

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=self.language)
        return f"{format_skeleton('MMMEd', local, locale=self.language)} {clock}"


@dataclass(frozen=True, slots=True)
class Words:
    """A letter in words: what it is about, and what it says."""

    subject: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter to one reader."""

    parcel: Parcel
    phrases: Phrases

    @property
    def policy(self) -> Policy:
        return self.parcel.policy

    @property
    def view(self) -> View:
        if self.parcel.view is None:
            msg = f"outbox row {self.parcel.job.id} names no ticket"
            raise ValueError(msg)
        return self.parcel.view

    @property
    def ticket(self) -> Ticket:
        return self.view.ticket

    @property
    def number(self) -> str:
        """The ticket's number, or empty."""
        return (self.parcel.view.ticket.number or "") if self.parcel.view else ""

    @property
    def to_customer(self) -> bool:
        person, view = self.parcel.person, self.parcel.view
        return person is not None and (view is None or view.customer.id == person.id) and not self.to_staff

    @property
    def to_staff(self) -> bool:
        """Staff may be customers, too: then the letter is about their own report."""
        person, view = self.parcel.person, self.parcel.view
        own = person is not None and view is not None and view.customer.id == person.id
        return person is None or (bool(person.roles) and not own)

    @property
    def to_engineer(self) -> bool:
        person, view = self.parcel.person, self.parcel.view
        asked = view is not None and any(engineer == person for _, engineer in view.offers)
        return self.to_staff and person is not None and (asked or person.roles == {Role.ENGINEER})

    @property
    def links(self) -> dict[Purpose, str]:
        return self.parcel.postage.links if self.parcel.postage else {}

    def text(self, key: str, **facts: Any) -> str:
        return self.phrases.say(key, **facts)

    def rich(self, key: str, **facts: Any) -> Row:
        return row(self.phrases.pieces(key, **facts))

    def own(self, key: str) -> str:
        """The sentence a letter has of its own, where the one of a chat speaks of buttons and cards."""
        return f"mail.{key}" if self.phrases.has(f"mail.{key}") else key

    def subject(self, key: str, **facts: Any) -> str:
        """The subject in our own words, with the number that finds the ticket again (S11)."""
        words = self.text(key, **facts)
        return f"[{self.number}] {words}" if self.number else words

    def pages(self) -> list[Block]:
        """The pages this reader may open now."""
        known = [(purpose, self.links[purpose]) for purpose in PAGES if purpose in self.links]
        return [
            row(self.text(self._page_key(purpose)), url, strong=place == 0)
            for place, (purpose, url) in enumerate(known)
        ]

    def _page_key(self, purpose: Purpose) -> str:
        offered = purpose is Purpose.JOB and self.offered
        return "mail.link.offer" if offered else f"mail.link.{purpose}"

    @property
    def offered(self) -> bool:
        """The reader has been asked and has not answered yet."""
        view, person = self.parcel.view, self.parcel.person
        return view is not None and any(
            offer.status is Offered.OFFERED and engineer == person for offer, engineer in view.offers
        )

    def foot(self) -> list[Block]:
        """Who writes, about what, and what to do when it cannot wait."""
        policy = self.policy
        phone = f"☎ {policy.phone}" if policy.phone else ""
        said: list[Block] = [LINE, row(" · ".join(filter(None, (self.number, policy.organisation, phone))))]
        if policy.phone and not self.to_staff:
            said.append(self.rich("mail.foot.danger", phone=policy.phone))
        return said

    def letter(self, subject: str, *blocks: Block | None) -> Words:
        """A whole letter: what is said, the pages, the foot."""
        said = [block for block in blocks if block is not None]
        return Words(subject, [*said, GAP, *self.pages(), *self.foot()])


def brief(text: str, most: int = 4000) -> str:
    """What a person wrote, no longer than a letter bears; the whole of it is with the ticket."""
    return shorten(text, most)
