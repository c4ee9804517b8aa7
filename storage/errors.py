"""What can go wrong in the archive, told so that a caller can act on it."""


class StorageError(Exception):
    """Anything the archive could not do; the message is a sentence for the operator."""


class Stale(StorageError):
    """The row changed since it was read: load it again and decide again."""


class Missing(StorageError):
    """There is no such row."""


class LeaseLost(StorageError):
    """Somebody else settled this row meanwhile; whatever was about to be written must not be."""


class NewerDatabase(StorageError):
    """The database was written by a newer Callout; this one must not touch it."""


class Busy(StorageError):
    """Another process holds the database; nothing was written, try again."""
