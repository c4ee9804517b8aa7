"""One question, one answer: a table of what may be asked and what becomes of the words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot import finish, report
from bot.callbacks import Press
from bot.incoming import CHANNEL
from bot.rich import rich
from bot.screens import Button
from bot.turn import Turn
from dispatch import addresses, closing, correspondence, desk, field
from dispatch.errors import Refusal
from storage.records.message import Audience, Entry
from storage.records.plan import Dialogue
from storage.records.ticket import Ticket

Use = Callable[[Turn, Ticket, Entry, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Question:
    """`prompt` and the returned key are phrases; `audience` is who may read the answer."""

    prompt: str
    use: Use
    audience: Audience = Audience.ALL
    words: bool = False  # a file alone is no answer


def _dispute(turn: Turn, ticket: Ticket, entry: Entry, state: dict[str, Any]) -> str:
    closing.dispute(turn.unit, ticket.id, turn.caller, entry.text, state.get("report"))
    return "disputed_thanks"


def _comment(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    closing.comment(turn.unit, ticket.id, turn.caller, entry.text)
    return "comment_thanks"


def _bad_reason(turn: Turn, ticket: Ticket, entry: Entry, state: dict[str, Any]) -> str:
    _comment(turn, ticket, entry, state)
    return "bad_reason_thanks"


def _reopen(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    closing.reopen(turn.unit, ticket.id, turn.caller, entry.text)
    return "reopen_thanks"


def _part(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    field.use_part(turn.unit, ticket.id, turn.caller, entry.text)
    return "part_noted"


def _note(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    return "note_kept"


def _question(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    told = correspondence.pass_on(turn.unit, ticket, entry, addresses.office(turn.unit))
    return "asked_office" if told else "nobody_reached"


def _write(turn: Turn, ticket: Ticket, entry: Entry, state: dict[str, Any]) -> str:
    person_id = ticket.customer_id if state.get("to") == "customer" else ticket.owner_id
    to = addresses.of_person(turn.unit, person_id) if person_id else None
    told = correspondence.pass_on(turn.unit, ticket, entry, (to,) if to else ())
    return "passed_on" if told else "nobody_reached"


def _call(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    desk.call_back(turn.unit, ticket.id, turn.caller, entry.text)
    return "call_noted"


def _scan(turn: Turn, ticket: Ticket, entry: Entry, _state: dict[str, Any]) -> str:
    """The customer signed on paper: the picture of it is the evidence (P11.4, P17.4)."""
    if not entry.files:
        raise Refusal("scan_needed")
    closing.confirm(turn.unit, ticket.id, turn.caller, CHANNEL, turn.came.chat, evidence=f"entry {entry.id}")
    return "scan_thanks"


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "dispute": Question("ask.dispute", _dispute, words=True),
        "comment": Question("ask.comment", _comment, words=True),
        "bad_reason": Question("ask.bad_reason", _bad_reason, words=True),
        "reopen": Question("ask.reopen", _reopen, words=True),
        "part": Question("ask.part", _part, Audience.STAFF, words=True),
        "note": Question("ask.note", _note, Audience.STAFF),
        "question": Question("ask.question", _question, Audience.STAFF),
        "write_customer": Question("ask.write_customer", _write),
        "write_engineer": Question("ask.write_engineer", _write, Audience.STAFF),
        "scan": Question("ask.scan", _scan, Audience.STAFF),
        "call": Question("ask.call", _call, Audience.STAFF, words=True),
    }
)


def ask(turn: Turn, kind: str, ticket: Ticket, **state: Any) -> str:
    """Put a question of the table; the caller's next message answers it."""
    going_on = turn.dialogue()
    if going_on and going_on.kind == finish.KIND:
        state["aside"] = {"ticket": going_on.ticket_id, "state": going_on.state}
        turn.unbutton(going_on.message_id)
    dialogue = turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, kind, ticket.id, state)
    cancel = Button(turn.text("button.cancel"), Press("d", dialogue.id, dialogue.step, "cancel"))
    # In a group a bot sees replies only, so the question asks for one.
    force = None if turn.came.private else {"force_reply": True, "selective": False}
    prompt = turn.rich(QUESTIONS[kind].prompt, number=ticket.label)
    turn.say(
        prompt if turn.came.private else rich(f"{turn.caller.name}: ") + prompt,
        () if force else ((cancel,),),
        dialogue=dialogue,
        keyboard=force,
        ticket_id=ticket.id,
    )
    return ""  # the question itself is the answer to the press


def take(turn: Turn, dialogue: Dialogue) -> None:
    """The answer came: keep it as an entry, use it, say what became of it."""
    question = QUESTIONS[dialogue.kind]
    letter = turn.came.letter
    if letter is None or dialogue.ticket_id is None:
        return
    entry, _ = correspondence.keep(turn.unit, letter, turn.caller, dialogue.ticket_id, question.audience)
    if question.words and not entry.text:
        turn.tell("words_needed")
        return
    turn.unbutton(dialogue.message_id)
    ticket = turn.unit.tickets.get(dialogue.ticket_id)
    try:
        with turn.unit.attempt():
            said = question.use(turn, ticket, entry, dialogue.state)
            if entry.files and question.words:
                correspondence.pass_on(turn.unit, turn.unit.tickets.get(ticket.id), entry)
    except Refusal as refusal:
        turn.say(turn.rich(f"refusal.{refusal.key}", **refusal_facts(turn, refusal)))
    else:
        turn.tell(said, number=ticket.label, ticket_id=ticket.id)
    leave(turn, dialogue)


def leave(turn: Turn, dialogue: Dialogue) -> None:
    """The question is over; what it interrupted goes on: a completion, or an unfinished report."""
    turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
    aside = dialogue.state.get("aside")
    if aside:
        finish.take_up(turn, aside["ticket"], aside["state"])
    elif turn.came.private:
        report.take_up(turn)


def refusal_facts(turn: Turn, refusal: Refusal) -> dict[str, Any]:
    """What a refusal's sentence needs; the words of fixed vocabularies are translated."""
    facts = dict(refusal.facts)
    if "state" in facts:
        facts["state"] = turn.text(f"state.{facts['state']}")
    return facts


def press(turn: Turn, press: Press, dialogue: Dialogue) -> str:
    """The one button of a question: leave it."""
    if press.arg != "cancel":
        raise Refusal("dialogue_over")
    turn.unbutton(turn.came.message_id)
    leave(turn, dialogue)
    return "done"
