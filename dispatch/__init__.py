"""The trade: what the office, the engineer and the customer may do with a ticket. No Telegram, no mail, no SQL."""
