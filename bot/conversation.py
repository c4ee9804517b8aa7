"""A message that is no button and no command: which ticket is it about, and who gets to read it."""

from datetime import timedelta

from bot import asking, finish, report
from bot.callbacks import Press
from bot.incoming import CHANNEL
from bot.rich import shorten
from bot.screens import Button, Rows
from bot.turn import Turn
from dispatch import correspondence, queries
from dispatch.errors import Refusal
from storage.records.message import Entry
from storage.records.plan import Dialogue
from storage.records.ticket import State, Ticket

TALK = "talk"
# After a ticket was chosen the next messages go there as well, for this long.
TALK_FOR = timedelta(minutes=15)
# A question that was not answered for so long is over.
ANSWER_WITHIN = timedelta(minutes=60)


def message(turn: Turn) -> str:
    """Handle a message; returns the outcome for the inbox row."""
    letter = turn.came.letter
    if letter is None:
        return "rejected: no content"
    if letter.album and (entry := turn.unit.messages.by_album(letter.channel, letter.address, letter.album)):
        return album_part(turn, entry)
    if not letter.text and not letter.parts and turn.came.latitude is None and turn.came.phone is None:
        turn.tell("nothing_readable")
        return "rejected: nothing readable in it"
    dialogue = living(turn)
    ticket = replied_to(turn)
    if dialogue and dialogue.kind != TALK and answers(turn, dialogue, ticket):
        return in_dialogue(turn, dialogue)
    if not turn.came.private:
        return in_group(turn, ticket)
    if ticket:
        return about(turn, ticket)
    if dialogue and dialogue.ticket_id and turn.unit.now - dialogue.updated_at <= TALK_FOR:
        talk = turn.unit.tickets.get(dialogue.ticket_id)
        # Once it is closed the next words may be thanks, or the next fault: only the sender knows.
        return about(turn, talk) if talk.open else out_of_the_blue(turn, talk)
    return out_of_the_blue(turn)


def living(turn: Turn) -> Dialogue | None:
    """The dialogue of this chat, unless it is over: a question nobody answered must not swallow the next
    emergency, and a job that is no longer his leaves nothing to complete."""
    dialogue = turn.dialogue()
    if dialogue is None or dialogue.kind in {TALK, report.KIND}:
        return dialogue
    if dialogue.kind == finish.KIND:
        over = not finish.still_his(turn, dialogue)
    else:
        asked_about = turn.unit.tickets.get(dialogue.ticket_id or 0)
        late = turn.unit.now - dialogue.updated_at > ANSWER_WITHIN
        over = late or not queries.readable(turn.unit, asked_about, turn.caller)
    if over:
        turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
        turn.unbutton(dialogue.message_id)
    return None if over else dialogue


def answers(turn: Turn, dialogue: Dialogue, ticket: Ticket | None) -> bool:
    """In private the next message answers the question, unless it replies to another ticket; in a group, where
    people talk, only a reply to the question itself does."""
    letter = turn.came.letter
    if turn.came.private:
        return ticket is None or ticket.id == dialogue.ticket_id
    return letter is not None and letter.reply_to is not None and letter.reply_to == dialogue.message_id


def in_dialogue(turn: Turn, dialogue: Dialogue) -> str:
    if dialogue.kind == report.KIND:
        report.take(turn, dialogue)
    elif dialogue.kind == finish.KIND:
        finish.take(turn, dialogue)
    else:
        asking.take(turn, dialogue)
    return f"dialogue: {dialogue.kind}"


def in_group(turn: Turn, ticket: Ticket | None) -> str:
    """In the office's chat only replies to tickets are ours: an answer to a customer's message goes to him, any
    other reply stays in the room as a note. Talk is not stored."""
    if ticket is None or not turn.caller.office:
        return "rejected: talk in a group"
    return about(turn, ticket)


def replied_to(turn: Turn) -> Ticket | None:
    """The ticket of the message this one answers, if the sender may know it."""
    letter = turn.came.letter
    if letter is None or letter.reply_to is None:
        return None
    found, _ = turn.unit.messages.about(CHANNEL, turn.came.chat, letter.reply_to)
    ticket = turn.unit.tickets.get(found) if found else None
    if ticket and ticket.duplicate_of:
        ticket = turn.unit.tickets.get(ticket.duplicate_of)
    return ticket if ticket and queries.readable(turn.unit, ticket, turn.caller) else None


def about(turn: Turn, ticket: Ticket) -> str:
    """A message of a ticket: kept and passed on; a closed one offers what can be done now."""
    letter = turn.came.letter
    if letter is None:
        return "rejected: no content"
    entry_id = (
        turn.unit.messages.about(CHANNEL, turn.came.chat, letter.reply_to)[1] if letter.reply_to else None
    )
    _, told = correspondence.receive(
        turn.unit, letter, turn.caller, ticket, entry_id, in_room=not turn.came.private
    )
    if not ticket.open:
        rows: Rows = ((new_problem(turn),),)
        turn.tell("ticket_is_closed", rows, number=ticket.label, ticket_id=ticket.id)
    elif told:
        turn.thumb()
    else:
        turn.tell("kept_for_later", number=ticket.label, ticket_id=ticket.id)
    return f"entry of ticket {ticket.id}"


def candidates(turn: Turn) -> tuple[Ticket, ...]:
    """Tickets a message of this person may be about: his own reports, and the jobs he is on."""
    mine = turn.unit.tickets.open_of_customer(turn.caller.id)
    jobs = queries.jobs(turn.unit, turn.caller) if turn.caller.staff else ()
    return tuple({ticket.id: ticket for ticket in (*mine, *jobs)}.values())


def out_of_the_blue(turn: Turn, *closed: Ticket) -> str:
    """No reply, no dialogue: a new report, or the question which ticket it is about (`closed` ones among them)."""
    found = (*candidates(turn), *closed)
    if turn.caller.staff and not found and not report.open_draft(turn):
        turn.tell("staff_hint", ((new_problem(turn),),))
        return "rejected: staff without a ticket to talk about"
    if turn.came.letter is None:
        return "rejected: no content"
    if report.open_draft(turn):
        return report.go_on_with_letter(turn)
    if not found:
        report.begin_with_letter(turn)
        return "report begun"
    entry, _ = correspondence.keep(turn.unit, turn.came.letter, turn.caller, None)
    choices = [
        (Button(f"{ticket.label} {shorten(ticket.problem, 28)}", Press("to", ticket.id, entry.id)),)
        for ticket in found[:8]
    ]
    other = (Button(turn.text("button.new_problem"), Press("to", 0, entry.id)),)
    correspondence.show_unfiled(turn.unit, entry)
    turn.say(turn.rich("which_ticket"), (*choices, other), reply_to=turn.came.message_id)
    return f"entry {entry.id} waits for its ticket"


def chosen(turn: Turn, ticket_id: int, entry_id: int) -> str:
    """The sender said which ticket an entry belongs to; 0 is a new problem. Returns the answer's key."""
    entry = turn.unit.messages.get(entry_id)
    if entry.author_id != turn.caller.id:
        raise Refusal("not_yours")
    if entry.ticket_id is not None:
        raise Refusal("already_filed")
    if ticket_id == 0:
        report.begin(turn, entry, pressed=turn.came.message_id)
        return ""
    ticket = turn.unit.tickets.get(ticket_id)
    if not queries.readable(turn.unit, ticket, turn.caller):
        raise Refusal("not_yours")
    entry = correspondence.file_under(turn.unit, entry.id, ticket.id)
    told = correspondence.hand_on(turn.unit, ticket, entry, turn.caller)
    turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, TALK, ticket.id, {})
    # The question becomes its answer, and a reply to it is about that ticket.
    text = turn.rich("filed" if told else "kept_for_later", number=ticket.label)
    turn.rewrite(turn.came.message_id, text, ((new_problem(turn),),))
    turn.unit.messages.spoke(CHANNEL, turn.came.chat, [turn.came.message_id], ticket.id)
    return "done"


def new_problem(turn: Turn) -> Button:
    return Button(turn.text("button.new_problem"), Press("nw"))


def album_part(turn: Turn, entry: Entry) -> str:
    """A further part joins its album, wherever that lies; a caption may come with any part."""
    if turn.came.letter is None:
        return "rejected: no content"
    before = entry.text
    entry, _ = correspondence.keep(turn.unit, turn.came.letter, turn.caller, entry.ticket_id)
    if entry.ticket_id is None:
        return f"part of entry {entry.id}"
    ticket = turn.unit.tickets.get(entry.ticket_id)
    dialogue = turn.dialogue()
    if ticket.state is State.DRAFT:
        if dialogue and dialogue.kind == report.KIND and not before and entry.text:
            report.retell(turn, entry, dialogue)
    else:
        correspondence.pass_on_part(turn.unit, ticket, entry)
    return f"part of entry {entry.id}"


def edited(turn: Turn) -> str:
    """An edited message: the old text is kept, the new one shown to who has read it."""
    if turn.came.letter is None:
        return "rejected: no content"
    entry = correspondence.edit(turn.unit, turn.came.letter, turn.caller)
    dialogue = turn.dialogue()
    if entry and dialogue and dialogue.kind == report.KIND and dialogue.ticket_id == entry.ticket_id:
        report.look_again(turn, dialogue)
    return f"edit of entry {entry.id}" if entry else "rejected: edit of an unknown message"
