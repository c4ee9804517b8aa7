"""What a failed delivery means for the mail, its reader and our server: a table over step and code (G6, RFC 3463)."""

import re

from dispatch.ports import Undelivered
from intake.heading import clean
from intake.smtp import Broken, Step

# Seconds before the next try of a mail that the server does not want now; the last one goes on for 48 h (G6).
PAUSES = (60.0, 300.0, 900.0, 3600.0)
SLOWLY = 300.0  # seconds before we knock again where we are refused, so that no account is locked
SOON = 15.0
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
GREETING = {Step.CONNECT, Step.TLS, Step.HELLO, Step.LOGIN}
NOT_LOGGED_IN = {530, 534, 535, 538}
# What a server says of us, not of the address that it was asked for.
RELAYING = re.compile(
    r"relay|authenticat|not authori[sz]ed|not allowed to send|not permitted to send|sender rejected"
    r"|client host|blocked using",
    re.IGNORECASE,
)


def pause(attempts: int) -> float:
    """Seconds to wait after that many refusals (1 and up): 1, 5, 15, 60, 60 … minutes."""
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]


def translate(broken: Broken, attempts: int = 1) -> Undelivered:
    """What the outbox is to do. Nothing we said to the server before the final dot can have been delivered."""
    why = _why(broken)
    if broken.step in GREETING or broken.code in NOT_LOGGED_IN:
        return Undelivered(why, everywhere=True, retry_after=_knock(broken))
    if broken.code == 0:
        # Nobody answered. After the dot nobody knows; before it the outbox tries again soon by itself.
        late = broken.step is Step.DOT
        return Undelivered(why, ambiguous=late, retry_after=SOON if late else None)
    if broken.code < 500:
        return Undelivered(why, retry_after=pause(attempts))
    if _of_address(broken):
        return Undelivered(why, forever=True)
    if of_us(broken):
        # Every mail might fare the same, so none is given up before somebody had the time to put it right.
        return Undelivered(why, retry_after=pause(attempts))
    return Undelivered(why, broken=True)


def trouble(broken: Broken) -> str:
    """A sentence for the operator when the server takes no mail from us at all; empty when it does."""
    step = Step.LOGIN if broken.code in NOT_LOGGED_IN else broken.step
    if step in GREETING or of_us(broken):
        return f"{SENTENCES[step]}: {_reply(broken)}"
    return ""


SENTENCES = {
    Step.CONNECT: "The mail server for outgoing mail cannot be reached",
    Step.TLS: "No safe connection to the mail server for outgoing mail",
    Step.HELLO: "The mail server for outgoing mail does not greet us",
    Step.LOGIN: "The mail server refuses our name, password or token",
    Step.MAIL: "The mail server does not let us send from our address",
    Step.RECIPIENT: "The mail server does not let us send to others",
}


def _knock(broken: Broken) -> float | None:
    """Slowly where we were refused; else as the outbox does with a channel that is away."""
    if broken.code >= 500 or (broken.code == 0 and broken.step in {Step.TLS, Step.LOGIN}):
        return SLOWLY
    return SOON if broken.code else None


def of_us(broken: Broken) -> bool:
    """Refused because of who we are, not because of the mail or its reader."""
    if broken.code < 500 or _of_address(broken) or _too_big(broken):
        return False
    return broken.step in {Step.MAIL, Step.RECIPIENT}


def _of_address(broken: Broken) -> bool:
    """The reader's address is dead: refused as such, or by a status that speaks of the address or the mailbox."""
    status = STATUS.search(broken.text)
    subject, detail = (status[2], status[3]) if status and status[1] == "5" else ("", "")
    if broken.step is Step.RECIPIENT:
        return subject not in {"", "7"} or not RELAYING.search(broken.text)
    # 5.1.7 and 5.1.8 are about the sender's address.
    return (subject == "1" and detail not in {"7", "8"}) or (subject, detail) in {("2", "0"), ("2", "1")}


def _too_big(broken: Broken) -> bool:
    status = STATUS.search(broken.text)
    return broken.code == 552 or bool(status and (status[2], status[3]) in {("3", "4"), ("2", "3")})


def _why(broken: Broken) -> str:
    return f"{WORDS.get(broken.step, broken.step)}: {_reply(broken)}"


WORDS = {
    Step.DOT: "after the end of the text",
    Step.TEXT: "within the text",
    Step.RECIPIENT: "address refused",
}


def _reply(broken: Broken) -> str:
    said = clean(broken.text, 160)
    return f"{broken.code} {said}".strip() if broken.code else said or "no answer"
