"""A bot as the textbooks write it: python-telegram-bot's own polling, one handler, every update into a database."""

import os
import sqlite3
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ApplicationBuilder, ContextTypes, TypeHandler

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("✅ Send", callback_data="send")]])
archive = sqlite3.connect(os.environ["PLAIN_BOT_FILE"], isolation_level=None)
archive.execute("PRAGMA synchronous=FULL")
archive.execute("CREATE TABLE IF NOT EXISTS seen (update_id INTEGER PRIMARY KEY)")


async def keep(update: object, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Write it down, durably, and only then answer: as careful as a handler can be."""
    assert isinstance(update, Update)
    archive.execute("INSERT OR IGNORE INTO seen VALUES (?)", (update.update_id,))
    if update.callback_query:
        await update.callback_query.answer("Noted.")
    elif update.message:
        await update.message.reply_text("Noted.", reply_markup=BUTTONS)


def main() -> None:
    builder: Any = ApplicationBuilder().token(os.environ["PLAIN_BOT_TOKEN"])
    application = builder.base_url(os.environ["PLAIN_BOT_URL"]).build()
    application.add_handler(TypeHandler(object, keep))
    application.run_polling(timeout=2)


if __name__ == "__main__":
    main()
