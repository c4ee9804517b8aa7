"""Callback data, both ways: at most 64 bytes, bound to its chat by a keyed hash, so that none can be forged (S15)."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LIMIT = 64  # bytes, Bot API InlineKeyboardButton.callback_data
SEAL = 10  # characters of the hash: 60 bits, tried at most once per press


@dataclass(frozen=True, slots=True)
class Press:
    """What a button means: do `action` with `arg` on `subject` (a ticket, usually), as of `bound`
    (the version, offer, report, rating or step it was shown for)."""

    action: str
    subject: int = 0
    bound: int = 0
    arg: str = ""


def base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def key_of(secret: str) -> bytes:
    """The sealing key, derived from the bot's token so that there is no second secret to lose."""
    return hashlib.sha256(b"callout callback v1:" + secret.encode()).digest()


def seal(key: bytes, chat: str, body: str) -> str:
    digest = hmac.new(key, f"{chat}|{body}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest)[:SEAL].decode()


def pack(key: bytes, chat: str, press: Press) -> str:
    """The data of a button in this chat; ValueError when it would not fit."""
    body = f"{press.action}.{base36(press.subject)}.{base36(press.bound)}.{press.arg}"
    data = f"{body}.{seal(key, chat, body)}"
    if len(data.encode()) > LIMIT:
        msg = f"callback data is longer than {LIMIT} bytes: {press.action} {press.arg}"
        raise ValueError(msg)
    return data


def unpack(key: bytes, chat: str, data: str) -> Press | None:
    """What was pressed; None for anything that we did not put into this very chat."""
    if not data.isascii():
        return None
    body, _, sealed = data.rpartition(".")
    parts = body.split(".", 3)
    if len(data.encode()) > LIMIT or len(parts) != 4:
        return None
    if not hmac.compare_digest(sealed.encode(), seal(key, chat, body).encode()):
        return None
    return Press(parts[0], int(parts[1], 36), int(parts[2], 36), parts[3])
