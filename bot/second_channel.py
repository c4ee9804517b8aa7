"""A second channel for one person: his mail address, proved by a code, and whether notices go there."""

from bot.incoming import CHANNEL
from bot.turn import Turn
from dispatch import joining
from dispatch.errors import Refusal
from dispatch.postage import MAIL

# How people switch notices by mail on and off when they type it.
PREFERS = {"on": MAIL, "off": CHANNEL, "开": MAIL, "关": CHANNEL}


def mail(turn: Turn) -> None:
    """`/mail` with an address sends a code there, with six digits proves it, with on or off moves the notices."""
    said = turn.came.argument.strip().lower()
    known = turn.unit.people.contact(turn.caller.id, MAIL)
    if said in PREFERS:
        turn.caller = joining.prefer(turn.unit, turn.caller, PREFERS[said])
        turn.tell("second.by_mail" if PREFERS[said] == MAIL else "second.by_chat")
    elif said.isdigit():
        _code(turn, said)
    elif said:
        address = joining.ask(turn.unit, turn.caller, said)
        turn.tell("second.sent", address=address, minutes=int(joining.GOOD_FOR.total_seconds() // 60))
    elif known:
        turn.tell("second.yours", address=known.address)
    else:
        turn.tell("second.how")


def _code(turn: Turn, said: str) -> None:
    try:
        with turn.unit.attempt():
            turn.caller = joining.confirm(turn.unit, turn.caller, said)
    except Refusal as refusal:
        if "join" in refusal.facts:
            # The wrong code was undone with the attempt, but the guess must count.
            joining.guessed(turn.unit, turn.caller)
        turn.tell(f"refusal.{refusal.key}")
        return
    known = turn.unit.people.contact(turn.caller.id, MAIL)
    turn.tell("second.joined", address=known.address if known else "")
