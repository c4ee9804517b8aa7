"""What the trade needs from outside: a clock, and channels that carry its messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dispatch.parcels import Parcel
from storage.unit import Store, UnitOfWork

# What edges may take in hand of the archive: to run commands in it, not to speak SQL.
__all__ = ["Channel", "Clock", "Receipt", "Refused", "Store", "Undelivered", "UnitOfWork"]


class Clock(Protocol):
    """Time, so that tests can turn it by hand."""

    def now(self) -> datetime:
        """This moment, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel said: the ids of the messages that now exist (several for an album or a long text)."""

    message_ids: tuple[str, ...] = ()


class Undelivered(Exception):
    """The world failed, translated once at the edge (GUARANTEES G4).

    forever: it will never work (blocked, unknown address); ambiguous: it may have arrived;
    retry_after: seconds the channel asked us to wait before anything else to this address;
    moved_to: the address is now another one; everywhere: the pause is for every address of the channel;
    broken: the message itself is wrong (our bug), it will not get better by repeating;
    untried: it only waited for its turn, which is no try.
    """

    def __init__(
        self,
        why: str,
        *,
        forever: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        moved_to: str | None = None,
        everywhere: bool = False,
        broken: bool = False,
        untried: bool = False,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.forever = forever
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.everywhere = everywhere
        self.broken = broken
        self.untried = untried


class Channel(Protocol):
    """One way to people: Telegram now, e-mail later."""

    name: str

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry one message; Undelivered when it could not be done or may not have been."""


class Refused(Exception):
    """The channel refuses our credentials; the message is a sentence for the operator, without the secret."""
