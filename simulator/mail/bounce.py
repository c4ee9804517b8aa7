"""What the mail system writes back: delivery reports (RFC 3464) about mails that did not arrive; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime


@dataclass(frozen=True)
class Bounce:
    """How mails for an address come back. status: RFC 3463, such as "5.1.1"; 4.x.x is a delay, not an end.

    diagnostic: what the other server said. seconds: how long it takes.
    """

    status: str = "5.1.1"
    diagnostic: str = "550 5.1.1 User unknown"
    seconds: float = 0.0

    @property
    def delayed(self) -> bool:
        """Whether the mail system goes on trying."""
        return self.status.startswith("4")


REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@{host}>
To: {sender}
Subject: {subject}
Date: {date}
Message-ID: <{token}@{host}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{token}"

This is a report in MIME format.

--{token}
Content-Type: text/plain; charset=us-ascii
Content-Description: Notification

This is the mail system at host {host}.

{opening}

<{recipient}>: {diagnostic}

--{token}
Content-Type: message/delivery-status
Content-Description: Delivery report

Reporting-MTA: dns; {host}
Arrival-Date: {date}

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--{token}
Content-Type: text/rfc822-headers
Content-Description: Undelivered message headers

"""
FAILED = {
    "subject": "Undelivered Mail Returned to Sender",
    "opening": "Your message could not be delivered to the recipient below.",
    "action": "failed",
}
DELAYED = {
    "subject": "Delayed Mail (still being retried)",
    "opening": "Your message could not be delivered yet. You do not need to send it again.",
    "action": "delayed",
}


def report(bounce: Bounce, original: bytes, sender: str, recipient: str, names: Mapping[str, str]) -> bytes:
    """The report, with the headers of the original. names: host, token (unique) and date."""
    words = DELAYED if bounce.delayed else FAILED
    fields = {"sender": sender, "recipient": recipient, "status": bounce.status}
    text = REPORT.format(**words, **fields, **names, diagnostic=bounce.diagnostic)
    headers = original.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n", b"\r\n")
    end = f"\r\n\r\n--{names['token']}--\r\n".encode("ascii")
    return text.replace("\n", "\r\n").encode("utf-8") + headers + end


def trace(host: str, sender: str, recipient: str, number: int, at: datetime, verdict: str | None) -> bytes:
    """The headers a mail server puts on top of what it delivers; `verdict` is DMARC's, if it is to say one."""
    date = format_datetime(at)
    lines = [f"Return-Path: <{sender}>", f"Delivered-To: {recipient}"]
    if verdict is not None:
        domain = sender.rpartition("@")[2]
        lines.append(f"Authentication-Results: {host}; dmarc={verdict} header.from={domain or host}")
    lines.append(
        f"Received: from [127.0.0.1] by {host} with ESMTP id {number:08X}\r\n\tfor <{recipient}>; {date}"
    )
    return "\r\n".join((*lines, "")).encode("utf-8")
