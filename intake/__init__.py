"""The mail: what a mailbox brings becomes commands of the trade, and what the trade has to say becomes letters."""
