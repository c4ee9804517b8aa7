"""Cards as letters: the receipt, the report to be signed and rated, the job of an engineer, the facts for the office."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from dispatch.field import NO_PARTS
from dispatch.wording import map_link, next_step, shorten
from intake.prose import GAP, Block, Quote, row
from intake.sheet import Sheet, Words, brief
from storage.records.ticket import Assignment, Kind, Offered, RatingState, Signing, State

FRESH = {State.RECEIVED, State.TRIAGED, State.OFFERED}
GRADES = (1, 2, 3, 4, 5)
SCAN = "entry "  # how the evidence of a signature on paper begins: the entry that shows it


def card(sheet: Sheet) -> Words | None:
    """The letter of a card; None when there is nothing (left) to be told."""
    found = sheet.parcel.card
    if found is None:
        msg = f"outbox row {sheet.parcel.job.id} names no card"
        raise ValueError(msg)
    if found.message_id is not None:
        return None  # a letter cannot be edited; what changed is told by notices
    return CARDS[found.audience](sheet)


# --- the customer ------------------------------------------------------------------------------------------------


def receipt(sheet: Sheet) -> Words:
    """The number, what happens next and by when. Not a word of the sender's is in it, nor his name: whoever
    forges a sender could else have us carry his text to somebody (S11)."""
    ticket = sheet.ticket
    what = "complaint" if ticket.kind is Kind.COMPLAINT else "report"
    head = f"mail.receipt.{what}" if ticket.state in FRESH else "mail.receipt.now"
    key, facts = next_step(sheet.view, sheet.policy, sheet.phrases)
    missing = [
        sheet.text(f"mail.missing.{name}")
        for name, known in (("place", ticket.place or map_link(ticket)), ("phone", ticket.phone))
        if not known
    ]
    ask = sheet.rich("mail.receipt.missing", what=sheet.text("list.comma").join(missing)) if missing else None
    return sheet.letter(
        sheet.subject(f"mail.subject.{what}"),
        sheet.rich(head, number=ticket.label, state=sheet.text(f"state.{ticket.state}")),
        GAP,
        sheet.rich(sheet.own(f"next.{key}"), **facts),
        GAP,
        ask if ticket.open else None,
        sheet.rich("mail.receipt.reply") if ticket.open else None,
    )


def signoff(sheet: Sheet) -> Words | None:
    """The report in words, and how to sign it; once it is signed, thanks and the question for a grade."""
    report, signed, found = sheet.view.report, sheet.view.signoff, sheet.parcel.card
    if report is None or (found and found.subject_id not in {None, report.id}):
        return None  # a newer report is on its way
    asked = signed is None or signed.status is Signing.REQUESTED
    if asked and sheet.ticket.state is State.COMPLETED:
        return sheet.letter(
            sheet.subject("mail.subject.sign"),
            sheet.rich("mail.sign.head", number=sheet.ticket.label),
            GAP,
            *body(sheet),
            GAP,
            *how_to_sign(sheet),
        )
    return sheet.letter(sheet.subject("mail.subject.report"), *body(sheet), GAP, *thanks(sheet))


def body(sheet: Sheet) -> list[Block]:
    """What was found and done, how, with which parts, when, by whom (P17)."""
    report = sheet.view.report
    if report is None:
        return []
    told = report.body
    parts = [sheet.text("none") if part == NO_PARTS else part for part in told["parts"]]
    blocks: list[Block] = [
        sheet.rich("report.head", number=sheet.ticket.label, version=report.version),
        sheet.rich("report.cause", text=brief(told["cause"])),
        sheet.rich("report.action", text=brief(told["action"])),
        sheet.rich("report.mode", word=sheet.text(f"mode.{told['mode']}")),
        sheet.rich("report.parts", text=shorten(sheet.text("list.comma").join(parts), 1000)),
    ]
    blocks += [
        sheet.rich("report.visit", arrived=_at(sheet, visit["arrived"]), left=_at(sheet, visit["left"]))
        for visit in told["visits"]
    ]
    blocks.append(sheet.rich("report.engineer", name=told["engineer"]))
    if told["photos"]:
        blocks.append(sheet.rich("report.photos", n=len(told["photos"])))
    return blocks


def _at(sheet: Sheet, moment: str | None) -> str:
    return sheet.phrases.moment(datetime.fromisoformat(moment)) if moment else "—"


def how_to_sign(sheet: Sheet) -> list[Block]:
    """The question, what silence means (nothing, when it was urgent: T8), and how to answer."""
    ticket = sheet.ticket
    if ticket.urgent or ticket.completed_at is None:
        question = sheet.rich("signoff.ask")
    else:
        question = sheet.rich("signoff.ask_until", at=ticket.completed_at + sheet.policy.periods.signoff_auto)
    return [question, sheet.rich("mail.sign.reply")]


def how_to_rate(sheet: Sheet) -> list[Block]:
    words = sheet.text("list.comma").join(sheet.text(f"grade.{grade}") for grade in GRADES)
    return [sheet.rich("rating.requested"), sheet.rich("mail.rate.reply", grades=words)]


def thanks(sheet: Sheet) -> list[Block]:
    """What became of the report; a grade is asked for while there is none."""
    signed, rating = sheet.view.signoff, sheet.view.rating
    if signed is None or signed.status in {Signing.REQUESTED, Signing.CANCELLED}:
        return []
    if signed.status is Signing.DISPUTED:
        return [sheet.rich("mail.sign.disputed")]
    done = "signoff.auto" if signed.status is Signing.AUTO_CONFIRMED else "signoff.done"
    if signed.evidence and signed.evidence.startswith(SCAN):
        done = "signoff.scan"
    said: list[Block] = [sheet.rich(done, at=signed.answered_at)]
    if rating is None:
        return said
    if rating.status is RatingState.REQUESTED:
        return [*said, GAP, *how_to_rate(sheet)]
    if rating.grade:
        return [*said, sheet.rich("rating.given", grade=sheet.text(f"grade.{rating.grade}"))]
    return said


# --- engineers and the office ------------------------------------------------------------------------------------


def job(sheet: Sheet) -> Words:
    """The engineer's letter: the offer, then the job with what he needs on the way, or that it is not his."""
    found = sheet.parcel.card
    subject_id, reader = (found.subject_id, found.person_id) if found else (None, None)
    mine = next((offer for offer, _ in sheet.view.offers if offer.id == subject_id), None)
    if mine is None:
        return sheet.letter(sheet.subject("mail.subject.job"), sheet.rich("job.gone", number=sheet.number))
    if mine.status is Offered.OFFERED:
        return _offer(sheet, mine)
    if mine.status is Offered.ACCEPTED and sheet.ticket.owner_id == reader:
        return sheet.letter(
            sheet.subject("mail.subject.job"),
            sheet.rich("job.head", number=sheet.number, state=state(sheet)),
            GAP,
            *facts(sheet),
            sheet.rich("card.eta", at=sheet.ticket.eta_at) if sheet.ticket.eta_at else None,
            GAP,
            sheet.rich("mail.job.steps"),
        )
    return sheet.letter(
        sheet.subject("mail.subject.job"),
        sheet.rich("job.head", number=sheet.number, state=state(sheet)),
        _gone(sheet, mine),
    )


def _offer(sheet: Sheet, mine: Assignment) -> Words:
    """What, where, who, how urgent, what was there before, and how to answer by when."""
    periods = sheet.policy.periods
    by = mine.offered_at + (periods.urgent_offer_expire if sheet.ticket.urgent else periods.offer_expire)
    return sheet.letter(
        sheet.subject("mail.subject.offer", at=by),
        sheet.rich("job.offer", number=sheet.number),
        GAP,
        *facts(sheet),
        sheet.rich("job.why", why=sheet.text(f"why.{mine.why}")),
        GAP,
        sheet.rich("job.answer_by", at=by),
        sheet.rich("mail.job.reply"),
    )


def _gone(sheet: Sheet, mine: Assignment) -> Block:
    taken = sheet.view.owned_since
    if taken and sheet.view.owner and taken.engineer_id != mine.engineer_id:
        return sheet.rich("job.taken", name=sheet.view.owner.name, at=taken.answered_at)
    return sheet.rich(f"job.{mine.status}", at=mine.answered_at)


def office(sheet: Sheet) -> Words:
    """The facts for the desk; what is decided is decided in the chat or on the page."""
    owner = sheet.view.owner
    return sheet.letter(
        sheet.subject("mail.subject.office"),
        sheet.rich("office.head", number=sheet.number, state=state(sheet)),
        GAP,
        *facts(sheet),
        sheet.rich("card.engineer", name=owner.name) if owner else None,
        GAP,
        sheet.rich("mail.office.reply"),
    )


def state(sheet: Sheet) -> str:
    said = sheet.text(f"state.{sheet.ticket.state}")
    return f"{said} · {sheet.text(f'detail.{sheet.ticket.detail}')}" if sheet.ticket.detail else said


def facts(sheet: Sheet) -> list[Block]:
    """What, where, who, how urgent, and what was there before (P11.1)."""
    ticket, view, link = sheet.ticket, sheet.view, map_link(sheet.ticket)
    place = ticket.place or (sheet.text("place.on_map") if link else "")
    severity, kind = sheet.text(f"severity.{ticket.severity}"), sheet.text(f"kind.{ticket.kind}")
    rows: tuple[Block | None, ...] = (
        sheet.rich("card.about", number=view.about.label) if view.about else None,
        sheet.rich("card.severity", severity=severity, kind=kind),
        Quote(brief(ticket.problem)) if ticket.problem else None,
        sheet.rich("card.place", text=shorten(place, 300)) if place else None,
        row(sheet.text("mail.link.map"), link) if link else None,
        sheet.rich("card.who", name=view.customer.name),
        sheet.rich("card.phone", text=ticket.phone) if ticket.phone else None,
        sheet.rich("card.files", n=view.files) if view.files else None,
        sheet.rich("card.bad_files", n=view.bad_files) if view.bad_files else None,
        sheet.rich("card.due", at=ticket.due_at) if ticket.due_at and ticket.open else None,
        *_history(sheet),
    )
    return [block for block in rows if block is not None]


def _history(sheet: Sheet) -> list[Block]:
    done = [ticket for ticket in sheet.view.history if ticket.completed_at]
    rows: list[Block] = [
        row(f"· {ticket.label} {sheet.phrases.show(ticket.completed_at)} {shorten(ticket.problem, 60)}")
        for ticket in done
    ]
    return [sheet.rich("card.history"), *rows] if rows else []


CARDS: Mapping[str, Callable[[Sheet], Words | None]] = MappingProxyType(
    {"customer": receipt, "signoff": signoff, "job": job, "office": office}
)
