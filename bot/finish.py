"""The engineer completes a job: cause, action, mode, parts, test, arrival if unknown, photos, and the report goes out."""

from datetime import timedelta
from typing import Any

from bot.callbacks import Press
from bot.dialogue import SUMMARY, Progress, complete_order, step
from bot.incoming import CHANNEL
from bot.rich import Rich, lines, shorten
from bot.screens import Button, Rows, columns
from bot.turn import Turn
from dispatch import correspondence, field
from dispatch.errors import Refusal
from dispatch.ports import UnitOfWork
from storage.records.plan import Dialogue
from storage.records.ticket import Mode, State, Ticket

KIND = "complete"
TYPED = ("cause", "action", "parts")
ARRIVED = (5, 15, 30, 60, 120, 240)  # minutes ago


def begin(turn: Turn, ticket: Ticket) -> str:
    """Open the dialogue for a job in progress."""
    if ticket.owner_id != turn.caller.id:
        raise Refusal("not_yours")
    if ticket.state is not State.IN_PROGRESS:
        raise Refusal("not_now", state=ticket.state, detail=ticket.detail)
    progress = Progress()
    dialogue = turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, KIND, ticket.id, progress.state)
    ask(turn, dialogue, progress)
    return ""


def still_his(turn: Turn, dialogue: Dialogue) -> bool:
    """Whether there is still something to complete: the job is his, and in progress."""
    ticket = turn.unit.tickets.get(dialogue.ticket_id or 0)
    return ticket.owner_id == turn.caller.id and ticket.state is State.IN_PROGRESS


def take_up(turn: Turn, ticket_id: int, state: dict[str, Any]) -> None:
    """Go on with a completion that another question interrupted, if the job is still his."""
    dialogue = turn.unit.plans.begin(CHANNEL, turn.came.chat, turn.caller.id, KIND, ticket_id, state)
    if still_his(turn, dialogue):
        ask_again(turn, dialogue)
    else:
        turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)


def order(unit: UnitOfWork, dialogue: Dialogue, progress: Progress) -> tuple[str, ...]:
    visits = field.visits_now(unit, dialogue.ticket_id or 0)
    on_site = (progress.said or {}).get("mode") == Mode.ON_SITE
    return complete_order(on_site=on_site, arrived=any(visit.arrived_at for visit in visits))


def take(turn: Turn, dialogue: Dialogue) -> None:
    """A typed answer, or a photo for the report at any time."""
    if turn.came.letter is None or dialogue.ticket_id is None:
        return
    entry, _ = correspondence.keep(turn.unit, turn.came.letter, turn.caller, dialogue.ticket_id)
    progress = Progress.of(dialogue.state)
    now = step(progress, order(turn.unit, dialogue, progress))
    if now in TYPED and entry.text:
        none = now == "parts" and entry.text.strip().casefold() == turn.text("none").casefold()
        progress = progress.answer(now, field.NO_PARTS if none else entry.text)
    elif entry.files:
        if not any(file.state == "too_big" for file in entry.files):
            turn.thumb()
        return
    ask(turn, dialogue, progress)


def press(turn: Turn, press: Press, dialogue: Dialogue) -> str:
    """A button of the completion. Returns the answer's key."""
    if not still_his(turn, dialogue):
        raise Refusal("dialogue_over")
    progress = Progress.of(dialogue.state)
    word, _, value = press.arg.partition("-")
    if word == "cancel":
        turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
        turn.unbutton(turn.came.message_id)
        return "done"
    if word == "send" and step(progress, order(turn.unit, dialogue, progress)) == SUMMARY:
        return send(turn, dialogue, progress)
    if word == "back":
        progress = progress.back()
    elif word in {"mode", "arrived"}:
        progress = progress.answer(word, value)
    elif word in {"parts", "tested", "photos"}:
        if word == "tested" and value == "no":
            raise Refusal("not_tested")
        progress = progress.answer(word, field.NO_PARTS if word == "parts" else True)
    else:
        raise Refusal("dialogue_over")
    ask(turn, dialogue, progress, pressed=turn.came.message_id)
    return ""


def send(turn: Turn, dialogue: Dialogue, progress: Progress) -> str:
    said = progress.said or {}
    arrived = said.get("arrived")
    field.complete(
        turn.unit,
        dialogue.ticket_id or 0,
        turn.caller,
        cause=said["cause"],
        action=said["action"],
        mode=Mode(said["mode"]),
        parts=said["parts"],
        tested=bool(said["tested"]),
        arrived_at=turn.unit.now - timedelta(minutes=int(arrived)) if arrived else None,
    )
    turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
    turn.rewrite(turn.came.message_id, turn.rich("complete.sent"))
    return "done"


# --- questions ---------------------------------------------------------------------------------------------


def ask(turn: Turn, dialogue: Dialogue, progress: Progress, *, pressed: str | None = None) -> None:
    dialogue = turn.unit.plans.go_on(dialogue, progress.state)
    now = step(progress, order(turn.unit, dialogue, progress))
    text = summary(turn, dialogue, progress) if now == SUMMARY else turn.rich(f"complete.ask.{now}")
    rows = (*answers(turn, dialogue, now), ways_out(turn, dialogue, progress))
    if pressed:
        turn.rewrite(pressed, text, rows)
    else:
        turn.unbutton(dialogue.message_id)
        turn.say(text, rows, dialogue=dialogue, ticket_id=dialogue.ticket_id)


def ask_again(turn: Turn, dialogue: Dialogue) -> None:
    ask(turn, dialogue, Progress.of(dialogue.state))


def answers(turn: Turn, dialogue: Dialogue, now: str) -> Rows:
    """The buttons of a question."""

    def button(label: str, arg: str) -> Button:
        return Button(label, Press("d", dialogue.id, dialogue.step, arg))

    if now == "mode":
        return columns([button(turn.text(f"mode.{mode}"), f"mode-{mode}") for mode in Mode], 2)
    if now == "arrived":
        spans = [button(turn.text("ago", n=turn.phrases.span(m * 60)), f"arrived-{m}") for m in ARRIVED]
        return columns(spans, 3)
    fixed = {
        "parts": (("complete.no_parts", "parts-none"),),
        "tested": (("complete.tested_yes", "tested-yes"), ("complete.tested_no", "tested-no")),
        "photos": (("complete.no_more_photos", "photos-done"),),
        SUMMARY: (("complete.send", "send"),),
    }
    return tuple((button(turn.text(label), arg),) for label, arg in fixed.get(now, ()))


def ways_out(turn: Turn, dialogue: Dialogue, progress: Progress) -> tuple[Button, ...]:
    found = [Button(turn.text("button.later"), Press("d", dialogue.id, dialogue.step, "cancel"))]
    if progress.answered:
        found.insert(0, Button(turn.text("button.back"), Press("d", dialogue.id, dialogue.step, "back")))
    return tuple(found)


def summary(turn: Turn, dialogue: Dialogue, progress: Progress) -> Rich:
    said = progress.said or {}
    return lines(
        turn.rich("complete.summary"),
        turn.rich("report.cause", text=shorten(said["cause"], 500)),
        turn.rich("report.action", text=shorten(said["action"], 500)),
        turn.rich("report.mode", word=turn.text(f"mode.{said['mode']}")),
        turn.rich("report.parts", text=shorten(parts(turn, dialogue, said["parts"]), 300)),
    )


def parts(turn: Turn, dialogue: Dialogue, said: str) -> str:
    """As the customer will read it: what was noted on the way, and what is said now."""
    every = field.all_parts(turn.unit.tickets.parts(dialogue.ticket_id or 0), said)
    return ", ".join(turn.text("none") if part == field.NO_PARTS else part for part in every)
