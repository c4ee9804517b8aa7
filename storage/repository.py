"""What every repository does: rows into frozen records, and writes that check the version they were read at."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, insert, select, update

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


class Repository:
    """Base of the repositories: one per subject, all on the unit's one connection."""

    def __init__(self, unit: "UnitOfWork") -> None:
        self.unit = unit
        self.sql: Connection = unit.connection

    def query(self, table: Table, record: type[Any], *where: ColumnElement[bool]) -> Select[Any]:
        return select(*columns(table, record)).where(*where)

    def find(self, record: type[R], statement: Select[Any]) -> R | None:
        row = self.sql.execute(statement.limit(1)).first()
        return None if row is None else record(**row._mapping)

    def list(self, record: type[R], statement: Select[Any]) -> tuple[R, ...]:
        return tuple(record(**row._mapping) for row in self.sql.execute(statement))

    def need(self, record: type[R], table: Table, key: int) -> R:
        found = self.find(record, self.query(table, record, table.c.id == key))
        if found is None:
            msg = f"there is no row {key} in {table.name}"
            raise Missing(msg)
        return found

    def add(self, table: Table, **values: Any) -> int:
        result = self.sql.execute(insert(table).values(**values))
        key: Sequence[Any] | None = result.inserted_primary_key
        return int(key[0]) if key else 0

    def change(self, table: Table, *where: ColumnElement[bool], **values: Any) -> int:
        """Update and tell how many rows it hit."""
        result: CursorResult[Any] = self.sql.execute(update(table).where(*where).values(**values))
        return result.rowcount
