"""The ticket and the five small machines around it: assignment, visit, report, sign-off, rating (LIFECYCLE.md)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    DRAFT = "draft"
    RECEIVED = "received"
    TRIAGED = "triaged"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.CLOSED, State.CANCELLED})
# States in which somebody must own the work.
OWNED = frozenset({State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS})


class Work(StrEnum):
    """How a ticket is in progress (`Ticket.detail` while in_progress)."""

    REMOTE = "remote"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    DISPUTED = "disputed"


class Hold(StrEnum):
    """Why a ticket waits (`Ticket.detail` while on_hold)."""

    WAITING_CUSTOMER = "waiting_customer"
    WAITING_QUOTE = "waiting_quote"
    WAITING_PARTS = "waiting_parts"
    WAITING_VENDOR = "waiting_vendor"
    NO_ACCESS = "no_access"
    DEFERRED = "deferred"


class Kind(StrEnum):
    FAULT = "fault"
    ADVICE = "advice"
    COMPLAINT = "complaint"
    INSTALLATION = "installation"
    MAINTENANCE = "maintenance"
    RETURN = "return"


class Mode(StrEnum):
    """Service modes (服务方式, P17.1)."""

    PHONE = "phone"
    REMOTE = "remote"
    ON_SITE = "on_site"
    VISIT = "visit"
    ONLINE = "online"


class Verb(StrEnum):
    OPEN = "open"
    DESCRIBE = "describe"
    SUBMIT = "submit"
    TRIAGE = "triage"
    RECLASSIFY = "reclassify"
    OFFER = "offer"
    ACCEPT = "accept"
    TAKE = "take"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    REASSIGN = "reassign"
    HAND_BACK = "hand_back"
    SCHEDULE = "schedule"
    PROMISE = "promise"
    DEPART = "depart"
    ARRIVE = "arrive"
    START_REMOTE = "start_remote"
    HOLD = "hold"
    RESUME = "resume"
    PARTS = "parts"
    COMPLETE = "complete"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    AUTO_CONFIRM = "auto_confirm"
    RATE = "rate"
    RERATE = "rerate"
    EXPIRE_RATING = "expire_rating"
    CALL_BACK = "call_back"
    REOPEN = "reopen"
    CANCEL = "cancel"
    DUPLICATE = "duplicate"
    ADOPT = "adopt"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the customer sees. `generation` counts changes of state, `version` counts changes of any kind."""

    id: int
    number: str | None
    version: int
    generation: int
    state: State
    detail: str | None
    kind: Kind
    impact: int
    urgency: int
    severity: int
    on_site: bool | None
    problem: str
    site_id: int | None
    place: str
    latitude: float | None
    longitude: float | None
    phone: str | None
    customer_id: int
    owner_id: int | None
    held_from: str | None
    eta_at: datetime | None
    appointment_at: datetime | None
    about_id: int | None
    duplicate_of: int | None
    offers_missed: int
    disputes: int
    reason: str | None
    due_at: datetime | None
    called_back_at: datetime | None
    source: str
    source_key: str
    created_at: datetime
    submitted_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime

    @property
    def urgent(self) -> bool:
        return self.severity == 1

    @property
    def open(self) -> bool:
        return self.state not in ENDED

    @property
    def label(self) -> str:
        """The public number, or a dash while it is only a draft."""
        return self.number or "—"


class Offered(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    LEFT = "left"
    HANDED_BACK = "handed_back"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One offer of one ticket to one engineer, with the score and the sentence that explain it."""

    id: int
    ticket_id: int
    engineer_id: int
    status: Offered
    score: float
    why: str
    reason: str | None
    offered_at: datetime
    answered_at: datetime | None


class Visiting(StrEnum):
    PLANNED = "planned"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    LEFT = "left"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Visit:
    id: int
    ticket_id: int
    engineer_id: int
    status: Visiting
    eta_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    left_at: datetime | None
    report_id: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """The service report of one completion; `hash` is the sha256 of its canonical JSON, hex."""

    id: int
    ticket_id: int
    version: int
    engineer_id: int
    body: dict[str, Any]
    hash: str
    created_at: datetime


class Signing(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    AUTO_CONFIRMED = "auto_confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SignOff:
    """The evidence that the customer agreed: who, on which channel and address, when, to which report (P17.4)."""

    id: int
    ticket_id: int
    report_id: int
    status: Signing
    report_hash: str
    requested_at: datetime
    answered_at: datetime | None
    person_id: int | None
    channel: str | None
    address: str | None
    reason: str | None
    evidence: str | None


class RatingState(StrEnum):
    REQUESTED = "requested"
    GIVEN = "given"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Rating:
    """1 excellent … 5 dissatisfied (P17.5); the engineer is the one who did the work when it was asked."""

    id: int
    ticket_id: int
    signoff_id: int
    customer_id: int
    engineer_id: int
    status: RatingState
    grade: int | None
    comment: str | None
    requested_at: datetime
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal: `changes` holds the new value of every ticket field that the verb changed."""

    id: int
    ticket_id: int
    seq: int
    verb: Verb
    from_state: State | None
    to_state: State
    actor_id: int | None
    party: str
    at: datetime
    changes: dict[str, Any]
    note: dict[str, Any]
