"""People: who is calling, in which language, who becomes staff and how, who is on duty."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from dispatch import addresses, telling
from dispatch.errors import Refusal
from storage.records.people import Invitation, Office, Person, Role
from storage.unit import UnitOfWork

LANGUAGES = ("en", "zh")
GUESSES = 5  # wrong codes per hour and address before the door stays shut (S18)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else


def language_of(tag: str | None, default: str = "en") -> str:
    """The language we speak that comes closest to an IETF tag."""
    base = (tag or "").lower().replace("_", "-").split("-")[0]
    return base if base in LANGUAGES else default


def caller(unit: UnitOfWork, channel: str, address: str, name: str, tag: str | None) -> Person:
    """Who is at this address; somebody new becomes a customer. Writing to us proves he can be reached."""
    person = unit.people.by_address(channel, address)
    if person is None:
        return unit.people.create(name, language_of(tag, unit.policy.language), channel, address)
    if unit.people.reachable(channel, address):
        # While nothing reached him his cards stood still.
        for card in unit.messages.cards_of(person.id):
            telling.refresh(unit, card)
    return person


def speak(unit: UnitOfWork, person: Person, language: str) -> Person:
    if language not in LANGUAGES:
        raise Refusal("unknown_language", languages=", ".join(LANGUAGES))
    return unit.people.update(person, language=language)


def phone(unit: UnitOfWork, person: Person, number: str) -> Person:
    return unit.people.update(person, phone=number)


def duty(unit: UnitOfWork, person: Person, on: bool) -> Person:
    """On or off duty. Refusal: not_staff."""
    if Role.ENGINEER not in person.roles:
        raise Refusal("engineers_only")
    return unit.people.update(person, on_duty=on)


# --- invitations (S14, S18) --------------------------------------------------------------------------------


def digest(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def invite(unit: UnitOfWork, role: Role, name: str, by: Person | None = None) -> str:
    """A new one-time code of 128 bits and more; only its hash is kept. `by` None is the operator at the
    command line. Refusal: administrators_only, name_needed."""
    if by is not None and Role.ADMINISTRATOR not in by.roles:
        raise Refusal("administrators_only")
    if not name.strip():
        raise Refusal("name_needed")
    code = "".join(unit.chance.choice(ALPHABET) for _ in range(26))
    expires = unit.now + unit.policy.periods.invitation
    unit.people.invite(digest(code), role, name.strip(), by.id if by else None, expires)
    return code


def join(unit: UnitOfWork, person: Person, address: str, code: str) -> Invitation:
    """Use a code. The answer to a wrong, used or expired one is always the same: Refusal(bad_invitation);
    after too many wrong ones Refusal(too_many_guesses). Unless no administrator exists yet, one of them
    must still confirm the numeric id and the name."""
    if unit.people.guesses_since(address, unit.now - timedelta(hours=1)) >= GUESSES:
        raise Refusal("too_many_guesses")
    invitation = unit.people.invitation_by_hash(digest(code)) if code.strip() else None
    usable = (
        invitation is not None
        and invitation.used_at is None
        and invitation.expires_at > unit.now
        and invitation.created_by != person.id
    )
    if invitation is None or not usable or not unit.people.use_invitation(invitation, person):
        unit.people.guessed(address)
        raise Refusal("bad_invitation", keep=True)
    administrators = unit.people.in_role(Role.ADMINISTRATOR)
    if not administrators and invitation.role is Role.ADMINISTRATOR:
        return decide(unit, invitation.id, None, granted=True)
    _request(unit, invitation, person, address, administrators)
    return unit.people.invitation(invitation.id)


def _request(
    unit: UnitOfWork, invitation: Invitation, person: Person, address: str, administrators: Iterable[Person]
) -> None:
    """Ask the administrators whether this is really the one who was invited."""
    for to in addresses.of_people(unit, administrators):
        telling.notice(
            unit,
            to,
            "join_request",
            f"invitation.{invitation.id}",
            invitation=invitation.id,
            name=invitation.name,
            telegram_name=person.name,
            address=address,
            role=invitation.role.value,
        )


def decide(unit: UnitOfWork, invitation_id: int, by: Person | None, *, granted: bool) -> Invitation:
    """An administrator says yes or no to a joiner. Refusal: administrators_only, already_decided, own_invitation."""
    if by is not None and Role.ADMINISTRATOR not in by.roles:
        raise Refusal("administrators_only")
    invitation = unit.people.invitation(invitation_id)
    if invitation.used_by is None or invitation.decided_at is not None:
        raise Refusal("already_decided")
    if by is not None and invitation.used_by == by.id:
        raise Refusal("own_invitation")
    unit.people.update_invitation(
        invitation, decided_by=by.id if by else None, decided_at=unit.now, granted=granted
    )
    person = unit.people.get(invitation.used_by)
    if granted:
        person = unit.people.update(person, name=invitation.name)
        person = unit.people.grant(person, invitation.role)
        if invitation.role is Role.ADMINISTRATOR:
            _ask_about_waiting(unit, person)
    key = f"joined_{invitation.role.value}" if granted else "join_refused"
    telling.person(unit, person.id, key, f"invitation.{invitation.id}", name=invitation.name)
    return unit.people.invitation(invitation_id)


def _ask_about_waiting(unit: UnitOfWork, administrator: Person) -> None:
    """Who joined before there was an administrator has waited for one."""
    for waiting in unit.people.undecided_invitations():
        joiner = unit.people.get(waiting.used_by or 0)
        contact = unit.people.contact(joiner.id)
        _request(unit, waiting, joiner, contact.address if contact else "?", [administrator])


def employ(unit: UnitOfWork, person: Person, role: Role, name: str | None = None) -> Person:
    """Make somebody staff without an invitation: for the operator, the demo and tests."""
    if name:
        person = unit.people.update(person, name=name)
    return unit.people.grant(person, role)


def open_office(
    unit: UnitOfWork, by: Person, channel: str, address: str, thread: int | None, title: str
) -> Office:
    """This chat is where the office works from now on. Refusal: administrators_only."""
    if Role.ADMINISTRATOR not in by.roles:
        raise Refusal("administrators_only")
    return unit.people.open_office(channel, address, thread, title, by.language)
