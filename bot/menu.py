"""The commands as Telegram's menu shows them beside the input field, in every language we speak."""

from datetime import UTC, datetime

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeDefault

from bot.commands import COMMANDS
from dispatch.register import LANGUAGES
from dispatch.texts import book
from storage.records.people import Person

# The menu is the same for everybody, so it shows what anybody may do; staff find theirs in /help.
ANYBODY = Person(0, "", "en", None, False, None, datetime.min.replace(tzinfo=UTC))


def menu(language: str, *, group: bool) -> tuple[BotCommand, ...]:
    """The commands of a private chat, or of a group, with a description each."""
    phrases = book(language)
    shown = [name for name, command in COMMANDS.items() if (command.group if group else command.who(ANYBODY))]
    return tuple(BotCommand(name, phrases[f"help.{name}"]) for name in shown if f"help.{name}" in phrases)


async def publish(bot: Bot, language: str) -> None:
    """Put the menus in place; `language` is for people whose own we do not speak. Raises TelegramError."""
    for group, scope in ((False, BotCommandScopeDefault()), (True, BotCommandScopeAllGroupChats())):
        for tag in (None, *LANGUAGES):
            await bot.set_my_commands(menu(tag or language, group=group), scope=scope, language_code=tag)
