"""The engineer's page: the offer, then the job, step by step. Pure."""

from typing import Any

from dispatch.wording import word
from storage.records.ticket import Assignment, Mode, Offered, State, Work
from web.facts import Facts
from web.forms import REASONS
from web.rows import Row, dial, place, row, when
from web.saying import Tongue

ETAS = (15, 30, 45, 60, 90, 120)  # minutes
# The way of working that is most likely, from where the job stands.
LIKELY = {Work.ON_SITE: Mode.ON_SITE, Work.REMOTE: Mode.REMOTE}


def job(facts: Facts, t: Tongue) -> tuple[str, dict[str, Any]]:
    """What he may see and do now; of a job that is not (or no longer) his only why."""
    offer = facts.offer
    content: dict[str, Any] = {"title": t("page.title.job"), "reasons": reasons(t), "rows": (), "etas": ()}
    if offer is None or not facts.readable:
        why = gone(facts, t, offer) if offer else t("job.gone", number=facts.ticket.label)
        return "job.html", {**content, "head": t("page.job.gone"), "what": "gone", "why": why}
    if facts.mine:
        return "job.html", {**content, **his(facts, t)}
    if offer.status is Offered.OFFERED:
        return "job.html", {**content, **offered(facts, t, offer)}
    late = offer.status is Offered.EXPIRED and facts.ticket.state in {State.TRIAGED, State.OFFERED}
    shown = rows(facts, t) if late else ()
    what, why = "late" if late else "gone", gone(facts, t, offer)
    return "job.html", {**content, "head": t("page.job.gone"), "what": what, "why": why, "rows": shown}


def reasons(t: Tongue) -> list[tuple[str, str]]:
    return [(why, t(f"reason.{why}")) for why in REASONS]


def offered(facts: Facts, t: Tongue, offer: Assignment) -> dict[str, Any]:
    periods = facts.policy.periods
    minutes = periods.urgent_offer_expire if facts.ticket.urgent else periods.offer_expire
    return {
        "head": t("page.job.offer"),
        "what": "offer",
        "why": t("job.answer_by", at=offer.offered_at + minutes),
        "rows": [*rows(facts, t), *history(facts, t)],
    }


def his(facts: Facts, t: Tongue) -> dict[str, Any]:
    """The job that is his, with the steps that lead on from where it is."""
    ticket = facts.ticket
    here = t(f"state.{ticket.state}")
    going = ticket.state is State.IN_PROGRESS
    before = ticket.state in {State.ACCEPTED, State.SCHEDULED}
    driving = going and ticket.detail == Work.EN_ROUTE
    beside = going and ticket.detail in {Work.REMOTE, Work.DISPUTED}
    return {
        "head": f"{here} · {t(f'detail.{ticket.detail}')}" if ticket.detail else here,
        "what": "mine",
        "why": t.own(f"job.hint.{ticket.state}"),
        "rows": [*rows(facts, t), *history(facts, t)],
        "etas": [(minutes, t.phrases.span(minutes * 60)) for minutes in ETAS]
        if before or (going and ticket.detail != Work.ON_SITE)
        else (),
        "driving": driving,
        "may_arrive": before or driving or beside,
        "may_remote": before,
        "may_resume": ticket.state is State.ON_HOLD,
        "may_complete": going and not driving,
        "modes": [(mode.value, t(f"mode.{mode}")) for mode in Mode],
        "likely": LIKELY.get(Work(ticket.detail), "") if going and ticket.detail else "",
        "noted": t("list.comma").join(facts.view.parts),
        "arrived": facts.arrived,
    }


def rows(facts: Facts, t: Tongue) -> list[Row]:
    """What, where, who, how urgent."""
    ticket, view = facts.ticket, facts.view
    phone = ticket.phone or ""
    found = [
        row(t("page.row.severity"), f"{t(f'severity.{ticket.severity}')} · {t(f'kind.{ticket.kind}')}"),
        row(t("page.row.about"), view.about.label) if view.about else None,
        row(t("page.row.problem"), ticket.problem),
        place(t, ticket, search=True),
        row(t("page.row.customer"), view.customer.name),
        row(t("page.row.phone"), phone, f"tel:{dial(phone)}" if dial(phone) else ""),
        row(t("page.row.eta"), when(t, ticket.eta_at)) if ticket.eta_at else None,
        row(t("page.row.appointment"), when(t, ticket.appointment_at)) if ticket.appointment_at else None,
        row(t("page.row.files"), str(view.files)) if view.files else None,
        row(t("page.row.due"), when(t, ticket.due_at)) if ticket.due_at and ticket.open else None,
    ]
    return [each for each in found if each]


def history(facts: Facts, t: Tongue) -> list[Row]:
    """What was done before for this customer or place (P11.1)."""
    lines = [
        f"{ticket.label} · {when(t, ticket.completed_at)} · {ticket.problem[:60]}"
        for ticket in facts.view.history
        if ticket.completed_at
    ]
    found = row(t("page.row.history"), "\n".join(lines))
    return [found] if found else []


def gone(facts: Facts, t: Tongue, offer: Assignment) -> str:
    """Why this is not (or no longer) his job: with the name and time of who has it."""
    taken, owner = facts.view.owned_since, facts.view.owner
    if taken and owner and taken.engineer_id != offer.engineer_id:
        return t("job.taken", name=owner.name, at=taken.answered_at)
    return word_of(t, offer)


def word_of(t: Tongue, offer: Assignment) -> str:
    return (
        t(f"job.{offer.status}", at=offer.answered_at)
        if offer.answered_at
        else word(t.phrases, ("offer",), offer.status)
    )
