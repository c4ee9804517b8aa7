"""What every repository does: rows into frozen records, and writes that check the version they were read at."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Insert,
    Select,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from storage.errors import Missing

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult

    from storage.unit import UnitOfWork

R = TypeVar("R")


_COLUMNS: dict[tuple[str, str], tuple[ColumnElement[Any], ...]] = {}


def columns(table: Table, record: type[Any]) -> tuple[ColumnElement[Any], ...]:
    """The columns of a table that a record has fields for, in the record's order."""
    key = (table.name, record.__name__)
    if key not in _COLUMNS:
        _COLUMNS[key] = tuple(table.c[field.name] for field in fields(record) if field.name in table.c)
    return _COLUMNS[key]


_STATEMENTS: dict[tuple[str, str], tuple[Select[Any], Select[Any]]] = {}


def statements(table: Table, record: type[Any]) -> tuple[Select[Any], Select[Any]]:
    """(all rows, the row of an id): built once, because building a statement costs more than running it."""
    key = (table.name, record.__name__)
    if key not in _STATEMENTS:
        every = select(*columns(table, record))
        _STATEMENTS[key] = (every, every.where(table.c.id == bindparam("key")))
    return _STATEMENTS[key]


_INSERTS: dict[str, Insert] = {}


def _insert(table: Table) -> Insert:
    """Built once; the values go in as parameters."""
    return _INSERTS.setdefault(table.name, insert(table))


def word(status: str) -> ColumnElement[Any]:
    """A status written into the statement: SQLite uses an index kept for some statuses only if it can read them
    there; with a parameter it would search the whole table for the few rows that wait."""
    return literal_column(f"'{status}'")


class Repository:
    """Base of the repositories: one per subject, all on the unit's one connection."""

    def __init__(self, unit: "UnitOfWork") -> None:
        self.unit = unit
        self.sql: Connection = unit.connection

    def query(self, table: Table, record: type[Any], *where: ColumnElement[bool]) -> Select[Any]:
        return statements(table, record)[0].where(*where)

    def find(self, record: type[R], statement: Select[Any]) -> R | None:
        row = self.sql.execute(statement.limit(1)).first()
        return None if row is None else record(**row._mapping)

    def list(self, record: type[R], statement: Select[Any]) -> tuple[R, ...]:
        return tuple(record(**row._mapping) for row in self.sql.execute(statement))

    def need(self, record: type[R], table: Table, key: int) -> R:
        row = self.sql.execute(statements(table, record)[1], {"key": key}).first()
        if row is None:
            msg = f"there is no row {key} in {table.name}"
            raise Missing(msg)
        return record(**row._mapping)

    def add(self, table: Table, **values: Any) -> int:
        result = self.sql.execute(_insert(table), values)
        key: Sequence[Any] | None = result.inserted_primary_key
        return int(key[0]) if key else 0

    def change(self, table: Table, *where: ColumnElement[bool], **values: Any) -> int:
        """Update and tell how many rows it hit."""
        sums = {name: value for name, value in values.items() if isinstance(value, ClauseElement)}
        plain = {name: value for name, value in values.items() if name not in sums}
        statement = update(table).where(*where)
        result: CursorResult[Any] = self.sql.execute(statement.values(**sums) if sums else statement, plain)
        return result.rowcount
