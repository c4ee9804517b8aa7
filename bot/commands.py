"""What may be typed after a slash: a table of commands, each with who may use it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot import asking, report, second_channel
from bot.board import board_text, jobs_text, journal_text, status_text, tickets_text
from bot.callbacks import Press
from bot.incoming import CHANNEL
from bot.rich import lines
from bot.screens import Button
from bot.turn import Turn
from dispatch import queries, register, telling
from dispatch.addresses import Address
from dispatch.errors import Refusal
from storage.records.people import Person, Role

Do = Callable[[Turn], None]


@dataclass(frozen=True, slots=True)
class Command:
    """`who` says whether a person sees it in /help and may use it; `group` whether it works in the office's chat."""

    do: Do
    who: Callable[[Person], bool] = lambda _person: True
    group: bool = False


def start(turn: Turn) -> None:
    """Greet; with a code (deep link or typed, alike) join the staff."""
    if turn.came.argument:
        join(turn)
        return
    policy = turn.unit.policy
    if turn.caller.staff:
        roles = turn.text("list.comma").join(turn.text(f"role.{role}") for role in sorted(turn.caller.roles))
        turn.say(lines(turn.rich("start.staff", name=turn.caller.name, roles=roles), help_text(turn)))
        return
    turn.say(
        lines(
            turn.rich("start.hello", name=turn.caller.name, organisation=policy.organisation),
            turn.rich("start.how"),
            turn.rich("start.emergency", phone=policy.phone) if policy.phone else None,
        ),
        ((Button(turn.text("button.report"), Press("nw")),),),
    )


def join(turn: Turn) -> None:
    try:
        with turn.unit.attempt():
            invitation = register.join(turn.unit, turn.caller, turn.came.user, turn.came.argument)
    except Refusal as refusal:
        if refusal.facts.get("keep"):
            # The wrong code was undone with the attempt, but the guess must count.
            turn.unit.people.guessed(turn.came.user)
        turn.tell(f"refusal.{refusal.key}")
        return
    if invitation.granted is None:
        turn.tell("join.wait", name=invitation.name, role=turn.text(f"role.{invitation.role}"))


def help_text(turn: Turn) -> str:
    shown = [
        f"/{name} — {turn.text(f'help.{name}')}"
        for name, command in COMMANDS.items()
        if command.who(turn.caller) and turn.phrases.has(f"help.{name}")
    ]
    return "\n".join(shown)


def help_(turn: Turn) -> None:
    turn.say(lines(turn.rich("help"), help_text(turn)))


# How people name a language when they type it.
NAMES = {"en": "en", "english": "en", "zh": "zh", "中文": "zh", "chinese": "zh", "汉语": "zh"}


def language(turn: Turn) -> None:
    wanted = NAMES.get(turn.came.argument.strip().lower())
    if wanted:
        turn.caller = register.speak(turn.unit, turn.caller, wanted)
        turn.tell("language.set")
        return
    choices = [Button(turn.text(f"language.{tag}"), Press("la", arg=tag)) for tag in register.LANGUAGES]
    turn.tell("language.which", (tuple(choices),))


def new(turn: Turn) -> None:
    report.begin(turn)


def cancel(turn: Turn) -> None:
    """Leave whatever dialogue is open; a draft is dropped, nothing else."""
    dialogue = turn.dialogue()
    if dialogue is None:
        turn.tell("nothing_to_cancel")
        return
    draft = (
        turn.unit.tickets.get(dialogue.ticket_id)
        if dialogue.kind == report.KIND and dialogue.ticket_id
        else None
    )
    if draft:
        report.drop(turn, dialogue, draft)
        return
    turn.unit.plans.end(CHANNEL, turn.came.chat, turn.caller.id)
    turn.unbutton(dialogue.message_id)
    turn.say(turn.rich("left_dialogue"), keyboard="remove")


def tickets(turn: Turn) -> None:
    turn.say(tickets_text(turn), ((Button(turn.text("button.new_problem"), Press("nw")),),))


def status(turn: Turn) -> None:
    """One ticket by its number: facts for whoever may read it, the same sentence for none and for foreign ones."""
    if not turn.came.argument:
        tickets(turn)
        return
    ticket = queries.find(turn.unit, turn.came.argument, turn.caller)
    here = Address(CHANNEL, turn.came.chat, turn.came.thread, turn.caller.id if turn.came.private else None)
    if turn.caller.office and ticket.customer_id != turn.caller.id:
        telling.place(turn.unit, ticket, "office", here, subject_id=turn.came.update_id)
    turn.say(status_text(turn, ticket), ticket_id=ticket.id)


def journal(turn: Turn) -> None:
    ticket = queries.find(turn.unit, turn.came.argument or "-", turn.caller)
    turn.say(journal_text(turn, ticket), ticket_id=ticket.id)


def jobs(turn: Turn) -> None:
    turn.say(jobs_text(turn))


def duty(on: bool) -> Do:
    def set_duty(turn: Turn) -> None:
        register.duty(turn.unit, turn.caller, on)
        turn.tell("duty.on" if on else "duty.off")

    return set_duty


def board(turn: Turn) -> None:
    turn.say(board_text(turn))


def office(turn: Turn) -> None:
    """This group, or this topic of it, is the office."""
    if turn.came.private:
        raise Refusal("groups_only")
    register.open_office(
        turn.unit, turn.caller, CHANNEL, turn.came.chat, turn.came.thread, turn.came.title or turn.came.chat
    )
    turn.tell("office.here")


def invite(turn: Turn) -> None:
    """`/invite engineer Ana`: an administrator asks for a code in chat."""
    role, _, name = turn.came.argument.partition(" ")
    if role not in set(Role) or not turn.came.private:
        raise Refusal("invite_how")
    code = register.invite(turn.unit, Role(role), name, turn.caller)
    key = (
        "invite.code" if turn.chat.username else "invite.code_alone"
    )  # no link before Telegram told our name
    turn.tell(key, name=name.strip(), code=code, bot=turn.chat.username)


def engineer(person: Person) -> bool:
    return Role.ENGINEER in person.roles


def at_desk(person: Person) -> bool:
    return person.office


def administrator(person: Person) -> bool:
    return Role.ADMINISTRATOR in person.roles


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "start": Command(start),
        "jobs": Command(jobs, engineer),
        "on": Command(duty(True), engineer),
        "off": Command(duty(False), engineer),
        "board": Command(board, at_desk, group=True),
        "journal": Command(journal, at_desk, group=True),
        "invite": Command(invite, administrator),
        "office": Command(office, administrator, group=True),
        "new": Command(new),
        "tickets": Command(tickets),
        "status": Command(status, group=True),
        "language": Command(language),
        "mail": Command(second_channel.mail),
        "cancel": Command(cancel, group=True),
        "help": Command(help_),
    }
)


def command(turn: Turn) -> str:
    """Run a typed command; unknown ones and those of other roles get the list of what there is."""
    found = COMMANDS.get(turn.came.command)
    if found is None or not found.who(turn.caller):
        if turn.came.private:
            turn.say(lines(turn.rich("unknown_command"), help_text(turn)))
        return f"rejected: unknown command {turn.came.command[:20]}"
    anywhere = turn.came.private or turn.came.command in {"office", "cancel"}
    here = anywhere or turn.unit.people.office_at(CHANNEL, turn.came.chat) is not None
    if not turn.came.private and not (found.group and here):
        turn.tell("private_only")
        return "rejected: command of a private chat in a group"
    try:
        with turn.unit.attempt():
            found.do(turn)
    except Refusal as refusal:
        turn.say(turn.rich(f"refusal.{refusal.key}", **asking.refusal_facts(turn, refusal)))
        return f"refused: {refusal.key}"
    return f"command: {turn.came.command}"
