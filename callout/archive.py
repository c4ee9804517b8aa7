"""The archive as a single command opens it: beside the running service, and never upgraded by the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callout.assemble import open_store
from callout.settings import Settings
from callout.supervise import Fatal
from storage.database import SqliteStore
from storage.health import Standing, standing
from storage.migrate import in_words

UNFIT = {
    Standing.ABSENT: "there is no archive at {path} yet; `callout run` or `callout upgrade` makes it",
    Standing.BEHIND: "the database {path} is of an older Callout; stop the service and run `callout upgrade`",
    Standing.NEWER: "the database {path} was written by a newer Callout; install that one",
}


@asynccontextmanager
async def at_hand(settings: Settings, *, make: bool = False) -> AsyncIterator[SqliteStore]:
    """The store, open. `make`: create it when there is none.

    Fatal: there is none, or its schema is not ours. StorageError: it cannot be opened.
    """
    store = open_store(settings)
    found = standing(store.path)
    if found in UNFIT and not (make and found is Standing.ABSENT):
        raise Fatal(UNFIT[found].format(path=store.path))
    async with store.open():
        with in_words(store.path):
            yield store
