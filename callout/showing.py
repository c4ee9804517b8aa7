"""What `callout ticket` and `callout outbox` show: facts as plain values for JSON, and the same as lines for people."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, tzinfo
from enum import Enum
from typing import Any

from dispatch import queries
from dispatch.rules.lateness import late
from storage.health import Health
from storage.records.message import Job
from storage.records.ticket import State, Ticket
from storage.unit import UnitOfWork

Facts = dict[str, Any]

# --- facts -------------------------------------------------------------------------------------------------


def _ticket(unit: UnitOfWork, ticket: Ticket) -> Facts:
    return {
        **asdict(ticket),
        "owner": unit.people.get(ticket.owner_id).name if ticket.owner_id else None,
        "customer": unit.people.get(ticket.customer_id).name,
        "late": late(ticket, unit.now, unit.policy.periods),
    }


def tickets(unit: UnitOfWork, states: Iterable[State] = (), most: int = 200) -> list[Facts]:
    """The newest tickets first: those in the states given, or all but drafts."""
    wanted = frozenset(states) or frozenset(State) - {State.DRAFT}
    found = [ticket for ticket in reversed(unit.tickets.all()) if ticket.state in wanted]
    return [_ticket(unit, ticket) for ticket in found[:most]]


def ticket(unit: UnitOfWork, number: str) -> Facts | None:
    """One ticket with all that belongs to it, by its public number (T-123456, or the digits); None for no such."""
    cleaned = number.strip().upper().removeprefix("#")
    found = unit.tickets.by_number(f"T-{cleaned}" if cleaned.isdigit() else cleaned)
    if found is None:
        return None
    view, entries = queries.view(unit, found.id), unit.messages.of_ticket(found.id)
    report = view.report
    return {
        **_ticket(unit, found),
        "journal": [{**asdict(event), "actor": name} for event, name in queries.journal(unit, found.id)],
        "offers": [{**asdict(offer), "engineer": person.name} for offer, person in view.offers],
        "visits": [asdict(visit) for visit in view.visits],
        "deadlines": [asdict(line) for line in unit.plans.of_ticket(found.id) if line.fired_at is None],
        "report": asdict(report) if report else None,
        "signoffs": [asdict(signoff) for signoff in unit.tickets.signoffs(found.id)],
        "rating": asdict(view.rating) if view.rating else None,
        "entries": len(entries),
        "files": view.files,
    }


def outbox(unit: UnitOfWork) -> Facts:
    """What waits, failed, or may have arrived twice (`ambiguous`), and how many messages have each status."""
    jobs = [_job(unit, job) for job in Health(unit).doubtful()]
    return {"counts": unit.outbox.counts(), "messages": jobs}


def _job(unit: UnitOfWork, job: Job) -> Facts:
    facts = asdict(job)
    del facts["payload"]  # what was said is in the ticket; this is about whether it left
    name = unit.people.get(job.person_id).name if job.person_id else None
    number = unit.tickets.get(job.ticket_id).label if job.ticket_id else None
    return {**facts, "person": name, "ticket": number}


# --- lines -------------------------------------------------------------------------------------------------


def clean(value: Any, zone: tzinfo | None = None) -> str:
    """A value on one line: moments in the organisation's zone, and nothing that could move the cursor."""
    if value is None:
        return "—"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(char if char.isprintable() else " " for char in str(value))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _state(facts: Facts) -> str:
    return f"{facts['state']}/{facts['detail']}" if facts["detail"] else str(facts["state"])


def ticket_lines(found: list[Facts], zone: tzinfo) -> list[str]:
    """The list as a table; a word when it is empty."""
    if not found:
        return ["no tickets"]
    rows = [
        (
            facts["number"] or "—",
            _state(facts) + (" LATE" if facts["late"] else ""),
            f"S{facts['severity']}",
            clean(facts["kind"]),
            clean(facts["submitted_at"] or facts["created_at"], zone)[:16],
            clean(facts["owner"]),
            clean(facts["customer"]),
            clean(facts["problem"])[:48],
        )
        for facts in found
    ]
    return _table(("number", "state", "sev", "kind", "reported", "owner", "customer", "problem"), rows)


ABOUT = ("kind", "severity", "problem", "place", "phone", "customer", "owner", "late", "eta_at", "disputes")
LATER = ("submitted_at", "completed_at", "closed_at", "due_at", "called_back_at", "reason", "duplicate_of")


def ticket_page(facts: Facts, zone: tzinfo) -> list[str]:
    """Everything about one ticket, part by part."""
    lines = [f"{facts['number']}  {_state(facts)}  version {facts['version']}"]
    lines += [
        f"  {name:<15} {clean(facts[name], zone)}"
        for name in (*ABOUT, *LATER)
        if facts[name] is not None or name in ABOUT
    ]
    lines.append(f"  {'messages':<15} {facts['entries']}, with {facts['files']} files")
    for title, part in PARTS.items():
        found = [clean(line) for line in part(facts, zone)]
        lines += [f"{title}:", *(f"  {line}" for line in found or ["none"])]
    return lines


def _journal(facts: Facts, zone: tzinfo) -> Iterator[str]:
    for event in facts["journal"]:
        arrow = f"{event['from_state'] or '·'} → {event['to_state']}"
        reason = f" ({event['note']['reason']})" if event["note"].get("reason") else ""
        who = event["actor"] or event["party"]
        yield f"{event['seq']:>3}  {clean(event['at'], zone)}  {event['verb']:<14} {arrow:<28} {who}{reason}"


def _offers(facts: Facts, zone: tzinfo) -> Iterator[str]:
    for offer in facts["offers"]:
        answered = f", {clean(offer['answered_at'], zone)}" if offer["answered_at"] else ""
        reason = f" ({offer['reason']})" if offer["reason"] else ""
        yield f"{clean(offer['offered_at'], zone)}  {offer['engineer']}: {offer['status']}{reason}{answered}"


def _visits(facts: Facts, zone: tzinfo) -> Iterator[str]:
    for visit in facts["visits"]:
        named = (("departed", "departed_at"), ("there", "arrived_at"), ("left", "left_at"))
        moments = ", ".join(f"{word} {clean(visit[key], zone)}" for word, key in named if visit[key])
        yield f"{visit['status']}: {moments}"


def _deadlines(facts: Facts, zone: tzinfo) -> Iterator[str]:
    for line in facts["deadlines"]:
        yield f"{clean(line['due_at'], zone)}  {line['kind']}"


def _report(facts: Facts, zone: tzinfo) -> Iterator[str]:
    report = facts["report"]
    if report:
        yield f"version {report['version']} of {clean(report['created_at'], zone)}, sha256 {report['hash']}"
        for name in ("cause", "action", "mode", "parts"):
            yield f"{name}: {report['body'].get(name)}"


def _signoffs(facts: Facts, zone: tzinfo) -> Iterator[str]:
    for signoff in facts["signoffs"]:
        asked = f"asked {clean(signoff['requested_at'], zone)}"
        answered = f", answered {clean(signoff['answered_at'], zone)}" if signoff["answered_at"] else ""
        where = f" by {signoff['channel']} {signoff['address']}" if signoff["address"] else ""
        reason = f" ({signoff['reason']})" if signoff["reason"] else ""
        yield f"{signoff['status']}{reason}: {asked}{answered}{where}, sha256 {signoff['report_hash']}"


def _rating(facts: Facts, zone: tzinfo) -> Iterator[str]:
    rating = facts["rating"]
    if rating:
        comment = f": {rating['comment']}" if rating["comment"] else ""
        given = f", {clean(rating['given_at'], zone)}" if rating["given_at"] else ""
        yield f"{rating['status']}, grade {clean(rating['grade'])} of 1 (excellent) to 5{given}{comment}"


PARTS = {
    "journal": _journal,
    "offers": _offers,
    "visits": _visits,
    "running deadlines": _deadlines,
    "report": _report,
    "sign-off": _signoffs,
    "rating": _rating,
}


def outbox_lines(facts: Facts, zone: tzinfo) -> list[str]:
    """The counts in one line, then what has not arrived for certain."""
    counts = ", ".join(f"{count} {status}" for status, count in sorted(facts["counts"].items()))
    rows = [
        (
            str(job["id"]),
            clean(job["status"]),
            clean(job["kind"]),
            clean(job["ticket"]),
            clean(job["person"] or job["address"]),
            str(job["attempts"]),
            str(job["ambiguous"]),
            clean(job["due_at"], zone),
            clean(job["error"])[:60],
        )
        for job in facts["messages"]
    ]
    head = ("id", "status", "kind", "ticket", "to", "tries", "ambiguous", "due", "error")
    return [f"messages: {counts or 'none'}", *(_table(head, rows) if rows else [])]
