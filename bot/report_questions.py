"""The questions of a report put into words and buttons."""

from typing import Any

from bot.callbacks import Press, base36
from bot.dialogue import REPORT, SUMMARY, Progress
from bot.rich import Rich, lines, shorten
from bot.screens import Button, Rows, columns
from bot.turn import Turn
from dispatch.rules.triage import SAYS
from storage.records.plan import Dialogue


def question(turn: Turn, dialogue: Dialogue, now: str) -> tuple[Rich, Rows]:
    if now == SUMMARY:
        return summary(turn, dialogue), _summary_rows(turn, dialogue)
    rows: Rows = ()
    if now == "urgency":
        rows = columns([_button(turn, dialogue, f"urgency.{word}", f"urgency-{word}") for word in SAYS], 1)
    if now == "place":
        rows = tuple(
            (Button(f"📍 {shorten(site.address, 40)}", _press(dialogue, f"site-{base36(site.id)}")),)
            for site in turn.unit.people.sites_of(turn.caller.id)
            if site.address
        )
    key = "photo_words" if now == "problem" and _files(turn, dialogue) else now
    return turn.rich(f"report.ask.{key}"), (*rows, _ways_out(turn, dialogue))


def _files(turn: Turn, dialogue: Dialogue) -> int:
    return turn.unit.messages.file_counts(dialogue.ticket_id or 0)[0]


def summary(turn: Turn, dialogue: Dialogue) -> Rich:
    ticket = turn.unit.tickets.get(dialogue.ticket_id or 0)
    files, bad = turn.unit.messages.file_counts(ticket.id)
    said = Progress.of(dialogue.state).said or {}
    place = ticket.place or turn.text("place.on_map")
    return lines(
        turn.rich("report.summary"),
        turn.rich("card.problem", text=shorten(ticket.problem, 600)),
        turn.rich("card.place", text=shorten(place, 200)),
        turn.rich("report.urgency", word=turn.text(f"urgency.{said.get('urgency', 'limited')}")),
        turn.rich("card.phone", text=ticket.phone) if ticket.phone else None,
        turn.rich("card.files", n=files) if files else None,
        turn.rich("card.bad_files", n=bad) if bad else None,
        turn.rich("report.correct"),
    )


def _summary_rows(turn: Turn, dialogue: Dialogue) -> Rows:
    changes = [_button(turn, dialogue, f"report.change.{name}", f"change-{name}") for name in REPORT]
    return (
        (_button(turn, dialogue, "button.send", "send"),),
        *columns(changes, 2),
        (_button(turn, dialogue, "button.cancel", "cancel"),),
    )


def _ways_out(turn: Turn, dialogue: Dialogue) -> tuple[Button, ...]:
    back = _button(turn, dialogue, "button.back", "back")
    cancel = _button(turn, dialogue, "button.cancel", "cancel")
    return (back, cancel) if Progress.of(dialogue.state).answered else (cancel,)


def phone_keyboard(turn: Turn) -> dict[str, Any]:
    return {
        "keyboard": [
            [{"text": turn.text("button.share_phone"), "request_contact": True}],
            [{"text": turn.text("button.skip")}, {"text": turn.text("button.back")}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def _press(dialogue: Dialogue, arg: str) -> Press:
    return Press("d", dialogue.id, dialogue.step, arg)


def _button(turn: Turn, dialogue: Dialogue, label: str, arg: str) -> Button:
    return Button(turn.text(label), _press(dialogue, arg))
