"""The audit of inbox, outbox, deadlines, files and pages: each kind of breach is named by its row."""

import sqlite3
from contextlib import closing
from datetime import timedelta


async def test_what_came_and_is_not_handled_not_explained_or_out_of_order_is_named(auditor):
    await auditor.arrived("Hello", "Lift 3 is stuck", "Are you there?")
    assert await auditor.breaches() == {}
    auditor.break_("UPDATE inbox SET outcome = NULL WHERE id = 1")
    assert await auditor.breaches() == {"inbox": ["inbox 1: does not say what became of it"]}
    auditor.break_("UPDATE inbox SET outcome = 'message', status = 'new', done_at = NULL WHERE id = 1")
    found = await auditor.breaches()
    overtaken = [f"inbox {n}: was handled before an earlier one of its chat" for n in (2, 3)]
    assert found == {"order": overtaken}
    auditor.clock.advance(61)
    found = await auditor.breaches()
    assert found == {"order": overtaken, "inbox": ["inbox 1: waits to be handled"]}
    auditor.break_("UPDATE inbox SET status = 'done', done_at = '2027-01-01 00:00:00.000000' WHERE id = 2")
    assert "inbox 3: was handled before an earlier one of its chat" in (await auditor.breaches())["order"]


async def test_a_message_that_does_not_leave_is_named_unless_telegram_told_us_to_wait(auditor):
    ticket = await auditor.reported()
    auditor.clock.advance(119)
    assert await auditor.breaches() == {}
    auditor.clock.advance(2)
    late = (await auditor.breaches())["outbox"]
    # One line for each chat, for its first message; those behind it wait their turn.
    waiting = await auditor.archive.ask(lambda unit: unit.outbox.of_ticket(ticket.id))
    assert len(late) == len({job.lane for job in waiting})
    assert all(line.startswith(ticket.number) and line.endswith("does not leave") for line in late)
    await auditor.archive.do(
        lambda unit: unit.outbox.pause_channel("telegram", unit.now + timedelta(minutes=10))
    )
    assert await auditor.breaches() == {}


async def test_a_message_held_by_a_worker_that_is_gone_is_named(auditor):
    ticket = await auditor.reported()
    (job, *_) = await auditor.archive.do(lambda unit: unit.outbox.claim("dead", timedelta(seconds=30), 1))
    auditor.clock.advance(39)
    assert await auditor.breaches() == {}
    auditor.clock.advance(2)
    assert (await auditor.breaches())["outbox"] == [
        f"{ticket.number} outbox {job.id}: is held by a worker whose time is over"
    ]


async def test_only_a_courtesy_that_may_be_there_twice_is_a_breach(auditor):
    await auditor.reported()
    await auditor.settle()
    auditor.break_("UPDATE outbox SET ambiguous = 1, kind = 'notice'")
    assert await auditor.breaches() == {}  # duty: said again when in doubt, and marked
    auditor.break_("UPDATE outbox SET duty = 0 WHERE id = 1")
    (line,) = (await auditor.breaches())["doubles"]
    assert "outbox 1: may have arrived twice" in line


async def test_a_deadline_that_did_not_fire_is_named(auditor):
    ticket = await auditor.offered()
    await auditor.settle()
    auditor.clock.advance(timedelta(minutes=5, seconds=119))
    assert await auditor.breaches() == {}
    auditor.clock.advance(2)
    (line,) = (await auditor.breaches())["deadlines"]
    assert line.startswith(f"{ticket.number} deadline")
    assert "t2_remind" in line


async def test_a_photo_that_is_gone_or_another_one_is_named(auditor):
    digest = await auditor.photographed()
    await auditor.settle()
    assert await auditor.breaches() == {}
    auditor.files.path(digest).write_bytes(b"another photo")
    (line,) = (await auditor.breaches())["files"]
    assert line.endswith("file 1: is no longer what was stored")
    auditor.files.path(digest).unlink()
    (line,) = (await auditor.breaches())["files"]
    assert line.endswith("file 1: is not in the folder of files")


async def test_a_damaged_page_is_found(auditor, archive):
    for _ in range(5):
        await auditor.reported()
    await auditor.settle()
    with closing(sqlite3.connect(archive.store.path, timeout=30)) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        indexes = "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'outbox'"
        ((page,), *_) = connection.execute(indexes).fetchall()
        ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    with archive.store.path.open("r+b") as file:
        file.seek((page - 1) * size + size // 2)
        file.write(b"\x5a" * (size // 2))
    assert "database" in await auditor.breaches()
