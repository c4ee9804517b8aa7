"""A button was pressed: find out what it was, whether it still is, do it, and answer with the truth (S15)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot import asking, conversation, finish, report
from bot.actions import ACTIONS, Bound
from bot.callbacks import Press, unpack
from bot.incoming import CHANNEL
from bot.rich import lines
from bot.turn import Turn
from dispatch import queries, register, telling
from dispatch.errors import Refusal
from storage.errors import Missing
from storage.records.message import Card
from storage.records.plan import Dialogue
from storage.records.ticket import Ticket

WHOLE_MAIL = 12_000  # characters: three messages; `callout mail show` prints the rest


def press(turn: Turn) -> str:
    """Handle a press; whatever happens it is answered. Returns the outcome for the inbox row."""
    meant = unpack(turn.chat.key, turn.came.chat, turn.came.data)
    if meant is None:
        turn.answer(turn.text("answer.unknown_button"))
        return "rejected: forged or foreign callback data"
    try:
        with turn.unit.attempt():
            key = SPECIAL[meant.action](turn, meant) if meant.action in SPECIAL else on_card(turn, meant)
    except Refusal as refusal:
        facts = asking.refusal_facts(turn, refusal)
        turn.answer(turn.text(f"refusal.{refusal.key}", **facts))
        refresh(turn, meant)
        return f"refused: {refusal.key}"
    except Missing:
        turn.answer(turn.text("refusal.outdated"))
        return "rejected: names nothing"
    turn.answer(turn.text(f"answer.{key}") if key else "")
    return f"pressed: {meant.action}"


def on_card(turn: Turn, meant: Press) -> str:
    """A button of a ticket's card."""
    action = ACTIONS.get(meant.action)
    ticket = turn.unit.tickets.get(meant.subject)
    if action is None or (action.reads and not queries.readable(turn.unit, ticket, turn.caller)):
        raise Refusal("not_yours")
    if action.bound is Bound.VERSION and ticket.version != meant.bound:
        raise Refusal("outdated")
    adopt(turn, ticket)
    key = action.do(turn, ticket, meant)
    refresh(turn, meant, to_main=meant.action != "pn")
    return key


def adopt(turn: Turn, ticket: Ticket) -> None:
    """A press on a copy we did not know of (a sending in doubt did arrive): that copy is now the card (G4)."""
    here = [card for card in turn.unit.messages.cards(ticket.id) if card.address == turn.came.chat]
    if not here or any(card.message_id == turn.came.message_id for card in here):
        return
    unknown = [card for card in here if card.message_id is None]
    for card in unknown[:1]:
        turn.unit.messages.update_card(card, message_id=turn.came.message_id)


def refresh(turn: Turn, meant: Press, *, to_main: bool = False) -> None:
    """Show the card as it is now; a message that is no longer the card loses its buttons."""
    card = turn.unit.messages.card_at(CHANNEL, turn.came.chat, turn.came.message_id)
    if card is None:
        if meant.action in ACTIONS:
            turn.unbutton(turn.came.message_id)
        return
    if to_main and card.panel != "main":
        card = turn.unit.messages.update_card(card, panel="main")
    if may_see(turn, card):
        telling.refresh(turn.unit, card)


def may_see(turn: Turn, card: Card) -> bool:
    return card.person_id is None or card.person_id == turn.caller.id


# --- buttons that are not on a ticket's card -----------------------------------------------------------------


def in_dialogue(turn: Turn, meant: Press) -> str:
    """A button of a dialogue: it must be the caller's, still going on, and at that very step."""
    dialogue = turn.unit.plans.dialogue_by_id(meant.subject)
    if dialogue is None:
        turn.unbutton(turn.came.message_id)
        return "dialogue_over"
    if dialogue.person_id != turn.caller.id:
        raise Refusal("not_yours")
    if dialogue.step != meant.bound:
        again(turn, dialogue)
        return "outdated_step"
    if dialogue.kind in asking.QUESTIONS:
        return asking.press(turn, meant, dialogue)
    handler = {report.KIND: report.press, finish.KIND: finish.press}[dialogue.kind]
    return handler(turn, meant, dialogue)


def again(turn: Turn, dialogue: Dialogue) -> None:
    """Show the question that is really open."""
    if dialogue.kind == report.KIND:
        report.ask_again(turn, dialogue)
    elif dialogue.kind == finish.KIND:
        finish.ask_again(turn, dialogue)


def chosen_ticket(turn: Turn, meant: Press) -> str:
    """'Which ticket is this about?' was answered."""
    return conversation.chosen(turn, meant.subject, meant.bound)


def language(turn: Turn, meant: Press) -> str:
    person = register.speak(turn.unit, turn.caller, meant.arg)
    turn.caller = person
    turn.rewrite(turn.came.message_id, turn.rich("language.set"))
    return "done"


def joiner(turn: Turn, meant: Press) -> str:
    """An administrator decides about somebody who used an invitation (S18)."""
    granted = meant.arg == "yes"
    register.decide(turn.unit, meant.subject, turn.caller, granted=granted)
    turn.unbutton(turn.came.message_id)
    return "joined" if granted else "refused"


def whole_mail(turn: Turn, meant: Press) -> str:
    """The whole text of a mail, history and signature included."""
    entry = turn.unit.messages.get(meant.subject)
    ticket = turn.unit.tickets.get(entry.ticket_id) if entry.ticket_id else None
    # What a member of the staff quotes is not for the customer's eyes.
    may = queries.readable(turn.unit, ticket, turn.caller) if ticket else turn.caller.office
    if not may or not turn.caller.staff or not entry.data.get("full"):
        raise Refusal("not_yours")
    text = str(entry.data["full"])
    cut = len(text) > WHOLE_MAIL
    turn.say(
        lines(
            text[:WHOLE_MAIL], turn.rich("whole_mail.cut", mail=entry.data.get("mail", "")) if cut else None
        ),
        ticket_id=entry.ticket_id,
        reply_to=turn.came.message_id,
    )
    return "done"


def start_report(turn: Turn, _meant: Press) -> str:
    report.begin(turn)
    return ""


SPECIAL: Mapping[str, Callable[[Turn, Press], str]] = MappingProxyType(
    {
        "d": in_dialogue,
        "to": chosen_ticket,
        "la": language,
        "jn": joiner,
        "nw": start_report,
        "wm": whole_mail,
    }
)
