"""A mail channel over a scripted server, and parcels to carry, for the tests of the channel."""

from datetime import UTC, datetime
from typing import Any

import pytest
from mail_house import POLICY
from smtp_script import ScriptedServer

from callout.clock import SystemClock
from dispatch.parcels import Parcel
from dispatch.ports import Receipt, Undelivered
from dispatch.postage import Postage
from intake.sender import MailSender
from intake.smtp import Outgoing
from storage.records.message import Job, Sending

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SENT = Receipt(("7.abc@lift.example",))


def nothing(digest: str) -> bytes:
    raise FileNotFoundError(digest)


class Post:
    """A sender with what it noted; closed at the end of the test."""

    def __init__(self, server: ScriptedServer, **more: Any) -> None:
        self.notes: list[dict[str, Any]] = []
        settings = {"security": "none", "timeout": 1.0, **more.pop("settings", {})}
        self.sender = MailSender(
            Outgoing(settings.pop("host", "127.0.0.1"), server.port, **settings),
            SystemClock(),
            more.pop("fetch", nothing),
            lambda event, **facts: self.notes.append({"event": event, **facts}),
            **more,
        )

    async def __aenter__(self) -> MailSender:
        return self.sender

    async def __aexit__(self, *_: Any) -> None:
        await self.sender.close()


def parcel(to: str = "mei@customer.example", number: int = 7, **payload: Any) -> Parcel:
    said = payload or {"text": "Hello"}
    job = Job(
        number, f"k{number}", "say", "mail", to, None, f"mail:{to}", None, None, True, said,
        Sending.LEASED, 1, 0, AT, AT, "me", None, None,
    )  # fmt: skip
    return Parcel(
        job, POLICY, "en", None, postage=Postage(f"{number}.abc@lift.example", "service@lift.example")
    )


async def failure(sender: MailSender, carried: Parcel | None = None) -> Undelivered:
    with pytest.raises(Undelivered) as raised:
        await sender.send(carried or parcel())
    return raised.value
