"""The office's card: judge it, give it to somebody, watch it, steer it; the most likely next step is the first button."""

from collections.abc import Callable

from bot.actions import OFFICE_CANCEL
from bot.callbacks import base36
from bot.card_parts import Face, facts, history
from bot.job_card import own
from bot.rich import Rich, lines, shorten
from bot.screens import Button, Rows, Screen, columns
from dispatch.rules.lateness import late
from storage.records.ticket import Hold, Kind, Offered, State

Panel = list[tuple[Button, ...]]
WAITING = {State.RECEIVED, State.TRIAGED}
OWNED = {State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS, State.ON_HOLD}
# (impact, urgency) as a clerk says it; the four severities and what lies between.
GRADES = ("11", "12", "22", "23", "33")


def office(look: Face) -> Screen:
    ticket = look.ticket
    is_late = late(ticket, look.phrases.now, look.policy.periods)
    text = lines(
        look.rich("office.head", number=ticket.label, state=look.state()),
        look.rich("office.late") if is_late else None,
        facts(look),
        look.rich("card.phone", text=ticket.phone) if ticket.phone else None,
        look.rich("office.way", way=look.text("way.site" if ticket.on_site else "way.remote"))
        if ticket.on_site is not None
        else None,
        people(look),
        look.rich("card.eta", at=ticket.eta_at) if ticket.eta_at else None,
        look.rich("office.cancelled", reason=reason(look)) if ticket.state is State.CANCELLED else None,
        look.rich("office.rated", grade=look.text(f"grade.{look.view.rating.grade}"))
        if look.view.rating and look.view.rating.grade
        else None,
        history(look),
    )
    return Screen(text, rows(look))


def reason(look: Face) -> str:
    """The reason of a cancellation: one of ours in words, anything else as it was written."""
    key = f"cancel.{look.ticket.reason}"
    return look.text(key) if look.phrases.has(key) else shorten(look.ticket.reason or "", 300)


def people(look: Face) -> Rich | None:
    """Who has it, or who has been asked and said what."""
    if look.view.owner:
        return look.rich("card.engineer", name=look.view.owner.name)
    asked = [
        f"· {person.name}: {look.text(f'offer.{offer.status}')}"
        + (f" ({look.text(f'reason.{offer.reason}')})" if look.phrases.has(f"reason.{offer.reason}") else "")
        for offer, person in look.view.offers[-5:]
    ]
    return lines(look.rich("office.asked"), *asked) if asked else None


def rows(look: Face) -> Rows:
    panel = PANELS.get(look.panel)
    if panel:
        return (*panel(look), (look.turn_to("button.back", "main"),))
    ticket = look.ticket
    if ticket.state in OWNED and ticket.owner_id == look.reader_id:
        return own(look)
    found: Panel = []
    if ticket.state in WAITING:
        found += [
            (look.button("button.auto", "au"),),
            (look.turn_to("button.assign", "assign"), look.button("button.take", "ta")),
            (look.turn_to("button.kind", "kind"), look.turn_to("button.severity", "severity")),
            (_way(look),),
        ]
    if ticket.state is State.OFFERED:
        found.append((look.button("button.withdraw", "wd"), look.turn_to("button.reassign", "reassign")))
    if ticket.state in OWNED:
        found.append((look.turn_to("button.reassign", "reassign"), _pause(look)))
    found.append(_talk(look))
    if ticket.kind is Kind.COMPLAINT and ticket.called_back_at is None and ticket.open:
        found.append((look.button("button.called_back", "cb"),))
    if ticket.state is State.COMPLETED:
        found.append((look.button("button.scan", "sc"),))
    if ticket.state in {State.CONFIRMED, State.CLOSED}:
        found.append((look.button("button.reopen", "ro"),))
    if ticket.state in WAITING | OWNED | {State.OFFERED}:
        found.append((look.turn_to("button.more", "more"),))
    else:
        found.append((look.button("button.journal", "jr"),))
    return tuple(found)


def _way(look: Face) -> Button:
    """By phone or remotely first, or somebody goes there (P11.2)."""
    if look.ticket.on_site:
        return look.button("button.remote_first", "wy", "remote")
    return look.button("button.on_site", "wy", "site")


def _pause(look: Face) -> Button:
    if look.ticket.state is State.ON_HOLD:
        return look.button("button.resume", "re")
    return look.turn_to("button.hold", "hold")


def _talk(look: Face) -> tuple[Button, ...]:
    buttons = [look.button("button.write_customer", "wc")]
    if look.ticket.owner_id:
        buttons.append(look.button("button.write_engineer", "we"))
    return (*buttons, look.button("button.note", "no"))


# --- panels ------------------------------------------------------------------------------------------------


def _kind(look: Face) -> Rows:
    return columns([look.button(f"kind.{kind}", "ki", kind.value) for kind in Kind], 2)


def _severity(look: Face) -> Rows:
    return columns([look.button(f"grading.{grade}", "sv", grade) for grade in GRADES], 1)


def _engineers(action: str) -> Callable[[Face], Rows]:
    def panel(look: Face) -> Rows:
        """By name, with load and duty; who has an open offer or the job is left out."""
        busy = {o.engineer_id for o, _ in look.view.offers if o.status in {Offered.OFFERED, Offered.ACCEPTED}}
        return tuple(
            (
                look.named(
                    look.text(
                        "office.engineer" if person.on_duty else "office.engineer_off",
                        name=person.name,
                        n=load,
                    ),
                    action,
                    base36(person.id),
                ),
            )
            for person, load in look.view.engineers[:12]
            if person.id not in busy
        )

    return panel


def _hold(look: Face) -> Rows:
    return columns([look.button(f"detail.{why}", "ho", why.value) for why in Hold], 2)


def _more(look: Face) -> Rows:
    more: Panel = [(look.button("button.journal", "jr"),), (look.turn_to("button.cancel_ticket", "cancel"),)]
    if look.view.same_customer:
        more.append((look.turn_to("button.duplicate", "duplicate"),))
    if look.ticket.state not in WAITING:
        more.append((look.turn_to("button.kind", "kind"), look.turn_to("button.severity", "severity")))
    return tuple(more)


def _cancel(look: Face) -> Rows:
    return columns([look.button(f"cancel.{why}", "ca", why) for why in OFFICE_CANCEL], 2)


def _duplicate(look: Face) -> Rows:
    return tuple(
        (look.named(f"{other.label} {other.problem[:30]}", "du", base36(other.id)),)
        for other in look.view.same_customer[:8]
    )


PANELS: dict[str, Callable[[Face], Rows]] = {
    "kind": _kind,
    "severity": _severity,
    "assign": _engineers("gi"),
    "reassign": _engineers("ri"),
    "hold": _hold,
    "more": _more,
    "cancel": _cancel,
    "duplicate": _duplicate,
}
