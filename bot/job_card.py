"""The engineer's card: the offer, then the job, step by step; every step is one button for a thumb on a ladder."""

from bot.actions import DECLINE_REASONS, ETAS
from bot.card_parts import Face, facts, history, map_link
from bot.rich import Rich, lines, shorten
from bot.screens import Button, Rows, Screen, columns
from storage.records.ticket import Assignment, Hold, Kind, Offered, State, Work

HOLDS = tuple(reason for reason in Hold if reason is not Hold.WAITING_QUOTE)


def job(look: Face) -> Screen:
    mine = next((offer for offer, _ in look.view.offers if offer.id == look.subject_id), None)
    if mine is None:
        return Screen(look.rich("job.gone", number=look.ticket.label))
    if mine.status is Offered.OFFERED:
        return offer(look, mine)
    if mine.status is Offered.ACCEPTED and look.ticket.owner_id == look.reader_id:
        return Screen(lines(head(look), facts(look), history(look), "", progress(look)), steps(look))
    return Screen(lines(head(look), gone(look, mine)), _second_chance(look, mine))


def head(look: Face) -> Rich:
    return look.rich("job.head", number=look.ticket.label, state=look.state())


def offer(look: Face, mine: Assignment) -> Screen:
    """What, where, who, how urgent, what was there before: accept, decline with a reason, ask."""
    minutes = look.policy.periods.offer_expire
    if look.ticket.urgent:
        minutes = look.policy.periods.urgent_offer_expire
    text = lines(
        look.rich("job.offer", number=look.ticket.label),
        facts(look),
        history(look),
        look.rich("job.why", why=look.text(f"why.{mine.why}")),
        "",
        look.rich("job.answer_by", at=mine.offered_at + minutes),
    )
    if look.panel == "decline":
        reasons = [look.button(f"reason.{why}", "de", why, bound=mine.id) for why in DECLINE_REASONS]
        return Screen(text, (*columns(reasons, 2), (look.turn_to("button.back", "main"),)))
    rows: list[tuple[Button, ...]] = [
        (look.button("button.accept", "ac", bound=mine.id),),
        (look.turn_to("button.decline", "decline"), look.button("button.ask", "as")),
    ]
    link = map_link(look.ticket)
    if link:
        rows.append((Button(look.text("button.map"), url=link),))
    return Screen(text, tuple(rows))


def gone(look: Face, mine: Assignment) -> Rich:
    """Why this is not (or no longer) his job: with the name and time of who has it."""
    taken = look.view.owned_since
    if taken and look.view.owner and taken.engineer_id != mine.engineer_id:
        return look.rich("job.taken", name=look.view.owner.name, at=taken.answered_at)
    return look.rich(f"job.{mine.status}", at=mine.answered_at)


def _second_chance(look: Face, mine: Assignment) -> Rows:
    """An offer that ran out can still be taken while nobody has it."""
    open_still = look.ticket.state in {State.TRIAGED, State.OFFERED}
    if mine.status is Offered.EXPIRED and open_still:
        return ((look.button("button.accept_late", "ac", bound=mine.id),),)
    return ()


def progress(look: Face) -> Rich:
    ticket = look.ticket
    return lines(
        look.rich("card.phone", text=ticket.phone) if ticket.phone else None,
        look.rich("card.eta", at=ticket.eta_at) if ticket.eta_at else None,
        look.rich("card.parts", text=shorten(", ".join(look.view.parts), 400)) if look.view.parts else None,
        look.rich("job.hint.complaint" if to_call(look) else f"job.hint.{ticket.state}"),
    )


def to_call(look: Face) -> bool:
    """A complaint whose return call has not been made (P14.5)."""
    return look.ticket.kind is Kind.COMPLAINT and look.ticket.called_back_at is None and look.ticket.open


def steps(look: Face) -> Rows:
    """The buttons of a job that is his."""
    panels = {"depart": _departing, "promise": _promising, "hold": _holding, "hand_back": _handing_back}
    if look.panel in panels:
        return (*panels[look.panel](look), (look.turn_to("button.back", "main"),))
    rows = work(look)
    if look.ticket.state in {State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS, State.ON_HOLD}:
        rows += [_beside(look), _away(look)]
    return tuple(rows)


def work(look: Face) -> list[tuple[Button, ...]]:
    """What brings the job forward from where it is."""
    ticket = look.ticket
    rows: list[tuple[Button, ...]] = []
    if to_call(look):
        rows.append((look.button("button.called_back", "cb"),))
    if ticket.state in {State.ACCEPTED, State.SCHEDULED}:
        rows += [
            (look.turn_to("button.depart", "depart"), look.turn_to("button.promise", "promise")),
            (look.button("button.arrive", "ar"), look.button("button.remote", "rm")),
        ]
    elif ticket.state is State.IN_PROGRESS:
        rows += _working(look)
    elif ticket.state is State.ON_HOLD:
        rows.append((look.button("button.resume", "re"),))
    return rows


def _working(look: Face) -> list[tuple[Button, ...]]:
    if look.ticket.detail == Work.EN_ROUTE:
        return [(look.button("button.arrive", "ar"), look.turn_to("button.later_eta", "depart"))]
    rows: list[tuple[Button, ...]] = [(look.button("button.complete", "fi"),)]
    if look.ticket.detail in {Work.REMOTE, Work.DISPUTED}:
        rows.append((look.turn_to("button.depart", "depart"), look.button("button.arrive", "ar")))
    return rows


def _beside(look: Face) -> tuple[Button, ...]:
    note = look.button("button.note", "no")
    if look.ticket.state is State.ON_HOLD:
        return (note,)
    return (look.button("button.part", "pa"), note, look.turn_to("button.hold", "hold"))


def _away(look: Face) -> tuple[Button, ...]:
    row = (look.turn_to("button.hand_back", "hand_back"), look.button("button.ask", "as"))
    link = map_link(look.ticket)
    return (*row, Button(look.text("button.map"), url=link)) if link else row


def own(look: Face) -> Rows:
    """The same on the card of a clerk who took it himself: what only a desk can do is in place of asking the desk."""
    if look.panel in {"depart", "promise"}:
        return steps(look)
    desk = (look.turn_to("button.reassign", "reassign"), look.button("button.write_customer", "wc"))
    return (*work(look), _beside(look), desk, (look.turn_to("button.more", "more"),))


def _minutes(look: Face, action: str) -> list[Button]:
    return [look.button("in_span", action, str(m), span=look.phrases.span(m * 60)) for m in ETAS]


def _departing(look: Face) -> Rows:
    as_promised = look.ticket.eta_at is not None and look.ticket.detail != Work.EN_ROUTE
    rows = columns(_minutes(look, "dp"), 2)
    return ((look.button("button.as_promised", "dp"),), *rows) if as_promised else rows


def _promising(look: Face) -> Rows:
    return columns(_minutes(look, "et"), 2)


def _holding(look: Face) -> Rows:
    return columns([look.button(f"detail.{reason}", "ho", reason.value) for reason in HOLDS], 2)


def _handing_back(look: Face) -> Rows:
    return columns([look.button(f"reason.{why}", "hb", why) for why in DECLINE_REASONS], 2)
