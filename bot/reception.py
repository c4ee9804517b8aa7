"""What both ways of receiving share: an update becomes an arrival with its lane, kept before it is confirmed."""

import json
from collections.abc import Iterable
from typing import Any

from bot.incoming import CHANNEL
from dispatch.reception import Arrival

# Asked for by name: the default list would leave out what we do not name, and a later default could drop more.
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
HOLDERS = ("message", "edited_message", "callback_query", "my_chat_member")


def source(token: str) -> str:
    """The inbox's name for this bot: its numeric id, which is no secret."""
    return f"{CHANNEL}:{token.partition(':')[0]}"


def lane(update: dict[str, Any]) -> str:
    """Order is kept per chat; what belongs to no chat shares one lane."""
    for name in HOLDERS:
        body = update.get(name)
        if isinstance(body, dict):
            message = body.get("message") if name == "callback_query" else body
            chat = message.get("chat") if isinstance(message, dict) else None
            if isinstance(chat, dict) and "id" in chat:
                return str(chat["id"])
    return "-"


def arrivals(name: str, updates: Iterable[Any]) -> list[Arrival]:
    """One arrival per update, raw as it came."""
    return [
        Arrival(name, str(update["update_id"]), lane(update), json.dumps(update))
        for update in updates
        if isinstance(update, dict) and isinstance(update.get("update_id"), int)
    ]
