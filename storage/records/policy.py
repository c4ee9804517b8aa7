"""What the organisation has decided: its name, its zone, and how long each thing may take."""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each thing may take; the defaults are those of LIFECYCLE.md and PROCEDURES.md."""

    dispatch: timedelta = timedelta(minutes=10)  # P14.1
    dispatch_manager: timedelta = timedelta(minutes=20)
    offer_remind: timedelta = timedelta(minutes=5)
    offer_expire: timedelta = timedelta(minutes=10)
    urgent_offer_remind: timedelta = timedelta(minutes=3)
    urgent_offer_expire: timedelta = timedelta(minutes=5)
    arrival_grace: timedelta = timedelta(minutes=30)
    hold_follow_up: timedelta = timedelta(hours=24)
    signoff_first: timedelta = timedelta(hours=24)
    signoff_second: timedelta = timedelta(hours=48)
    signoff_auto: timedelta = timedelta(hours=72)
    rating_remind: timedelta = timedelta(hours=24)
    rating_expire: timedelta = timedelta(days=7)
    rating_change: timedelta = timedelta(hours=12)
    return_call: timedelta = timedelta(hours=24)
    complaint_due: timedelta = timedelta(days=5)
    draft_remind: timedelta = timedelta(minutes=60)
    draft_expire: timedelta = timedelta(hours=48)
    invitation: timedelta = timedelta(hours=72)
    reopen: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation as the rules see it."""

    organisation: str = "Callout"
    language: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    phone: str = ""
    bot: str = ""
    mail: str = ""  # the address people write to
    page: str = ""  # where the public page is, https://…
    secret: str = ""  # seals links and addresses; without it the archive makes its own
    acks_per_hour: int = 3  # automatic answers to one address (S10)
    acks_per_minute: int = 30  # to all addresses together (S11)
    periods: Periods = field(default_factory=Periods)
