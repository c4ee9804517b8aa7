"""Methods about the bot itself: who it is, its commands, its texts, its menu button."""

import re

from simulator.telegram.api import Api, Handler
from simulator.telegram.arguments import Args
from simulator.telegram.errors import Json, bad_request

ABILITIES = (
    *("can_join_groups", "can_read_all_group_messages", "supports_inline_queries"),
    *("can_connect_to_business", "has_main_web_app", "has_topics_enabled", "allows_users_to_create_topics"),
)
COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
# Method ending -> (field of the answer, longest text).
TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


def getMe(api: Api, args: Args) -> Json:
    """The bot's User."""
    abilities = dict.fromkeys(ABILITIES, False) | {"can_join_groups": True}
    return {**api.world.bot, **abilities}


def _scope(args: Args) -> str:
    scope = args.record("scope") or {"type": "default"}
    return f"{sorted(scope.items())}|{args.text('language_code')}"


def setMyCommands(api: Api, args: Args) -> bool:
    """1-32 of a-z, 0-9 and _ per command, 1-256 characters of description, 100 commands."""
    commands = args.records("commands")
    if commands is None:
        raise bad_request("commands are not specified")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for command in commands:
        name, description = str(command.get("command", "")).lstrip("/"), str(command.get("description", ""))
        if not COMMAND.match(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": description})
    api.world.commands[_scope(args)] = kept
    return True


def getMyCommands(api: Api, args: Args) -> list[Json]:
    """The commands of this scope and language."""
    return api.world.commands.get(_scope(args), [])


def deleteMyCommands(api: Api, args: Args) -> bool:
    """Forget the commands of this scope and language."""
    api.world.commands.pop(_scope(args), None)
    return True


def _setter(field: str, most: int) -> Handler:
    def change(api: Api, args: Args) -> bool:
        text = args.text(field)
        if len(text) > most:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        api.world.profile[f"{field}|{args.text('language_code')}"] = text
        return True

    return change


def _getter(field: str) -> Handler:
    def read(api: Api, args: Args) -> Json:
        default = api.world.bot["first_name"] if field == "name" else ""
        general = api.world.profile.get(f"{field}|", default)
        return {field: api.world.profile.get(f"{field}|{args.text('language_code')}", general)}

    return read


TEXT_METHODS: dict[str, Handler] = {
    **{f"setMy{ending}": _setter(field, most) for ending, (field, most) in TEXTS.items()},
    **{f"getMy{ending}": _getter(field) for ending, (field, _) in TEXTS.items()},
}


def setChatMenuButton(api: Api, args: Args) -> bool:
    """The button beside the input field, per chat or for all (chat_id absent)."""
    button = args.record("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: Menu button has unsupported type")
    api.menu_buttons[args.integer("chat_id")] = button
    return True


def getChatMenuButton(api: Api, args: Args) -> Json:
    """The button of this chat, or the one for all."""
    general = api.menu_buttons.get(0, {"type": "commands"})
    return dict(api.menu_buttons.get(args.integer("chat_id"), general))
