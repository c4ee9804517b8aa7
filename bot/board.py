"""Lists and histories in chat: my tickets, my jobs, the office's board, a ticket's journal."""

from bot.rich import Rich, lines, rich, shorten
from bot.turn import Turn
from dispatch import queries
from storage.records.message import Entry
from storage.records.ticket import Ticket

MOST = 40  # lines of a board in one answer


def state_of(turn: Turn, ticket: Ticket) -> str:
    """The state in words, with what kind of progress or waiting it is."""
    state = turn.text(f"state.{ticket.state}")
    return f"{state} · {turn.text(f'detail.{ticket.detail}')}" if ticket.detail else state


def tickets_text(turn: Turn) -> Rich:
    mine = turn.unit.tickets.of_customer(turn.caller.id)
    if not mine:
        return turn.rich("tickets.none")
    rows = [
        rich([(ticket.label, True), (f" · {state_of(turn, ticket)} · {shorten(ticket.problem, 60)}", False)])
        for ticket in mine
    ]
    return lines(turn.rich("tickets.mine"), *rows)


def jobs_text(turn: Turn) -> Rich:
    mine = queries.jobs(turn.unit, turn.caller)
    if not mine:
        return turn.rich("jobs.none")
    rows = [
        rich(
            [
                (ticket.label, True),
                (f" · S{ticket.severity} · {state_of(turn, ticket)}\n{shorten(ticket.problem, 60)}", False),
                (f"\n📍 {shorten(ticket.place, 60)}" if ticket.place else "", False),
            ]
        )
        for ticket in mine
    ]
    return lines(turn.rich("jobs.mine", n=len(mine)), *rows)


def board_text(turn: Turn) -> Rich:
    """Open tickets, the late ones first."""
    board = queries.board(turn.unit)
    if not board:
        return turn.rich("board.none")
    late = sum(is_late for _, _, is_late in board)
    rows = [
        rich(
            [
                ("⏰ " if is_late else "", False),
                (ticket.label, True),
                (f" · S{ticket.severity} · {state_of(turn, ticket)}", False),
                (f" · {owner}" if owner else "", False),
                (f" · {shorten(ticket.problem, 40)}", False),
            ]
        )
        for ticket, owner, is_late in board[:MOST]
    ]
    more = turn.rich("board.more", n=len(board) - MOST) if len(board) > MOST else None
    return lines(turn.rich("board.head", n=len(board), late=late), *rows, more)


def status_text(turn: Turn, ticket: Ticket) -> Rich:
    owner = turn.unit.people.get(ticket.owner_id).name if ticket.owner_id else None
    return lines(
        rich([(ticket.label, True), (f" · {state_of(turn, ticket)}", False)]),
        turn.rich("card.problem", text=shorten(ticket.problem, 300)),
        turn.rich("card.place", text=ticket.place) if ticket.place else None,
        turn.rich("card.engineer", name=owner) if owner else None,
        turn.rich("card.eta", at=ticket.eta_at) if ticket.eta_at else None,
    )


def journal_text(turn: Turn, ticket: Ticket) -> Rich:
    rows = [
        (
            event.at,
            f"{turn.text(f'verb.{event.verb}')} · {who or turn.text('by_itself')}{_reason(event.note.get('reason'))}",
        )
        for event, who in queries.journal(turn.unit, ticket.id)
    ]
    rows += [(entry.at, _entry(entry, who)) for entry, who in queries.entries(turn.unit, ticket.id)]
    rows.sort(key=lambda row: row[0])
    told = [f"{turn.phrases.moment(at)} · {text}" for at, text in rows]
    return lines(turn.rich("journal.head", number=ticket.label), *told)


def _entry(entry: Entry, who: str) -> str:
    """A message in one line: who, the words, how many files."""
    files = f" 📎{len(entry.files)}" if entry.files else ""
    return f"💬 {who}: {shorten(entry.text, 80)}{files}"


def _reason(reason: object) -> str:
    return f" · {shorten(str(reason), 80)}" if reason else ""
