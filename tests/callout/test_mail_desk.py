"""`callout mail list | show | retry`: what came by mail can be looked at, and a dead letter handled again."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callout.cli import app
from callout.clock import SystemClock
from dispatch import reception
from intake import mailroom
from intake.mailroom import Place, fetched
from storage.database import SqliteStore
from storage.unit import UnitOfWork

RAW = b"From: Mei <mei@example.org>\r\nSubject: Lift 2\r\nMessage-ID: <1@example.org>\r\n\r\nIt is stuck.\r\n"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive with one mail that became a dead letter."""
    path = tmp_path / "callout.db"
    monkeypatch.setenv("CALLOUT_DATABASE__URL", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    store = SqliteStore(path, SystemClock().now)
    async with store.open():
        await store.write(mailroom.keep, fetched(Place("box", "INBOX", 1, 0), 7, RAW, len(RAW)))
        await store.write(_bury)


def _bury(unit: UnitOfWork) -> None:
    (row,) = unit.inbox.claim("us", unit.policy.periods.dispatch, 5)
    reception.buried(unit, row, "it needs too much time")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["mail", *words])


def test_the_list_says_what_became_of_a_mail(archive: Path) -> None:
    shown = run("list")
    assert shown.exit_code == 0 and "dead letter: it needs too much time" in shown.output
    (line,) = json.loads(run("list", "--json").output)
    assert (line["mail"], line["uid"], line["message_id"]) == (1, 7, "1@example.org")


def test_a_mail_is_shown_as_it_was_read_and_as_it_came(archive: Path) -> None:
    shown = run("show", "1")
    assert "From: Mei <mei@example.org>" in shown.output and "It is stuck." in shown.output
    assert run("show", "1", "--raw").stdout_bytes == RAW
    assert "there is no mail 9" in str(run("show", "9").exception)


def test_a_dead_letter_is_handled_again_and_nothing_else_is(archive: Path) -> None:
    assert "is handled again" in run("retry", "1").output
    assert "waits to be handled" in run("list").output
    assert "is no dead letter" in str(run("retry", "1").exception)
