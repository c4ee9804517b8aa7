"""The schema's version: brought up to date at start, and a newer database is left alone."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL

from storage.errors import NewerDatabase

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


def upgrade(path: Path) -> str:
    """Bring the file up to date in one transaction and tell its revision; NewerDatabase when it is ahead of us."""
    path.parent.mkdir(parents=True, exist_ok=True)
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
            known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
            now = revision(connection)
            if now is not None and now not in known:
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
