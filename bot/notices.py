"""Notices put into words: one sentence, the facts of the moment, and a button where something is to be decided."""

from datetime import datetime
from typing import Any

from bot.callbacks import Press
from bot.rich import Rich, lines, rich, shorten
from bot.screens import Button, Rows, Screen
from dispatch.parcels import Parcel
from dispatch.texts import Phrases


def render(parcel: Parcel, now: datetime) -> Screen:
    """The screen of a notice in its reader's language."""
    phrases = Phrases(parcel.language, parcel.policy.zone, now)
    key, told = parcel.job.payload["key"], dict(parcel.job.payload.get("facts") or {})
    facts = {**_ticket_facts(parcel, phrases), **told}
    if key in LISTS:
        return Screen(LISTS[key](phrases, facts))
    for name, kind in (
        ("reason", ("reason", "cancel", "detail")),
        ("role", ("role",)),
        ("why", ("unreachable",)),
    ):
        if name in facts:
            facts[name] = _word(phrases, kind, facts[name])
    if isinstance(facts.get("grade"), int):
        facts["grade"] = phrases.word("grade", facts["grade"])
    return Screen(rich(phrases.pieces(f"notice.{key}", **facts)), _rows(key, told, phrases))


def _ticket_facts(parcel: Parcel, phrases: Phrases) -> dict[str, Any]:
    view = parcel.view
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


def _word(phrases: Phrases, kinds: tuple[str, ...], value: Any) -> str:
    """A word of ours in the reader's language; what a person typed stays as it is."""
    for kind in kinds:
        if phrases.has(f"{kind}.{value}"):
            return phrases.say(f"{kind}.{value}")
    return shorten(str(value or "—"), 600)


def _nobody(phrases: Phrases, facts: dict[str, Any]) -> Rich:
    rows = [f"· {name}: {phrases.say(f'excluded.{why}')}" for name, why in facts["reasons"]]
    return lines(
        rich(phrases.pieces("notice.nobody", number=facts["number"])),
        *(rows or [phrases.say("excluded.no_engineers")]),
    )


LISTS = {"nobody": _nobody}


def _rows(key: str, facts: dict[str, Any], phrases: Phrases) -> Rows:
    if key != "join_request":
        return ()
    yes, no = (
        Button(phrases.say(f"button.{word}"), Press("jn", facts["invitation"], 0, word))
        for word in ("yes", "no")
    )
    return ((yes, no),)
