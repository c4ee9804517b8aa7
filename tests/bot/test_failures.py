"""What Telegram's failures mean for a message: the table of GUARANTEES G4, by error and cause."""

from datetime import timedelta

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.failures import done, partly, translate
from dispatch.ports import Undelivered

OK = {
    "forever": False,
    "ambiguous": False,
    "retry_after": None,
    "moved_to": None,
    "everywhere": False,
    "broken": False,
}


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


TABLE = [
    # surely not sent: tried again, no note; without a way to Telegram nothing else is tried meanwhile
    (caused(NetworkError("x"), httpx.ConnectError("x")), {"everywhere": True}),
    (caused(TimedOut("x"), httpx.ConnectTimeout("x")), {"everywhere": True}),
    (caused(TimedOut("x"), httpx.PoolTimeout("x")), {}),
    (RetryAfter(7), {"retry_after": 7.0}),
    (RetryAfter(timedelta(minutes=2)), {"retry_after": 120.0}),
    # may have arrived
    (caused(TimedOut("x"), httpx.ReadTimeout("x")), {"ambiguous": True}),
    (caused(TimedOut("x"), httpx.WriteTimeout("x")), {"ambiguous": True}),
    (caused(NetworkError("x"), httpx.RemoteProtocolError("x")), {"ambiguous": True}),
    (caused(NetworkError("x"), httpx.ReadError("x")), {"ambiguous": True}),
    (NetworkError("Internal Server Error"), {"ambiguous": True}),
    (TelegramError("Invalid server response"), {"ambiguous": True}),
    # will never arrive
    (Forbidden("Forbidden: bot was blocked by the user"), {"forever": True}),
    (Forbidden("Forbidden: user is deactivated"), {"forever": True}),
    (Forbidden("Forbidden: bot was kicked from the supergroup chat"), {"forever": True}),
    (BadRequest("Chat not found"), {"forever": True}),
    (BadRequest("PEER_ID_INVALID"), {"forever": True}),
    # our bug
    (BadRequest("Message is too long"), {"broken": True}),
    (BadRequest("Button_data_invalid"), {"broken": True}),
    # the address changed; the token is refused
    (ChatMigrated(-1005), {"moved_to": "-1005"}),
    (InvalidToken(), {"retry_after": 30, "everywhere": True}),
]


@pytest.mark.parametrize(("error", "meaning"), TABLE, ids=lambda value: repr(value)[:60])
def test_each_failure_has_its_class(error, meaning):
    failure = translate(error)
    assert {name: getattr(failure, name) for name in OK} == OK | meaning


@pytest.mark.parametrize(
    "words",
    [
        "Message is not modified: specified new message content and reply markup are exactly the same",
        "Query is too old and response timeout expired or query ID is invalid",
    ],
)
def test_what_is_so_already_is_a_success(words):
    assert done(BadRequest(words))
    assert not done(BadRequest("Chat not found")) and not done(Conflict(words))


def test_a_failure_never_shows_the_address_it_was_sent_to():
    error = caused(NetworkError("httpx.ReadError"), httpx.ReadError("https://api.telegram.org/bot123:ABC/x"))
    assert "123:ABC" not in translate(error).why


def test_what_is_half_sent_is_in_doubt():
    sent: list[str] = []
    with pytest.raises(RetryAfter), partly(sent):
        raise RetryAfter(3)
    sent.append("5")
    with pytest.raises(Undelivered) as told, partly(sent):
        raise RetryAfter(3)
    assert told.value.ambiguous and told.value.retry_after == 3
    with pytest.raises(Undelivered) as waiting, partly(sent):
        raise Undelivered("waiting for Telegram's limits", retry_after=30)
    assert waiting.value.ambiguous and waiting.value.retry_after == 30
