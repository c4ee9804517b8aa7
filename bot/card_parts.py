"""What all cards share: the reader's words, sealed buttons bound to the version shown, and lines many of them need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.callbacks import Press
from bot.rich import Rich, lines, rich, shorten
from bot.screens import Button
from dispatch.parcels import Parcel, View
from dispatch.texts import Phrases
from storage.records.policy import Policy
from storage.records.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Face:
    """One card for one reader at one moment."""

    view: View
    panel: str
    subject_id: int | None
    reader_id: int | None
    policy: Policy
    phrases: Phrases

    @property
    def ticket(self) -> Ticket:
        return self.view.ticket

    def text(self, key: str, **facts: Any) -> str:
        return self.phrases.say(key, **facts)

    def rich(self, key: str, **facts: Any) -> Rich:
        return rich(self.phrases.pieces(key, **facts))

    def state(self) -> str:
        state = self.text(f"state.{self.ticket.state}")
        return f"{state} · {self.text(f'detail.{self.ticket.detail}')}" if self.ticket.detail else state

    def button(
        self, label: str, action: str, arg: str = "", *, bound: int | None = None, **facts: Any
    ) -> Button:
        """A button of this ticket, bound to the version shown unless it stands for something else."""
        version = self.ticket.version if bound is None else bound
        return Button(self.text(label, **facts), Press(action, self.ticket.id, version, arg))

    def named(self, label: str, action: str, arg: str = "") -> Button:
        """A button whose label is a name, not a phrase."""
        return Button(label, Press(action, self.ticket.id, self.ticket.version, arg))

    def turn_to(self, label: str, panel: str) -> Button:
        return self.button(label, "pn", panel)


def face(parcel: Parcel, now: datetime) -> Face:
    card, view = parcel.card, parcel.view
    if card is None or view is None:
        msg = f"outbox row {parcel.job.id} names no card"
        raise ValueError(msg)
    phrases = Phrases(parcel.language, parcel.policy.zone, now)
    return Face(view, card.panel, card.subject_id, card.person_id, parcel.policy, phrases)


def map_link(ticket: Ticket) -> str | None:
    """A link any phone opens in its map."""
    if ticket.latitude is None or ticket.longitude is None:
        return None
    return f"https://www.openstreetmap.org/?mlat={ticket.latitude}&mlon={ticket.longitude}#map=17/{ticket.latitude}/{ticket.longitude}"


def place(look: Face) -> Rich | None:
    """The address, or that it is a point on the map."""
    if look.ticket.place:
        return look.rich("card.place", text=shorten(look.ticket.place, 200))
    return look.rich("card.place", text=look.text("place.on_map")) if map_link(look.ticket) else None


def facts(look: Face) -> Rich:
    """What, where, who, how urgent: the same lines for engineer and office."""
    ticket, view = look.ticket, look.view
    return lines(
        look.rich("card.about", number=view.about.label) if view.about else None,
        look.rich(
            "card.severity",
            severity=look.text(f"severity.{ticket.severity}"),
            kind=look.text(f"kind.{ticket.kind}"),
        ),
        look.rich("card.problem", text=shorten(ticket.problem, 600)),
        place(look),
        look.rich("card.who", name=view.customer.name),
        look.rich("card.files", n=view.files) if view.files else None,
        look.rich("card.bad_files", n=view.bad_files) if view.bad_files else None,
        look.rich("card.due", at=ticket.due_at) if ticket.due_at and ticket.open else None,
    )


def history(look: Face) -> Rich | None:
    """What was done before for this customer or place (P11.1)."""
    if not look.view.history:
        return None
    rows = [
        f"· {ticket.label} {look.phrases.moment(ticket.completed_at)} {shorten(ticket.problem, 60)}"
        for ticket in look.view.history
        if ticket.completed_at
    ]
    return lines(look.rich("card.history"), *rows)
