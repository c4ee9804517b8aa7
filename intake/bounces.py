"""A mail seen as a bounce: does it say that something was not delivered, or is late, and to whom, and why."""

from intake.bounce_reasons import HARD, reason_of, status_of
from intake.bounce_reports import Fate, fates, fields
from intake.bounce_text import folded, named_recipients, own_words
from intake.bounce_words import (
    CHALLENGES,
    DAEMONS,
    DELAY_WORDS,
    FAILURE_SUBJECTS,
    FAILURE_WORDS,
    GIVEN_UP_WORDS,
    LIST_REFUSALS,
    LIST_SERVERS,
    ROBOT_NAMES,
    ROBOTS,
    STRONG_OPENINGS,
    STRONG_SUBJECTS,
)
from intake.mail import Bounce, Mail

REPORTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/partial",
)
ID_FIELDS = ("message-id", "x-original-message-id", "original-message-id")
FORWARDS = ("fw:", "fwd:", "wg:", "tr:", "rv:", "转发", "轉寄", "re:", "aw:", "回复", "答复")


def read_bounce(mail: Mail) -> Bounce | None:
    """What could not be delivered (RFC 3464 first, then the free words of the mail servers), or None when the
    mail is no bounce: success reports, complaints (RFC 5965), receipts (RFC 8098) and challenges are none."""
    reports = delivery_reports(mail)
    lost = tuple(fate for fate in fates(reports) if fate.undelivered)
    words = own_words(mail.text)
    plain = folded(words)
    if not _is_bounce(mail, reports, lost, plain):
        return None
    return _bounce(mail, lost, words)


def delivery_reports(mail: Mail) -> list[str]:
    """The delivery-status texts of the mail itself, and of a report that a gateway wrapped whole
    or that became plain text (a broken boundary)."""
    found = [part.text for part in mail.enclosed if part.content_type in REPORTS]
    if found or not (is_robot(mail) or has_null_sender(mail)):
        return found
    wrapped = [part.text for part in mail.enclosed if part.content_type == "message/rfc822"]
    return [text for text in (*wrapped, mail.text) if "\nfinal-recipient:" in text[:50_000].lower()]


def is_robot(mail: Mail) -> bool:
    """Whether a mail server wrote it, by the sender's address or name: MAILER-DAEMON, Mail Delivery System …"""
    name = folded(mail.headers.from_name) or folded(mail.headers.get("from"))
    return _local(mail) in ROBOTS or any(words in name for words in ROBOT_NAMES)


def is_report(mail: Mail) -> bool:
    """Whether the mail itself, not something attached to it, is a report (RFC 6522)."""
    return mail.headers.content_type == "multipart/report" or has_null_sender(mail) or is_robot(mail)


def _local(mail: Mail) -> str:
    local = mail.headers.from_addr.lower().partition("@")[0].partition("+")[0]
    return local.rstrip("0123456789").strip("<\"'")


def has_null_sender(mail: Mail) -> bool:
    """The envelope sender was empty (`Return-Path: <>`), as RFC 5321 asks of every notification."""
    path = mail.headers.get("return-path").replace(" ", "")
    return path in ("<>", "<<>>") or mail.headers.get("x-mailfrom").strip() == "<>"


def _is_bounce(mail: Mail, reports: list[str], lost: tuple[Fate, ...], plain: str) -> bool:
    kinds = {part.content_type for part in mail.enclosed}
    subject = folded(mail.headers.subject)
    if "message/feedback-report" in kinds or any(words in plain for words in CHALLENGES):
        return False
    if "message/disposition-notification" in kinds:
        return _rejected_on_arrival(mail, plain)
    daemon = has_null_sender(mail) or _local(mail) in DAEMONS
    machine = daemon or is_robot(mail)
    if reports and fates(reports):
        # A person may attach a report he does not understand: then it is not this mail that is one.
        own = is_report(mail) and not subject.startswith(FORWARDS)
        return bool(lost) and (machine or own or subject.startswith(STRONG_SUBJECTS))
    if mail.headers.get("x-failed-recipients"):
        return True
    if any(name == "content-type" and "delivery-status" in value.lower() for name, value in mail.headers.all):
        return True
    return _speaks_of_failure(mail, plain, subject, daemon)


def _speaks_of_failure(mail: Mail, plain: str, subject: str, daemon: bool) -> bool:
    """The free-form half: the less certain it is that a machine wrote, the more the words must say."""
    failing = any(words in plain for words in FAILURE_WORDS)
    titled = any(words in subject for words in FAILURE_SUBJECTS)
    known = subject.startswith(STRONG_SUBJECTS) or any(words in plain[:800] for words in STRONG_OPENINGS)
    if daemon:
        return failing or titled
    if subject.startswith(FORWARDS):
        return False
    local = mail.headers.from_addr.lower().partition("@")[0]
    if local.endswith(LIST_SERVERS) and any(words in plain for words in LIST_REFUSALS):
        return True
    return failing and (known or (titled and is_robot(mail)))


def _rejected_on_arrival(mail: Mail, plain: str) -> bool:
    """Sieve's `reject` answers with a receipt (RFC 5429, 2.1.2), though the mail was thrown away."""
    return "rejected" in mail.headers.get("auto-submitted").lower() or "was automatically rejected" in plain


def _bounce(mail: Mail, lost: tuple[Fate, ...], words: str) -> Bounce:
    first = lost[0] if lost else Fate()
    plain = folded(words)
    diagnosis = folded(" ".join((first.diagnosis, first.remote)))
    status = status_of(first.status, diagnosis, plain)
    temporary = _temporary(lost, status, plain, folded(mail.headers.subject))
    reason = reason_of(diagnosis, plain, status, first.action)
    return Bounce(
        recipients=_recipients(mail, lost, words),
        temporary=temporary,
        status=status,
        hard=reason in HARD and not (reason == "notaccept" and status.startswith("4")),
        reason=reason,
        original_id=original_id(mail),
    )


def _temporary(lost: tuple[Fate, ...], status: str, plain: str, subject: str) -> bool:
    actions = {fate.action for fate in lost}
    if actions:
        # "failed" with 4.4.7 means that the server stopped trying (RFC 3463): that is over, not late.
        late = all(fate.status.startswith("4") and fate.status != "4.4.7" for fate in lost)
        return actions == {"delayed"} or ("delayed" not in actions and late)
    if any(words in plain for words in GIVEN_UP_WORDS):
        return False
    return any(words in plain or words in subject for words in DELAY_WORDS)


def _recipients(mail: Mail, lost: tuple[Fate, ...], words: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(fate.address for fate in lost if fate.address))
    if found:
        return found
    stated = mail.headers.get("x-failed-recipients")
    if stated:
        return tuple(piece.strip().strip("<>") for piece in stated.split(",") if "@" in piece)
    head = mail.headers
    return named_recipients(words, (head.from_addr, head.sender, *head.to), head.from_addr.partition("@")[2])


def original_id(mail: Mail) -> str:
    """The Message-ID of the mail that came back, from the returned headers or what the server says of it. In a
    report that a gateway wrapped whole, the innermost one is meant."""
    for part in mail.enclosed:
        if part.content_type not in (*RETURNED, *REPORTS):
            continue
        text = part.text[:100_000]
        found = [
            value.strip().strip("<>").strip()
            for group in fields(text)
            for name, value in group
            if name in ID_FIELDS and "@" in value
        ]
        if found:
            return (
                found[-1]
                if "\nfinal-recipient:" in text.lower() and part.content_type in RETURNED
                else found[0]
            )
    return _id_in_text(mail.text)


def _id_in_text(text: str) -> str:
    for line in text[:100_000].splitlines():
        head, colon, rest = line.strip().partition(":")
        if colon and head.lower() in ID_FIELDS:
            return rest.strip().strip("<>,").strip()
    return ""
