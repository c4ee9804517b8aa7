"""Every button of a card: what it does, for whom it is bound, and what the presser is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bot import asking, finish
from bot.board import journal_text
from bot.callbacks import Press
from bot.incoming import CHANNEL
from bot.turn import Turn
from dispatch import addresses, closing, desk, field, holding
from dispatch.errors import Refusal
from storage.records.ticket import Hold, Kind, State, Ticket

CANCEL_REASONS = ("not_needed", "solved_itself", "mistake")
DECLINE_REASONS = ("busy", "far", "skill", "ill", "other")
OFFICE_CANCEL = ("not_needed", "mistake", "not_ours", "unreachable")
ETAS = (15, 30, 60, 120)


class Bound(StrEnum):
    """What the number in a button stands for, and so when it is out of date."""

    VERSION = "version"  # the ticket must not have changed since
    THING = "thing"  # an offer, a report, a rating: the command itself tells
    NOTHING = "nothing"


Do = Callable[[Turn, Ticket, Press], str]


@dataclass(frozen=True, slots=True)
class Action:
    """`do` returns the key of the answer."""

    do: Do
    bound: Bound = Bound.VERSION
    reads: bool = (
        True  # the presser must be allowed to read the ticket; False: the command itself knows better
    )


def told(turn: Turn, ticket: Ticket) -> str:
    """What is true: the customer is told, or cannot be reached."""
    return "customer_told" if addresses.of_person(turn.unit, ticket.customer_id) else "customer_not_reached"


# --- engineer ----------------------------------------------------------------------------------------------


def accept(turn: Turn, ticket: Ticket, press: Press) -> str:
    field.accept(turn.unit, ticket.id, turn.caller, press.bound)
    return "accepted_you"


def decline(turn: Turn, ticket: Ticket, press: Press) -> str:
    after = field.decline(turn.unit, ticket.id, turn.caller, press.bound, _one_of(press.arg, DECLINE_REASONS))
    return "declined_you" if after.state is State.OFFERED else "declined_nobody"


def promise(turn: Turn, ticket: Ticket, press: Press) -> str:
    field.promise(turn.unit, ticket.id, turn.caller, int(press.arg))
    return told(turn, ticket)


def depart(turn: Turn, ticket: Ticket, press: Press) -> str:
    field.depart(turn.unit, ticket.id, turn.caller, int(press.arg) if press.arg else None)
    return told(turn, ticket)


def arrive(turn: Turn, ticket: Ticket, _press: Press) -> str:
    field.arrive(turn.unit, ticket.id, turn.caller)
    return told(turn, ticket)


def remote(turn: Turn, ticket: Ticket, _press: Press) -> str:
    field.start_remote(turn.unit, ticket.id, turn.caller)
    return told(turn, ticket)


def hold(turn: Turn, ticket: Ticket, press: Press) -> str:
    holding.hold(turn.unit, ticket.id, turn.caller, Hold(_one_of(press.arg, tuple(Hold))))
    return told(turn, ticket)


def resume(turn: Turn, ticket: Ticket, _press: Press) -> str:
    holding.resume(turn.unit, ticket.id, turn.caller)
    return told(turn, ticket)


def hand_back(turn: Turn, ticket: Ticket, press: Press) -> str:
    field.hand_back(turn.unit, ticket.id, turn.caller, _one_of(press.arg, DECLINE_REASONS))
    return "handed_back_you"


def finish_it(turn: Turn, ticket: Ticket, _press: Press) -> str:
    return finish.begin(turn, ticket)


def question(kind: str, **state: str) -> Do:
    def ask(turn: Turn, ticket: Ticket, _press: Press) -> str:
        return asking.ask(turn, kind, ticket, **state)

    return ask


# --- customer ----------------------------------------------------------------------------------------------


def customer_cancel(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.cancel(turn.unit, ticket.id, turn.caller, _one_of(press.arg, CANCEL_REASONS))
    return "cancelled_you"


def sign(turn: Turn, ticket: Ticket, press: Press) -> str:
    closing.confirm(turn.unit, ticket.id, turn.caller, CHANNEL, turn.came.chat, press.bound)
    return "signed_you"


def object_to(turn: Turn, ticket: Ticket, press: Press) -> str:
    signoff = turn.unit.tickets.last_signoff(ticket.id)
    if signoff is None or signoff.report_id != press.bound:
        raise Refusal("report_outdated")
    if ticket.customer_id != turn.caller.id:
        raise Refusal("not_yours")
    closing.refuse_answered(signoff)
    return asking.ask(turn, "dispute", ticket, report=press.bound)


def rate(turn: Turn, ticket: Ticket, press: Press) -> str:
    rating = turn.unit.tickets.last_rating(ticket.id)
    if rating is None or rating.id != press.bound:
        raise Refusal("rating_closed")
    grade = int(press.arg)
    if grade in closing.BAD:
        asking.ask(turn, "bad_reason", ticket)  # asked first: the complaint's card comes below it
    closing.rate(turn.unit, ticket.id, turn.caller, grade)
    return "rated_you"


# --- office ------------------------------------------------------------------------------------------------


def staff_only(do: Do) -> Do:
    """The command's own table decides about most verbs; looking and choosing needs the office as well."""

    def guarded(turn: Turn, ticket: Ticket, press: Press) -> str:
        if not turn.caller.office:
            raise Refusal("not_yours")
        return do(turn, ticket, press)

    return guarded


def kind(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.triage(turn.unit, ticket.id, turn.caller, kind=Kind(_one_of(press.arg, tuple(Kind))))
    return "noted"


def grade_it(turn: Turn, ticket: Ticket, press: Press) -> str:
    impact, urgency = (int(_one_of(digit, ("1", "2", "3"))) for digit in (press.arg[:1], press.arg[1:2]))
    desk.triage(turn.unit, ticket.id, turn.caller, impact=impact, urgency=urgency)
    return "noted"


def way(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.triage(turn.unit, ticket.id, turn.caller, on_site=press.arg == "site")
    return "noted"


def auto(turn: Turn, ticket: Ticket, _press: Press) -> str:
    _, choice = desk.auto_offer(turn.unit, ticket.id, turn.caller)
    return "offered" if choice.ranked else "nobody_now"


def give(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.offer(turn.unit, ticket.id, turn.caller, int(press.arg, 36))
    return "offered"


def give_instead(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.reassign(turn.unit, ticket.id, turn.caller, "office", int(press.arg, 36))
    return "offered"


def take(turn: Turn, ticket: Ticket, _press: Press) -> str:
    desk.take(turn.unit, ticket.id, turn.caller)
    return "taken_you"


def withdraw(turn: Turn, ticket: Ticket, _press: Press) -> str:
    desk.withdraw(turn.unit, ticket.id, turn.caller)
    return "done"


def office_cancel(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.cancel(turn.unit, ticket.id, turn.caller, _one_of(press.arg, OFFICE_CANCEL))
    return "done"


def merge(turn: Turn, ticket: Ticket, press: Press) -> str:
    desk.duplicate(turn.unit, ticket.id, turn.caller, int(press.arg, 36))
    return "done"


def panel(turn: Turn, ticket: Ticket, press: Press) -> str:
    """Turn a card's page: nothing changes but what its buttons are."""
    card = turn.unit.messages.card_at(CHANNEL, turn.came.chat, turn.came.message_id)
    if card is None or card.ticket_id != ticket.id:
        raise Refusal("outdated")
    turn.unit.messages.update_card(card, panel=press.arg or "main")
    return ""


def history(turn: Turn, ticket: Ticket, _press: Press) -> str:
    turn.say(journal_text(turn, ticket), ticket_id=ticket.id)
    return ""


def _one_of(word: str, allowed: tuple[str, ...]) -> str:
    if word not in allowed:
        raise Refusal("outdated")
    return word


A, THING, NOTHING = Action, Bound.THING, Bound.NOTHING

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "ac": A(accept, THING, reads=False),
        "de": A(decline, THING, reads=False),
        "as": A(question("question"), NOTHING),
        "et": A(promise),
        "dp": A(depart),
        "ar": A(arrive),
        "rm": A(remote),
        "ho": A(hold),
        "re": A(resume),
        "hb": A(hand_back),
        "fi": A(finish_it, NOTHING),
        "pa": A(question("part")),
        "no": A(question("note"), NOTHING),
        "cc": A(customer_cancel),
        "ok": A(sign, THING),
        "nf": A(object_to, THING),
        "rt": A(rate, THING),
        "co": A(question("comment"), NOTHING),
        "ro": A(question("reopen"), NOTHING),
        "ki": A(staff_only(kind)),
        "sv": A(staff_only(grade_it)),
        "wy": A(staff_only(way)),
        "au": A(staff_only(auto)),
        "gi": A(staff_only(give)),
        "ri": A(staff_only(give_instead)),
        "ta": A(staff_only(take)),
        "wd": A(staff_only(withdraw)),
        "ca": A(staff_only(office_cancel)),
        "du": A(staff_only(merge)),
        "sc": A(staff_only(question("scan")), NOTHING),
        "jr": A(staff_only(history), NOTHING),
        "wc": A(staff_only(question("write_customer", to="customer")), NOTHING),
        "we": A(staff_only(question("write_engineer", to="engineer")), NOTHING),
        "cb": A(staff_only(question("call")), NOTHING),
        "pn": A(panel),
    }
)
