"""The chat: what Telegram brings becomes commands of the trade, and what the trade has to say becomes messages."""
