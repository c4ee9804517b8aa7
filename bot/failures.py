"""Telegram's failures translated once, by their cause, into what the outbox needs to know (GUARANTEES G4)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from dispatch.ports import Undelivered

# Surely not sent: the connection was never made, or the request never left.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
GONE = (
    "chat not found",
    "user is deactivated",
    "user not found",
    "peer_id_invalid",
    "group chat was deleted",
    "have no rights to send",
    "not enough rights to send",
    "need administrator rights",
    "bot was kicked",
    "topic_closed",
    "message thread not found",
)
DONE = ("message is not modified", "query is too old", "query id is invalid", "message to delete not found")
UNEDITABLE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_REPLY = ("message to be replied not found", "message to reply not found", "replied message not found")


def says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)


def done(error: TelegramError) -> bool:
    """The effect is there already (or no longer possible and no longer wanted): a success."""
    return isinstance(error, BadRequest) and says(error, DONE)


def seconds(after: int | timedelta) -> float:
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


@contextmanager
def partly(sent: Sequence[object]) -> Iterator[None]:
    """Several messages for one job: when some of them have been sent, a repetition is a double and marked so."""
    try:
        yield
    except (TelegramError, Undelivered) as error:
        if not sent:
            raise
        failure = translate(error) if isinstance(error, TelegramError) else error
        failure.ambiguous = True
        raise failure from error


def translate(error: TelegramError) -> Undelivered:
    """The table of G4, by exception and cause; the sentence never holds the request's address."""
    cause = error.__cause__
    why = f"{type(error).__name__}: {error.message}"[:200]
    if isinstance(error, RetryAfter):
        return Undelivered(why, retry_after=seconds(error.retry_after))
    if isinstance(error, ChatMigrated):
        return Undelivered(why, moved_to=str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return Undelivered(why, forever=True)
    if isinstance(error, InvalidToken):
        return Undelivered("Telegram refuses the token", retry_after=30, everywhere=True)
    if isinstance(error, BadRequest):
        # Any other 400 is our bug: it will not get better by repeating, and the office hears of a lost message.
        return Undelivered(why, forever=says(error, GONE), broken=not says(error, GONE))
    if isinstance(cause, NOT_SENT):
        # A place in our own pool was missing; anything else means that Telegram is away altogether.
        away = not isinstance(cause, httpx.PoolTimeout)
        return Undelivered(f"no connection: {type(cause).__name__}", everywhere=away)
    if isinstance(error, NetworkError):
        return Undelivered(why, ambiguous=True)
    return Undelivered(why, ambiguous=True)
