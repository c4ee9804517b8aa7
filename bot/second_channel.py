"""A second channel for one person: his mail address, proved by a code, and which of the two notices go to."""

from bot.incoming import CHANNEL
from bot.turn import Turn
from dispatch import joining
from dispatch.errors import Refusal
from dispatch.postage import MAIL

# How people name a channel when they type it.
NAMES = {
    "mail": MAIL,
    "email": MAIL,
    "e-mail": MAIL,
    "邮件": MAIL,
    "chat": CHANNEL,
    "telegram": CHANNEL,
    "聊天": CHANNEL,
}


def mail(turn: Turn) -> None:
    """`/mail mei@example.org`: a code goes to that address."""
    if not turn.came.private:
        raise Refusal("private_only")
    if not turn.came.argument:
        known = turn.unit.people.contact(turn.caller.id, MAIL)
        turn.tell("second.yours" if known else "second.how", address=known.address if known else "")
        return
    address = joining.ask(turn.unit, turn.caller, turn.came.argument)
    turn.tell("second.sent", address=address, minutes=int(joining.GOOD_FOR.total_seconds() // 60))


def code(turn: Turn) -> None:
    """`/code 123456`: the code that came by mail."""
    try:
        with turn.unit.attempt():
            turn.caller = joining.confirm(turn.unit, turn.caller, turn.came.argument)
    except Refusal as refusal:
        if "join" in refusal.facts:
            # The wrong code was undone with the attempt, but the guess must count.
            joining.guessed(turn.unit, turn.caller)
        turn.tell(f"refusal.{refusal.key}")
        return
    known = turn.unit.people.contact(turn.caller.id, MAIL)
    turn.tell("second.joined", address=known.address if known else "")


def prefer(turn: Turn) -> None:
    """`/prefer mail` or `/prefer chat`: where notices go while it works."""
    channel = NAMES.get(turn.came.argument.strip().lower())
    if channel is None:
        raise Refusal("prefer_how")
    turn.caller = joining.prefer(turn.unit, turn.caller, channel)
    turn.tell("second.prefer_mail" if channel == MAIL else "second.prefer_chat")
