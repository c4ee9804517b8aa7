"""One mail being handled: who wrote it, to which ticket, and what is said back, within the limits of politeness."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dispatch import correspondence, telling
from dispatch.letters import Letter
from dispatch.ports import UnitOfWork
from dispatch.postage import MAIL
from dispatch.texts import Phrases
from intake.mail import Mail, Sort, Sorted
from intake.threading import Thread
from storage.records.mail import KeptMail
from storage.records.message import Audience, Entry
from storage.records.people import Person
from storage.records.ticket import Ticket

ANSWERS_PER_HOUR = 20  # to one person who proved himself; what he asked for is told to him


@dataclass(frozen=True, slots=True)
class Post:
    """A mail with what was found out about it before the transaction began."""

    kept: KeptMail
    mail: Mail
    sorted: Sorted
    letter: Letter

    @property
    def address(self) -> str:
        return self.letter.address


class Desk:
    """Handlers read `unit`, `post`, `person` and `thread`, and speak through `answer`."""

    def __init__(self, unit: UnitOfWork, post: Post, person: Person, thread: Thread) -> None:
        self.unit = unit
        self.post = post
        self.person = person
        self.thread = thread

    def keep(
        self, ticket: Ticket | None, audience: Audience = Audience.ALL, *, unverified: bool = False
    ) -> Entry:
        """Keep the mail as an entry, and its id for whoever answers it (ISO 9001 8.2.1)."""
        letter = self.post.letter
        if unverified:
            letter = replace(letter, data={**letter.data, "unverified": True})
        entry, _ = correspondence.keep(self.unit, letter, self.person, ticket.id if ticket else None, audience)
        message_id = self.post.mail.headers.message_id
        if ticket and message_id:
            self.unit.messages.spoke(MAIL, self.post.address, [message_id], ticket.id)
        return entry

    def answer(self, key: str, ticket: Ticket | None, **facts: Any) -> None:
        """Tell the sender what became of his mail; never a machine, and nobody without end."""
        hour = self.unit.now - timedelta(hours=1)
        said = self.unit.mails.acknowledgements_since(hour, self.post.address)
        if self.post.sorted.silent or said >= ANSWERS_PER_HOUR:
            return
        self.unit.mails.acknowledged(self.post.address)
        phrases = Phrases(self.person.language, self.unit.policy.zone, self.unit.now)
        if "state" in facts:
            facts["state"] = phrases.word("state", facts["state"])
        number = ticket.label if ticket else ""
        self.unit.outbox.tell(
            f"answer:mail:{self.post.kept.id}",
            "say",
            MAIL,
            self.post.address,
            {"text": phrases.say(key, **{"number": number, **facts})},
            person_id=self.person.id,
            ticket_id=ticket.id if ticket else None,
        )


def may_acknowledge(unit: UnitOfWork, post: Post) -> bool:
    """One more automatic answer? None to a machine or to who is said to be forged, few to one address, and all
    together stay under the brake (S10, S11); counted when it is granted."""
    if post.sorted.silent or post.sorted.sort in {Sort.AUTOMATIC, Sort.LIST} or post.sorted.dmarc == "fail":
        return False
    policy, mails = unit.policy, unit.mails
    if mails.acknowledgements_since(unit.now - timedelta(hours=1), post.address) >= policy.acks_per_hour:
        return False
    if mails.acknowledgements_since(unit.now - timedelta(minutes=1)) >= policy.acks_per_minute:
        telling.office(unit, "mail_brake", f"mail_brake.{unit.now:%Y%m%d%H}", None, n=policy.acks_per_minute)
        return False
    mails.acknowledged(post.address)
    return True
