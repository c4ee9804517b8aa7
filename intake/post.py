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
from intake.threading import Thread, verified
from storage.records.mail import KeptMail
from storage.records.message import Audience, Entry
from storage.records.people import Person
from storage.records.ticket import Ticket

ANSWERS_PER_HOUR = 20  # to one person who proved himself; what he asked for is told to him
RELAYS_PER_HOUR = 20  # of one sender about one ticket; what comes beyond is kept and not passed on
ANSWER = "answer:"  # answers that were asked for count apart from receipts


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
        marks = {"unverified": unverified, "automatic": self.post.sorted.silent}
        letter = replace(letter, data={**letter.data, **{name: True for name, so in marks.items() if so}})
        entry, _ = correspondence.keep(
            self.unit, letter, self.person, ticket.id if ticket else None, audience
        )
        message_id = self.post.mail.headers.message_id
        if ticket and message_id:
            self.unit.messages.spoke(MAIL, self.post.address, [message_id], ticket.id)
        return entry

    @property
    def proved(self) -> bool:
        """May his words change anything, and may he hear anything of the ticket?"""
        return verified(self.thread.proof, self.post.sorted.dmarc)

    def busy(self, ticket: Ticket) -> bool:
        """So many mails of this sender about one ticket in an hour: two machines may be talking to each other."""
        hour = self.unit.now - timedelta(hours=1)
        return self.unit.messages.written_since(ticket.id, self.person.id, hour) > RELAYS_PER_HOUR

    def answer(self, key: str, ticket: Ticket | None, once: str = "", **facts: Any) -> None:
        """Tell the sender what became of his mail; never a machine, nobody without end, and what is said `once`
        about a matter not again."""
        hour, address = self.unit.now - timedelta(hours=1), f"{ANSWER}{self.post.address}"
        said = self.unit.mails.acknowledgements_since(hour, address)
        if self.post.sorted.silent or said >= ANSWERS_PER_HOUR:
            return
        self.unit.mails.acknowledged(address)
        phrases = Phrases(self.person.language, self.unit.policy.zone, self.unit.now)
        if "state" in facts:
            facts["state"] = phrases.word("state", facts["state"])
        number = ticket.label if ticket else ""
        self.unit.outbox.tell(
            f"answer:mail:{once or self.post.kept.id}",
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
