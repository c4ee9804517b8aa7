"""The schema: migrations make exactly what the tables say, a newer database is left alone, PostgreSQL reads it too."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from callout.clock import HandClock
from dispatch import closing, desk, field, queries, reception
from dispatch.reception import Arrival
from storage.database import SqliteStore, database_path
from storage.errors import NewerDatabase, StorageError
from storage.migrate import head, upgrade
from storage.records.ticket import Mode
from storage.schema import metadata


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "callout.db"
    assert upgrade(path) == head()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_an_upgrade_done_twice_is_done_once(tmp_path: Path) -> None:
    path = tmp_path / "callout.db"
    upgrade(path)
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("INSERT INTO guesses VALUES (1, 'kept', '2026-01-05')")
    assert upgrade(path) == head()
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        assert raw.execute("SELECT address FROM guesses").fetchall() == [("kept",)]


async def test_a_newer_database_is_not_touched(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "callout.db"
    upgrade(path)
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match="install the newer Callout"):
        async with SqliteStore(path, clock.now).open():
            pass
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://office/callout", "write sqlite:///"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite://", "must name a file"),
    ],
)
def test_an_archive_we_cannot_keep_is_refused_with_what_to_write(url: str, says: str) -> None:
    with pytest.raises(StorageError, match=says):
        database_path(url)


# --- ready for PostgreSQL ------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_can_make_every_table(table: Any) -> None:
    dialect = postgresql.dialect()
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    for index in table.indexes:
        made = str(CreateIndex(index).compile(dialect=dialect))
        partial = "sqlite" in index.dialect_kwargs or any("sqlite" in key for key in index.dialect_kwargs)
        assert partial == ("WHERE" in made), f"{index.name}: what is partial on SQLite is partial there too"


async def test_postgresql_understands_every_statement_of_a_whole_story(archive: Any, cast: Any) -> None:
    seen: dict[str, Any] = {}

    def note(_connection: Any, statement: Any, *_more: Any) -> None:
        seen.setdefault(str(statement), statement)

    event.listen(archive.store._engine, "before_execute", note)
    mei, ana, otto = cast["mei"], cast["ana"], cast["otto"]
    await archive.do(reception.keep, [Arrival("telegram", "1", "101", "{}")])
    (row,) = await archive.do(reception.claim, "us", archive.store.policy.periods.dispatch, 5)
    await archive.do(reception.effect, row, lambda _unit: "done")
    draft = await archive.do(desk.open_draft, mei, "telegram", "1")
    await archive.do(desk.describe, draft.id, mei, problem="Lift", place="here", latitude=1.0, longitude=2.0)
    await archive.do(desk.submit, draft.id, mei)
    await archive.do(desk.offer, draft.id, otto, ana.id)
    offer = await archive.do(lambda unit: unit.tickets.last_offer(draft.id, ana.id))
    await archive.do(field.accept, draft.id, ana, offer.id)
    await archive.do(field.arrive, draft.id, ana)
    said = {"cause": "worn", "action": "replaced", "parts": "none", "tested": True, "mode": Mode.ON_SITE}
    await archive.do(field.complete, draft.id, ana, **said)
    await archive.do(closing.confirm, draft.id, mei, "telegram", "101")
    await archive.do(closing.rate, draft.id, mei, 5)
    for job in await archive.do(lambda unit: unit.outbox.claim("us", unit.policy.periods.dispatch, 9)):
        await archive.do(queries.parcel, job)
    await archive.do(
        lambda unit: (unit.plans.due(9), unit.outbox.pause_channel("telegram", unit.now), queries.board(unit))
    )

    dialect = postgresql.dialect()
    statements = [statement for statement in seen.values() if not isinstance(statement, str)]
    assert len(statements) > 60
    for statement in statements:
        assert str(statement.compile(dialect=dialect))
