"""The mailbox: its place is kept; mail comes with the next part of the work."""
