"""Cards: one message per ticket and chat that always shows the truth of the moment. Pure: a parcel in, a screen out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from bot.callbacks import Press
from bot.card_parts import Face, face, place
from bot.job_card import job
from bot.office_card import office
from bot.report_card import signoff
from bot.rich import lines, shorten
from bot.screens import Button, Rows, Screen, columns
from dispatch.parcels import Parcel
from storage.records.ticket import Kind, State, Work

ON_THE_WAY = {Work.EN_ROUTE, Work.ON_SITE, Work.DISPUTED}


def render(parcel: Parcel, now: datetime) -> Screen:
    """The screen of the parcel's card, in its reader's language."""
    if parcel.card is None or parcel.view is None:
        msg = f"outbox row {parcel.job.id} names no card"
        raise ValueError(msg)
    return CARDS[parcel.card.audience](face(parcel, now))


def customer(look: Face) -> Screen:
    """What the customer sees of his report: the number, where it stands, what happens next."""
    ticket, view = look.ticket, look.view
    name = view.owner.name if view.owner else ""
    next_key = f"next.{ticket.state}"
    if ticket.state is State.IN_PROGRESS:
        next_key = f"next.{ticket.detail}"
    if ticket.about_id and ticket.state in {State.RECEIVED, State.TRIAGED, State.ACCEPTED}:
        next_key = "next.complaint_called" if ticket.called_back_at else "next.complaint"
    due = (ticket.submitted_at or ticket.created_at) + look.policy.periods.return_call
    text = lines(
        look.rich("card.customer", number=ticket.label, state=look.state()),
        look.rich("card.about", number=view.about.label) if view.about else None,
        look.rich("card.problem", text=shorten(ticket.problem, 300)),
        place(look),
        look.rich("card.engineer", name=name) if name else None,
        look.rich("card.eta", at=ticket.eta_at) if ticket.eta_at else None,
        look.rich("card.files", n=view.files) if view.files else None,
        look.rich("card.bad_files", n=view.bad_files) if view.bad_files else None,
        "",
        look.rich(
            next_key,
            name=name,
            at=due if next_key == "next.complaint" else ticket.eta_at,
            minutes=int(look.policy.periods.dispatch.total_seconds() // 60),
            reason=look.text(f"detail.{ticket.detail}") if ticket.state is State.ON_HOLD else "",
            number=view.duplicate_of.label if view.duplicate_of else "",
        ),
    )
    return Screen(text, _customer_rows(look))


def _customer_rows(look: Face) -> Rows:
    ticket = look.ticket
    if look.panel == "cancel":
        from_list = [
            look.button(f"cancel.{why}", "cc", why) for why in ("not_needed", "solved_itself", "mistake")
        ]
        return (*columns(from_list, 1), (look.turn_to("button.back", "main"),))
    started = ticket.detail in ON_THE_WAY or (ticket.held_from or "").partition(":")[2] in ON_THE_WAY
    over = {State.COMPLETED, State.CONFIRMED, State.CLOSED, State.CANCELLED}
    rows: list[tuple[Button, ...]] = []
    if ticket.state not in over and not started:
        what = "complaint" if ticket.kind is Kind.COMPLAINT else "report"
        rows.append((look.turn_to(f"button.cancel_{what}", "cancel"),))
    if ticket.state in {State.CONFIRMED, State.CLOSED}:
        rows.append((look.button("button.reopen", "ro"),))
    if ticket.state in over:
        rows.append((Button(look.text("button.new_problem"), Press("nw")),))
    return tuple(rows)


CARDS: Mapping[str, Callable[[Face], Screen]] = MappingProxyType(
    {"customer": customer, "signoff": signoff, "job": job, "office": office}
)
