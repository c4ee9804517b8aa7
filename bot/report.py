"""The customer reports a fault: free text, photo or voice begins it, and only what is missing is asked."""

from typing import Any

from bot.callbacks import Press
from bot.dialogue import REPORT, SUMMARY, Progress, phone_number, step
from bot.incoming import CHANNEL
from bot.report_questions import phone_keyboard, question
from bot.turn import Turn
from dispatch import correspondence, desk, register
from dispatch.errors import Refusal
from dispatch.rules.triage import SAYS
from storage.records.message import Entry
from storage.records.plan import Dialogue
from storage.records.ticket import State, Ticket

KIND = "report"
LONGEST = 12_000  # characters of a problem; the entry keeps all of it


def begin(turn: Turn, entry: Entry | None = None, *, pressed: str | None = None) -> None:
    """Start a report, with the message that began it if there was one; without one, a draft still open is
    taken up again. `pressed` is a question of ours that was answered by beginning: the first one takes its place."""
    if entry is None and open_draft(turn):
        take_up(turn)
        return
    source_key = f"{turn.came.chat}:{entry.outside_id if entry else 'u' + str(turn.came.update_id)}"
    draft = desk.open_draft(turn.unit, turn.caller, CHANNEL, source_key)
    if draft.state is not State.DRAFT:
        return
    progress = Progress()
    if draft.phone:
        progress = progress.answer("phone")
    dialogue = turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, KIND, draft.id, progress.state)
    if entry:
        entry = correspondence.file_under(turn.unit, entry.id, draft.id)
        progress = use(turn, draft, progress, entry, "problem")
    if pressed:
        turn.unit.plans.asked(dialogue.id, pressed)
    ask(turn, dialogue, progress, pressed=pressed)


def open_draft(turn: Turn) -> Ticket | None:
    """The caller's latest unfinished report: another question may have come in between."""
    return turn.unit.tickets.draft_of(turn.caller.id)


def reopen(turn: Turn) -> Dialogue | None:
    """The dialogue of an unfinished report; what the report holds already counts as answered."""
    draft = open_draft(turn)
    if draft is None:
        return None
    dialogue = turn.dialogue()
    if dialogue and dialogue.ticket_id == draft.id and dialogue.kind == KIND:
        return dialogue
    known = (
        ("problem", bool(draft.problem)),
        ("place", bool(draft.place) or draft.latitude is not None),
        ("phone", bool(draft.phone)),
    )
    progress = Progress(tuple(name for name, there in known if there))
    return turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, KIND, draft.id, progress.state)


def take_up(turn: Turn) -> None:
    """Ask on where an unfinished report stands."""
    dialogue = reopen(turn)
    if dialogue:
        ask(turn, dialogue, Progress.of(dialogue.state))


def go_on_with_letter(turn: Turn) -> str:
    """A message while an unfinished report lies there is about that report."""
    dialogue = reopen(turn)
    if dialogue is None:
        return "rejected: no open report"
    take(turn, dialogue)
    return "report taken up again"


def begin_with_letter(turn: Turn) -> None:
    """A message out of the blue is the beginning of a report."""
    if turn.came.letter is None:
        return
    entry, _ = correspondence.keep(turn.unit, turn.came.letter, turn.caller, None)
    begin(turn, entry)


def take(turn: Turn, dialogue: Dialogue) -> None:
    """The next message of a report: the answer to the open question, or a photo, voice or place at any time."""
    draft = _draft(turn, dialogue)
    if draft is None or turn.came.letter is None:
        return
    entry, _ = correspondence.keep(turn.unit, turn.came.letter, turn.caller, draft.id)
    progress = Progress.of(dialogue.state)
    now = step(progress, REPORT)
    after = use(turn, draft, progress, entry, now)
    if entry.files and after == progress and now not in {"problem", SUMMARY}:
        # A photo beside the point: the open question stands right above it, so a sign that it is kept will do.
        if not any(file.state == "too_big" for file in entry.files):
            turn.thumb()
        return
    ask(turn, dialogue, after, left=now)


def use(turn: Turn, draft: Ticket, progress: Progress, entry: Entry, now: str) -> Progress:
    """Put what a message says where it belongs; a message that answers nothing stays with the report all the same."""
    came, text = turn.came, entry.text
    if came.latitude is not None:
        named = {"place": came.venue} if came.venue else {}
        _describe(turn, draft, latitude=came.latitude, longitude=came.longitude, **named)
        return progress.answer("place")
    if came.phone is not None:
        return _contact(turn, draft, progress)
    if now == "phone" and text:
        return _typed_phone(turn, draft, progress, text)
    if now == "place" and text and not entry.files:
        _describe(turn, draft, place=text[:500])
        return progress.answer("place")
    spoken = any(file.kind in {"voice", "video_note", "audio"} for file in entry.files)
    if now == "problem" and (text or spoken):
        _describe(turn, draft, problem=text[:LONGEST] or turn.text("report.spoken"))
        return progress.answer("problem")
    return progress


def _describe(turn: Turn, draft: Ticket, **changes: Any) -> None:
    desk.describe(turn.unit, draft.id, turn.caller, **changes)


def _contact(turn: Turn, draft: Ticket, progress: Progress) -> Progress:
    """Only the sender's own card counts as his number (S16)."""
    if not turn.came.phone_is_own or not turn.came.phone:
        turn.tell("report.foreign_contact")
        return progress
    register.phone(turn.unit, turn.caller, turn.came.phone)
    _describe(turn, draft, phone=turn.came.phone)
    return progress.answer("phone")


def _typed_phone(turn: Turn, draft: Ticket, progress: Progress, text: str) -> Progress:
    if text == turn.text("button.skip"):
        return progress.answer("phone", "skipped")
    if text == turn.text("button.back"):
        return progress.back()
    number = phone_number(text)
    if number is None:
        turn.tell("report.no_phone_number")
        return progress
    _describe(turn, draft, phone=number)
    return progress.answer("phone")


# --- buttons -----------------------------------------------------------------------------------------------


def press(turn: Turn, press: Press, dialogue: Dialogue) -> str:
    """A button of the report: urgency:…, site:…, skip, back, cancel, change:…, send. Returns the answer's key."""
    draft = _draft(turn, dialogue)
    if draft is None:
        raise Refusal("dialogue_over")
    progress = Progress.of(dialogue.state)
    word, _, value = press.arg.partition("-")
    now = step(progress, REPORT)
    if word == "cancel":
        return drop(turn, dialogue, draft)
    if word == "send" and now == SUMMARY:
        return send(turn, dialogue, draft)
    if word == "urgency" and value in SAYS:
        desk.say_urgency(turn.unit, draft.id, turn.caller, value)
        progress = progress.answer("urgency", value)
    elif word == "site":
        _known_place(turn, draft, int(value, 36))
        progress = progress.answer("place")
    elif word == "back":
        progress = progress.back()
    elif word == "change":
        progress = progress.reopen(value)
        if value == "place":
            _describe(turn, draft, place="", latitude=None, longitude=None)
    else:
        raise Refusal("dialogue_over")
    ask(turn, dialogue, progress, pressed=turn.came.message_id, left=now)
    return ""


def _known_place(turn: Turn, draft: Ticket, site_id: int) -> None:
    site = next((site for site in turn.unit.people.sites_of(turn.caller.id) if site.id == site_id), None)
    if site is None:
        raise Refusal("not_yours")
    _describe(turn, draft, place=site.address, latitude=site.latitude, longitude=site.longitude)


def send(turn: Turn, dialogue: Dialogue, draft: Ticket) -> str:
    ticket = desk.submit(turn.unit, draft.id, turn.caller)
    turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
    turn.rewrite(turn.came.message_id, turn.rich("report.sent", number=ticket.label))
    return "done"


def drop(turn: Turn, dialogue: Dialogue, draft: Ticket) -> str:
    desk.cancel(turn.unit, draft.id, turn.caller, "withdrawn")
    turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
    turn.unbutton(dialogue.message_id)
    turn.say(turn.rich("report.dropped"), keyboard="remove")
    return "done"


def _draft(turn: Turn, dialogue: Dialogue) -> Ticket | None:
    ticket = turn.unit.tickets.get(dialogue.ticket_id) if dialogue.ticket_id else None
    return ticket if ticket and ticket.state is State.DRAFT else None


# --- asking on ---------------------------------------------------------------------------------------------


def ask(
    turn: Turn, dialogue: Dialogue, progress: Progress, *, pressed: str | None = None, left: str = ""
) -> None:
    """Ask what is missing now: in the message whose button was pressed, else in a new one below."""
    dialogue = turn.unit.plans.go_on(dialogue, progress.state)
    now = step(progress, REPORT)
    if left == "phone" and now != "phone":
        turn.say(turn.rich("report.thanks"), keyboard="remove")
        pressed = None
    text, rows = question(turn, dialogue, now)
    if now == "phone":
        turn.unbutton(pressed or dialogue.message_id)
        turn.say(text, keyboard=phone_keyboard(turn), dialogue=dialogue)
    elif pressed:
        turn.rewrite(pressed, text, rows)
    else:
        turn.unbutton(dialogue.message_id)
        turn.say(text, rows, dialogue=dialogue, ticket_id=dialogue.ticket_id)


def ask_again(turn: Turn, dialogue: Dialogue) -> None:
    ask(turn, dialogue, Progress.of(dialogue.state))


def look_again(turn: Turn, dialogue: Dialogue) -> None:
    """A message of the report was edited: a summary that is being looked at is shown anew."""
    if step(Progress.of(dialogue.state), REPORT) == SUMMARY:
        ask_again(turn, dialogue)


def retell(turn: Turn, entry: Entry, dialogue: Dialogue) -> None:
    """An album's caption came with a later part, or a message was edited: ask on from what is known now."""
    progress = Progress.of(dialogue.state)
    draft = _draft(turn, dialogue)
    if draft and entry.text and "problem" not in progress.answered:
        _describe(turn, draft, problem=entry.text[:LONGEST])
        ask(turn, dialogue, progress.answer("problem"), left="problem")
