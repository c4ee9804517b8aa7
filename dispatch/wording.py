"""What a sentence about a ticket needs, whichever channel says it: the facts of notices, the next step, the place."""

from collections.abc import Sequence
from typing import Any

from dispatch.parcels import Parcel, View
from dispatch.texts import Phrases
from storage.records.policy import Policy
from storage.records.ticket import State, Ticket

# What a fact may be besides what a person typed, in the order in which the phrase book is asked.
VOCABULARIES = {
    "reason": ("reason", "cancel", "detail"),
    "role": ("role",),
    "why": ("unreachable",),
    "state": ("state",),
    "grade": ("grade",),
}


def notice_facts(parcel: Parcel, phrases: Phrases) -> dict[str, Any]:
    """Everything the sentences `notice.*` may put in: the ticket of this moment, and what was told with the
    message; words of ours in the reader's language, words of people as they typed them."""
    facts = {**ticket_facts(parcel.view, phrases), **(parcel.job.payload.get("facts") or {})}
    for name, kinds in VOCABULARIES.items():
        if name in facts:
            facts[name] = word(phrases, kinds, facts[name])
    return facts


def ticket_facts(view: View | None, phrases: Phrases) -> dict[str, Any]:
    if view is None:
        return {"number": "—", "name": "", "customer": "", "problem": "", "eta": None, "detail": ""}
    ticket = view.ticket
    return {
        "number": ticket.label,
        "name": view.owner.name if view.owner else "",
        "customer": view.customer.name,
        "problem": shorten(ticket.problem, 120) or "—",
        "eta": ticket.eta_at,
        "due": ticket.due_at,
        "appointment": ticket.appointment_at,
        "of": view.duplicate_of.label if view.duplicate_of else "",
        "about": view.about.label if view.about else "",
        "phone": ticket.phone or "—",
        "detail": phrases.word("detail", ticket.detail) if ticket.detail else "",
        "reason": ticket.reason or "",
    }


def word(phrases: Phrases, kinds: Sequence[str], value: Any) -> str:
    """A word of ours in the reader's language; what a person typed stays as it is."""
    for kind in kinds:
        if phrases.has(f"{kind}.{value}"):
            return phrases.say(f"{kind}.{value}")
    return shorten(str(value or "—"), 600)


def next_step(view: View, policy: Policy, phrases: Phrases) -> tuple[str, dict[str, Any]]:
    """What happens next, for the customer: the key after `next.` and the facts of its sentence."""
    ticket = view.ticket
    key = str(ticket.detail if ticket.state is State.IN_PROGRESS else ticket.state)
    begun = ticket.submitted_at or ticket.created_at
    at = ticket.eta_at
    if ticket.about_id and ticket.state in {State.RECEIVED, State.TRIAGED, State.ACCEPTED}:
        key = "complaint_called" if ticket.called_back_at else "complaint"
        at = begun + policy.periods.return_call
    return key, {
        "name": view.owner.name if view.owner else "",
        "at": at,
        "by": begun + policy.periods.dispatch,
        "minutes": int(policy.periods.dispatch.total_seconds() // 60),
        "reason": phrases.word("detail", ticket.detail) if ticket.state is State.ON_HOLD else "",
        "number": view.duplicate_of.label if view.duplicate_of else "",
    }


def excluded(phrases: Phrases, reasons: Sequence[Sequence[str]]) -> list[str]:
    """Why nobody can take it: a line per engineer of (name, reason)."""
    rows = [f"· {name}: {phrases.word('excluded', why)}" for name, why in reasons]
    return rows or [phrases.say("excluded.no_engineers")]


def map_link(ticket: Ticket) -> str | None:
    """A link any phone opens in its map; None without a point."""
    if ticket.latitude is None or ticket.longitude is None:
        return None
    return point_link(ticket.latitude, ticket.longitude)


def point_link(latitude: float, longitude: float) -> str:
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"


def shorten(text: str, most: int) -> str:
    """At most `most` characters, cut at a word."""
    flat = text.strip()
    if len(flat) <= most:
        return flat
    cut = flat[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip() + "…"
