"""The schema's version: brought up to date at start, and a newer database is left alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.errors import Busy, NewerDatabase, StorageError

HERE = Path(__file__).parent / "migrations"


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return settings


def head() -> str:
    """The revision this Callout writes."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    return found or ""


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def known(settings: Config) -> frozenset[str]:
    """Every revision this Callout has a script for."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(settings).walk_revisions())


# What SQLite says → what the operator can do about it.
ADVICE = {
    "locked": "another program holds it for writing; stop that program, or wait and try again",
    "readonly": "it may only be read; give this user the right to write the file and its folder",
    "unable to open": "it cannot be opened; check that the path is a file and that this user may use its folder",
    "not a database": "it is no SQLite database; name another file in database.url or restore a backup",
    "malformed": "it is damaged; keep a copy and restore a backup",
    "full": "there is no room left on its disk; make some",
}


def plain_words(path: Path, error: DBAPIError) -> StorageError:
    """An error of the database as a sentence for the operator; Busy when waiting may help."""
    said = str(error.orig)
    advice = next((advice for words, advice in ADVICE.items() if words in said), f"SQLite says: {said}")
    return (Busy if "locked" in said else StorageError)(f"the database {path} cannot be used: {advice}")


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Errors of the database in this block become sentences: StorageError, or Busy."""
    try:
        yield
    except DBAPIError as error:
        raise plain_words(path, error) from error


def upgrade(path: Path) -> str:
    """Bring the file up to date in one transaction and tell its revision.

    NewerDatabase: it is ahead of us. StorageError: it cannot be opened or written; Busy: somebody holds it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"the folder {path.parent} for the database cannot be made: {error.strerror}; check its permissions"
        raise StorageError(msg) from error
    with in_words(path):
        return _upgrade(path)


def _upgrade(path: Path) -> str:
    engine = create_engine(URL.create("sqlite", database=str(path)))

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=10000")

    event.listen(engine, "connect", prepare)
    # A migration killed half-way must roll back whole (F20): SQLite's DDL is transactional if we say BEGIN.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    settings = config()
    try:
        with engine.begin() as connection:
            now = revision(connection)
            if now is not None and now not in known(settings):
                msg = (
                    f"the database {path} is at revision {now}, which this Callout does not know; "
                    "install the newer Callout that wrote it"
                )
                raise NewerDatabase(msg)
            if now != head():
                settings.attributes["connection"] = connection
                command.upgrade(settings, "head")
        return head()
    finally:
        engine.dispose()
