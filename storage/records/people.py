"""People, how they are reached, the invitations that make them staff, and the places they report from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in the organisation; everybody may also be a customer."""

    ENGINEER = "engineer"
    DISPATCHER = "dispatcher"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


OFFICE = frozenset({Role.DISPATCHER, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we know; `roles` is empty for a plain customer."""

    id: int
    name: str
    language: str
    phone: str | None
    on_duty: bool
    last_offer_at: datetime | None
    created_at: datetime
    roles: frozenset[Role] = frozenset()
    preferred: str | None = None  # the channel that notices go to while it works

    @property
    def staff(self) -> bool:
        return bool(self.roles)

    @property
    def office(self) -> bool:
        return bool(self.roles & OFFICE)


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of a person on one channel; `unreachable_at` is set when the channel said so for good."""

    id: int
    person_id: int
    channel: str
    address: str
    unreachable_at: datetime | None
    unreachable_why: str | None


@dataclass(frozen=True, slots=True)
class Office:
    """A chat (group, or topic of a forum) in which the office works together."""

    id: int
    channel: str
    address: str
    thread: int | None
    title: str
    language: str
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time, expiring code that makes somebody staff once an administrator has confirmed him (S14, S18)."""

    id: int
    code_hash: str
    role: Role
    name: str
    created_by: int | None
    created_at: datetime
    expires_at: datetime
    used_by: int | None
    used_at: datetime | None
    decided_by: int | None
    decided_at: datetime | None
    granted: bool | None


@dataclass(frozen=True, slots=True)
class Site:
    """A place a customer reported from."""

    id: int
    customer_id: int
    address: str
    latitude: float | None
    longitude: float | None
    last_used_at: datetime
