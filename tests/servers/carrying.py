"""Letters to carry, and a sender that carries them to a server, for the tests on a real Postfix."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from collecting import MEI, SUPPORT
from dovecot import PEOPLE

from callout.clock import SystemClock
from dispatch.parcels import Parcel
from dispatch.postage import Postage
from intake.sender import MailSender
from intake.smtp import Outgoing
from storage.records.message import Job, Sending
from storage.records.policy import Policy

POLICY = Policy(organisation="Harbour Lifts", mail=SUPPORT)
AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SEAL = "abcdefghijklmnop"


def parcel(number: int, to: str = MEI, text: str = "Ana is on her way.") -> Parcel:
    """A letter with the id `<number>.…@callout.test`."""
    job = Job(
        number, f"k{number}", "say", "mail", to, None, f"mail:{to}", None, None, True, {"text": text},
        Sending.LEASED, 1, 0, AT, AT, "me", None, None,
    )  # fmt: skip
    return Parcel(job, POLICY, "en", None, postage=Postage(f"{number}.{SEAL}@callout.test", SUPPORT))


def nothing(digest: str) -> bytes:
    raise FileNotFoundError(digest)


@asynccontextmanager
async def sending(servers: Any, security: str = "tls", **more: Any) -> AsyncIterator[MailSender]:
    """A sender that logs in as the support desk; closed at the end."""
    port = servers.postfix.submissions if security == "tls" else servers.postfix.submission
    facts = {"user": SUPPORT, "password": PEOPLE[SUPPORT], "ca_file": str(servers.authority), **more}
    sender = MailSender(Outgoing("127.0.0.1", port, security=security, **facts), SystemClock(), nothing)
    try:
        yield sender
    finally:
        await sender.close()
        await asyncio.sleep(0.1)  # TLS says goodbye in the background
