"""What the buttons of the page do: one command per button, in one transaction, for the holder of the link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dispatch import addresses, closing, field, holding, hours, links
from dispatch.errors import Refusal
from dispatch.ports import UnitOfWork
from dispatch.postage import MAIL
from storage.errors import Missing
from storage.records.mail import Link, Purpose
from storage.records.people import Person
from storage.records.ticket import Mode, RatingState, Signing, SignOff, State, Ticket
from web.forms import REASONS, Form

CHANNEL = "page"  # how the evidence of a signature names it
MODES = {mode.value: mode for mode in Mode}
A_DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: `code` is said on the page shown next, which is that of `token`."""

    code: str
    token: str
    purpose: Purpose
    ticket_id: int


@dataclass(frozen=True, slots=True)
class Case:
    """One form that was sent."""

    unit: UnitOfWork
    token: str
    link: Link
    actor: Person
    ticket: Ticket
    form: Form

    def done(self, code: str, token: str = "") -> Done:
        return Done(code, token or self.token, self.link.purpose, self.ticket.id)


Do = Callable[[Case], Done]


def act(unit: UnitOfWork, made: str, form: Form) -> Done:
    """Do what a form asks for.

    Refusal: bad_link; outdated (the form was not written by the page as it is now, or asks for what this page
    is not for); and whatever the command says.
    """
    link = links.follow(unit, made)
    if not links.genuine(unit, made, form.word("nonce")):
        raise Refusal("outdated")
    do = ACTIONS.get((link.purpose, form.word("action")))
    if do is None:
        raise Refusal("outdated")
    try:
        ticket, actor = unit.tickets.get(link.ticket_id), unit.people.get(link.person_id)
    except Missing:
        raise Refusal("bad_link") from None
    if link.purpose is not Purpose.JOB and ticket.customer_id != actor.id:
        # Clerks may sign with a scan and are known by their role; a customer's page is the customer's alone.
        raise Refusal("bad_link")
    return do(Case(unit, made, link, actor, ticket, form))


# --- the customer signs ------------------------------------------------------------------------------------------


def _signoff(case: Case) -> SignOff:
    signoff = case.unit.tickets.last_signoff(case.ticket.id)
    if signoff is None:
        raise Refusal("nothing_to_sign")
    if signoff.report_id != case.link.subject_id:
        raise Refusal("report_outdated")
    return signoff


def sign(case: Case) -> Done:
    """Sign the report of the link; a second press finds it signed and leads to the same question for a grade."""
    unit, ticket, actor, link = case.unit, case.ticket, case.actor, case.link
    if _signoff(case).status is Signing.CONFIRMED:
        return _to_rating(case, "already_signed")
    contact = unit.people.contact(actor.id, MAIL)
    address = contact.address if contact else ""
    closing.confirm(unit, ticket.id, actor, CHANNEL, address, link.subject_id, f"link:{link.id}")
    return _to_rating(case, "signed")


def dispute(case: Case) -> Done:
    closing.refuse_answered(_signoff(case))
    reason = case.form.text("reason")
    closing.dispute(case.unit, case.ticket.id, case.actor, reason, case.link.subject_id)
    return case.done("disputed")


def go_rate(case: Case) -> Done:
    """From a report that is signed to the question for a grade."""
    if _signoff(case).status not in {Signing.CONFIRMED, Signing.AUTO_CONFIRMED}:
        raise Refusal("rating_closed")
    return _to_rating(case, "")


def _to_rating(case: Case, code: str) -> Done:
    """The next page asks for the grade, while one can be given."""
    rating = case.unit.tickets.last_rating(case.ticket.id)
    if rating is None or rating.status is RatingState.EXPIRED:
        return case.done(code)
    made = links.token(case.unit, Purpose.RATE, case.ticket.id, case.actor.id, rating.id)
    return case.done(code, made)


# --- the customer rates ------------------------------------------------------------------------------------------


def rate(case: Case) -> Done:
    """Give or change the grade; the same one twice is one."""
    rating = case.unit.tickets.last_rating(case.ticket.id)
    if rating is None or rating.id != case.link.subject_id:
        raise Refusal("rating_closed")
    grade = case.form.number("grade", 1, 5)
    if grade is None:
        raise Refusal("grade_needed")
    if rating.grade != grade:
        closing.rate(case.unit, case.ticket.id, case.actor, grade)
    _comment(case)
    return case.done("rated_bad" if grade in closing.BAD else "rated")


def comment(case: Case) -> Done:
    """Add words to the grade, or change them."""
    rating = case.unit.tickets.last_rating(case.ticket.id)
    if rating is None or rating.id != case.link.subject_id or rating.grade is None:
        raise Refusal("rating_closed")
    return case.done("commented" if _comment(case) else "")


def _comment(case: Case) -> bool:
    words = case.form.text("comment")
    if not words:
        return False
    rating = case.unit.tickets.last_rating(case.ticket.id)
    if rating is None or rating.comment != words:
        closing.comment(case.unit, case.ticket.id, case.actor, words)
    return True


# --- the engineer ------------------------------------------------------------------------------------------------


def accept(case: Case) -> Done:
    field.accept(case.unit, case.ticket.id, case.actor, case.link.subject_id)
    return case.done("accepted")


def decline(case: Case) -> Done:
    reason = case.form.word("reason")
    if reason not in REASONS:
        raise Refusal("reason_needed")
    after = field.decline(case.unit, case.ticket.id, case.actor, case.link.subject_id, reason)
    return case.done("declined" if after.state is State.OFFERED else "declined_nobody")


def step(do: Callable[[Case], object], code: str = "told") -> Do:
    """A step of a job: only from the page as it stands, so that a second press does not do it twice."""

    def guarded(case: Case) -> Done:
        if case.form.number("version", 0, 10**8) != case.ticket.version:
            raise Refusal("outdated")
        do(case)
        reached = addresses.of_person(case.unit, case.ticket.customer_id) is not None
        return case.done(code if reached else "not_reached")

    return guarded


def _depart(case: Case) -> object:
    minutes = case.form.number("minutes", 1, A_DAY)
    if minutes is None:
        raise Refusal("outdated")
    return field.depart(case.unit, case.ticket.id, case.actor, minutes)


def _arrive(case: Case) -> object:
    return field.arrive(case.unit, case.ticket.id, case.actor)


def _remote(case: Case) -> object:
    return field.start_remote(case.unit, case.ticket.id, case.actor)


def _resume(case: Case) -> object:
    return holding.resume(case.unit, case.ticket.id, case.actor)


def _complete(case: Case) -> object:
    """The report; what is missing is said, and nothing is done by halves."""
    form, mode = case.form, MODES.get(case.form.word("mode"))
    if mode is None:
        raise Refusal("mode_needed")
    parts = form.text("parts") or (field.NO_PARTS if form.word("no_parts") else "")
    return field.complete(
        case.unit,
        case.ticket.id,
        case.actor,
        cause=form.text("cause"),
        action=form.text("done"),
        mode=mode,
        parts=parts,
        tested=bool(form.word("tested")),
        arrived_at=hours.lately(form.word("arrived"), case.unit.policy.zone, case.unit.now),
    )


ACTIONS: Mapping[tuple[Purpose, str], Do] = MappingProxyType(
    {
        (Purpose.SIGN, "sign"): sign,
        (Purpose.SIGN, "dispute"): dispute,
        (Purpose.SIGN, "go_rate"): go_rate,
        (Purpose.RATE, "rate"): rate,
        (Purpose.RATE, "comment"): comment,
        (Purpose.JOB, "accept"): accept,
        (Purpose.JOB, "decline"): decline,
        (Purpose.JOB, "depart"): step(_depart),
        (Purpose.JOB, "arrive"): step(_arrive),
        (Purpose.JOB, "remote"): step(_remote),
        (Purpose.JOB, "resume"): step(_resume),
        (Purpose.JOB, "complete"): step(_complete, "completed"),
    }
)
