"""One person on two channels: joined only by a code that was sent to the other one (S16)."""

import hashlib
import re
from datetime import timedelta

from dispatch import transition
from dispatch.errors import Refusal
from dispatch.postage import MAIL
from dispatch.texts import Phrases
from storage.records.people import Person
from storage.records.ticket import Verb
from storage.unit import UnitOfWork

GOOD_FOR = timedelta(minutes=30)
PER_DAY = 5  # codes to one address, or for one person
WRONG = 5  # guesses, then the code is dead
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")


def _hash(person: Person, code: str) -> str:
    return hashlib.sha256(f"{person.id}:{code}".encode()).hexdigest()


def ask(unit: UnitOfWork, person: Person, address: str) -> str:
    """Send a code to an address that somebody in a chat says is his. Refusal: no_mail, bad_address, too_many_codes."""
    wanted = address.strip().lower()
    if not unit.policy.mail:
        raise Refusal("no_mail")
    if not ADDRESS.fullmatch(wanted):
        raise Refusal("bad_address")
    if unit.people.joins_since(unit.now - timedelta(days=1), person.id, wanted) >= PER_DAY:
        raise Refusal("too_many_codes")
    code = f"{unit.chance.randrange(10**6):06d}"
    until = unit.now + GOOD_FOR
    join = unit.people.begin_join(person, MAIL, wanted, code_hash=_hash(person, code), expires_at=until)
    text = Phrases(person.language, unit.policy.zone, unit.now).say(
        "mail.code", code=code, organisation=unit.policy.organisation
    )
    unit.outbox.tell(f"join:{join.id}", "say", MAIL, wanted, {"text": text}, duty=False)
    return wanted


def confirm(unit: UnitOfWork, person: Person, code: str) -> Person:
    """The code came back: the address is his, and so is what was written from it. Refusal(bad_code), alike for
    wrong, used and expired ones."""
    join = unit.people.open_join(person.id)
    if join is None or join.wrong >= WRONG:
        raise Refusal("bad_code")
    if join.code_hash != _hash(person, code.strip()):
        raise Refusal("bad_code", join=join.id)
    unit.people.update_join(join, ended_at=unit.now)
    former = unit.people.by_address(join.channel, join.address)
    if former is None:
        unit.people.add_contact(person, join.channel, join.address)
    elif former.id != person.id:
        _adopt(unit, former, person)
    return unit.people.get(person.id)


def guessed(unit: UnitOfWork, person: Person) -> None:
    """A wrong code counts, though the attempt was undone."""
    join = unit.people.open_join(person.id)
    if join:
        unit.people.update_join(join, wrong=join.wrong + 1)


def _adopt(unit: UnitOfWork, former: Person, person: Person) -> None:
    """Two records of one customer become one. Refusal: belongs_to_staff."""
    if former.staff:
        raise Refusal("belongs_to_staff")
    for ticket in unit.tickets.all_of_customer(former.id):
        transition.apply(unit, ticket, Verb.ADOPT, None, changes={"customer_id": person.id})
    unit.people.hand_over(former, person)


def prefer(unit: UnitOfWork, person: Person, channel: str) -> Person:
    """Notices go to this channel while it works. Refusal: no_such_channel."""
    if unit.people.contact(person.id, channel) is None:
        raise Refusal("no_such_channel")
    return unit.people.update(person, preferred=channel)
