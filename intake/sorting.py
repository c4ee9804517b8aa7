"""What a mail is: a list of rules, every hit written down, the first outcome decides (RFC 3834, RFC 3464)."""

from collections.abc import Callable
from dataclasses import dataclass

from intake import authentication, subjects
from intake.bounces import has_null_sender, is_report, read_bounce
from intake.mail import Bounce, Mail, Sort, Sorted
from intake.subjects import base_subject, is_reply_subject

__all__ = ("RULES", "SILENT", "Context", "Rule", "base_subject", "is_reply_subject", "sort")


def _nobody(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """Who we are. `own_addresses` lower case, plus-parts are added by us; `ours` tells our own Message-IDs (without
    brackets) from others and must check the keyed hash; `authserv_id` is the name our own mail server signs its
    Authentication-Results with; empty when none is configured (then nobody gets a "pass"), "*" to read any."""

    own_addresses: frozenset[str] = frozenset()
    ours: Callable[[str], bool] = _nobody
    authserv_id: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A mail with all that the rules ask about it, read once."""

    mail: Mail
    context: Context
    bounce: Bounce | None

    def first(self, name: str) -> str:
        return self.mail.headers.get(name).strip().lower()

    def has(self, *names: str) -> bool:
        return any(key in names for key, _ in self.mail.headers.all)

    def report(self, kind: str) -> bool:
        return is_report(self.mail) and any(part.content_type == kind for part in self.mail.enclosed)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: its name in `hits`, whether it fits, and what the mail then is. Without an outcome a rule only
    forbids an automatic answer: such a mail may well be a person's."""

    name: str
    fits: Callable[[Case], bool]
    outcome: Sort | None


def plain_address(address: str) -> str:
    """Lower case and without a plus-part: `Help+abc@Example.org` is `help@example.org`."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _from_ourselves(case: Case) -> bool:
    own = {plain_address(address) for address in case.context.own_addresses if address}
    return plain_address(case.mail.headers.from_addr) in own


def _own_message_id(case: Case) -> bool:
    return bool(case.mail.headers.message_id) and case.context.ours(case.mail.headers.message_id)


def _own_mark(case: Case) -> bool:
    # Anybody can write X-Callout-*: only a value that our own key made is believed.
    marks = (value for name, value in case.mail.headers.all if name.startswith("x-callout-"))
    return any(case.context.ours(value.strip().strip("<>")) for value in marks)


def _auto_submitted(case: Case) -> bool:
    stated = case.first("auto-submitted")
    return bool(stated) and stated.partition(";")[0].partition("(")[0].strip() not in ("no", "")


def _automatic_precedence(case: Case) -> bool:
    stated = case.first("precedence").replace("_", "-")
    return stated in ("auto-reply", "auto-replied", "autoreply") or (
        stated in ("bulk", "junk") and not case.has(*subjects.LIST_FIELDS)
    )


def _automatic_header(case: Case) -> bool:
    return any(
        subjects.is_automatic_field(name, value.strip().lower()) for name, value in case.mail.headers.all
    )


def _suppressed(case: Case) -> bool:
    """Microsoft's X-Auto-Response-Suppress: DR, NDR, RN and NRN only speak of receipts, the others of answers."""
    wishes = {wish.strip() for wish in case.first("x-auto-response-suppress").replace(";", ",").split(",")}
    return bool(wishes & {"all", "oof", "autoreply"})


def _automatic_subject(case: Case) -> bool:
    return subjects.is_automatic_subject(case.mail.headers.subject)


def _calendar_answer(case: Case) -> bool:
    parts = (
        part for part in case.mail.attachments if part.content_type in ("text/calendar", "application/ics")
    )
    return any(b"METHOD:REPLY" in part.content[:4000].upper() for part in parts)


def _challenge(case: Case) -> bool:
    return case.has(
        "x-boxbe-notification", "x-bluebottle-request", "x-spamarrest-id", "x-tmda-confirm-address"
    )


def _list_field(case: Case) -> bool:
    return case.has(*subjects.LIST_FIELDS) or case.first("precedence") in ("list", "bulk")


def _no_reader(case: Case) -> bool:
    answer_to = case.mail.headers.reply_to or (case.mail.headers.from_addr,)
    return all(subjects.is_no_reader(address) for address in answer_to)


def _no_sender(case: Case) -> bool:
    head = case.mail.headers
    return not (head.from_addr or head.sender or head.reply_to)


def _no_text(case: Case) -> bool:
    mail = case.mail
    return not (mail.text.strip() or mail.html.strip() or mail.attachments or mail.enclosed)


def _answers(case: Case) -> bool:
    head = case.mail.headers
    return bool(head.in_reply_to or head.references)


RULES: tuple[Rule, ...] = (
    Rule("own address", _from_ourselves, Sort.LOOP),
    Rule("own message id", _own_message_id, Sort.LOOP),
    Rule("own mark", _own_mark, Sort.LOOP),
    Rule("not delivered", lambda case: case.bounce is not None, Sort.BOUNCE),
    Rule("complaint report", lambda case: case.report("message/feedback-report"), Sort.AUTOMATIC),
    Rule("read receipt", lambda case: case.report("message/disposition-notification"), Sort.AUTOMATIC),
    Rule("delivery receipt", lambda case: case.report("message/delivery-status"), Sort.AUTOMATIC),
    Rule("auto-submitted", _auto_submitted, Sort.AUTOMATIC),
    Rule("automatic precedence", _automatic_precedence, Sort.AUTOMATIC),
    Rule("automatic header", _automatic_header, Sort.AUTOMATIC),
    Rule("automatic subject", _automatic_subject, Sort.AUTOMATIC),
    Rule("calendar answer", _calendar_answer, Sort.AUTOMATIC),
    Rule("challenge", _challenge, Sort.AUTOMATIC),
    Rule("null sender", lambda case: has_null_sender(case.mail), Sort.AUTOMATIC),
    Rule("list", _list_field, Sort.LIST),
    Rule("spam", lambda case: subjects.is_spam(case.mail.headers.all), Sort.SPAM),
    Rule("no sender", _no_sender, Sort.EMPTY),
    Rule("nothing in it", lambda case: _no_text(case) and not case.first("subject"), Sort.EMPTY),
    Rule("suppressed", _suppressed, None),
    Rule("quiet header", lambda case: case.has(*subjects.QUIET_FIELDS), None),
    Rule("receipt subject", lambda case: subjects.is_receipt_subject(case.mail.headers.subject), None),
    Rule("no reader", _no_reader, None),
    Rule("no text", _no_text, None),
    Rule("answers", _answers, Sort.REPLY),
    Rule("reply subject", lambda case: is_reply_subject(case.mail.headers.subject), Sort.REPLY),
)
SILENT = frozenset((Sort.LOOP, Sort.BOUNCE, Sort.AUTOMATIC, Sort.LIST, Sort.SPAM, Sort.EMPTY))
QUIET_RULES = frozenset(("suppressed", "quiet header", "receipt subject", "no reader"))


def sort(mail: Mail, context: Context | None = None) -> Sorted:
    """What a mail is; `hits` holds the names of all rules that fitted, in their order, and the first outcome
    among them decides; a mail that none claims is NEW. Pure; never raises."""
    where = context or Context()
    case = Case(mail=mail, context=where, bounce=read_bounce(mail))
    hits = tuple(rule for rule in RULES if rule.fits(case))
    outcomes = [rule.outcome for rule in hits if rule.outcome is not None]
    decided = outcomes[0] if outcomes else Sort.NEW
    return Sorted(
        sort=decided,
        hits=tuple(rule.name for rule in hits),
        silent=any(outcome in SILENT for outcome in outcomes)
        or any(rule.name in QUIET_RULES for rule in hits),
        bounce=case.bounce,
        spam=Sort.SPAM in outcomes,
        dmarc=authentication.dmarc(mail.headers, where.authserv_id),
    )
