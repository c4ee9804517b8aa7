"""What is planned: deadlines that fire once, and dialogues that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Due(StrEnum):
    """Deadline kinds; T-numbers are those of LIFECYCLE.md."""

    DRAFT_REMIND = "draft_remind"
    DRAFT_EXPIRE = "draft_expire"
    DISPATCH = "t1_dispatch"
    DISPATCH_MANAGER = "t1_manager"
    OFFER_REMIND = "t2_remind"
    OFFER_EXPIRE = "t2_expire"
    ARRIVAL = "t5_arrival"
    HOLD = "t7_hold"
    SIGNOFF_FIRST = "t8_first"
    SIGNOFF_SECOND = "t8_second"
    SIGNOFF_AUTO = "t8_auto"
    RATING_REMIND = "t9_remind"
    RATING_EXPIRE = "t9_expire"
    CALL_BACK = "t10_call_back"
    COMPLAINT = "complaint_due"


@dataclass(frozen=True, slots=True)
class Deadline:
    id: int
    ticket_id: int
    kind: Due
    generation: int
    due_at: datetime
    fired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation waiting for its next answer; one per chat and person. `step` grows with every change."""

    id: int
    channel: str
    address: str
    person_id: int
    kind: str
    ticket_id: int | None
    state: dict[str, Any]
    step: int
    message_id: str | None
    updated_at: datetime
