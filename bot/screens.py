"""What a chat shows: a text and rows of buttons, before Telegram's own form is put on."""

from dataclasses import dataclass
from typing import Any

from bot.callbacks import Press, pack
from bot.rich import Rich


@dataclass(frozen=True, slots=True)
class Button:
    """A button that presses `does`, or opens `url`."""

    label: str
    does: Press | None = None
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    text: Rich
    rows: Rows = ()


def columns(buttons: list[Button], wide: int) -> Rows:
    """Buttons in rows of `wide`."""
    return tuple(tuple(buttons[start : start + wide]) for start in range(0, len(buttons), wide))


def markup(rows: Rows, key: bytes, chat: str) -> list[list[dict[str, Any]]]:
    """Rows as Bot API InlineKeyboardButton dicts, sealed for one chat."""
    return [
        [
            {"text": button.label, "callback_data": pack(key, chat, button.does)}
            if button.does
            else {"text": button.label, "url": button.url}
            for button in row
        ]
        for row in rows
        if row
    ]
