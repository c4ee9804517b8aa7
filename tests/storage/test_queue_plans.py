"""The queues find what waits by the index of what waits: years of settled rows must not make them slower."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from storage.unit import UnitOfWork

LEASE = timedelta(seconds=30)


def plans(unit: UnitOfWork) -> list[str]:
    """How SQLite goes through inbox and outbox when the workers ask for work."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    event.listen(unit.connection, "before_cursor_execute", note)
    unit.inbox.claim("me", LEASE, 8)
    unit.inbox.release("me")
    unit.outbox.next_due()
    unit.outbox.untried("telegram:1", "card:1:")
    unit.outbox.release("me")
    unit.outbox.claim("me", LEASE, 8)
    unit.messages.waiting_files(3)
    event.remove(unit.connection, "before_cursor_execute", note)
    return [
        str(row[3])
        for statement, values in asked
        for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]


async def test_no_question_of_the_workers_goes_through_all_that_was_ever_sent(archive):
    found = await archive.do(plans)
    tables = ("inbox", "outbox", "entry_files")
    steps = [step for step in found if step.startswith(("SCAN", "SEARCH")) and step.split()[1] in tables]
    assert len(steps) >= 7
    assert [step for step in steps if step.startswith("SCAN") and "_waiting" not in step] == []
