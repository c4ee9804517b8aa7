"""`callout check`: for everything that would go wrong it says so beforehand, and what to do (section 8)."""

import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callout.check import Finding, Weight, as_text, check, config_file
from callout.settings import load
from simulator.telegram import TelegramSimulator
from storage.migrate import upgrade

OTHER = "7000001:AAHanotherANOTHERanotherANOTHERanothe_-9"
SECRET = "webhook-canary-webhook"


class Doctor:
    """The settings under examination; `look` tells what is not well: check → findings."""

    def __init__(self, folder: Path, sim: TelegramSimulator) -> None:
        self.database = folder / "callout.db"
        self.telegram: dict[str, Any] = {
            "token": sim.token,
            "api_url": sim.api_url,
            "file_url": sim.file_url,
        }
        self.storage: dict[str, Any] = {"url": f"sqlite:///{self.database}"}
        self.config: Path | None = None
        self.text = ""

    async def everything(self) -> list[tuple[str, Finding]]:
        settings = load(env={}, telegram=self.telegram, database=self.storage)
        found = await check(settings, self.config, datetime.now(UTC))
        self.text = as_text(found)
        return found

    async def look(self) -> dict[str, Finding]:
        """What is not well, by check."""
        found = await self.everything()
        assert all(finding.do for _, finding in found if finding.weight is not Weight.OK)
        return {name: finding for name, finding in found if finding.weight is not Weight.OK}


@pytest.fixture
async def doctor(tmp_path: Path, sim: TelegramSimulator) -> AsyncIterator[Doctor]:
    yield Doctor(tmp_path, sim)


async def test_when_all_is_well_every_check_says_what_it_saw(doctor: Doctor):
    found = await doctor.everything()
    assert {finding.weight for _, finding in found} == {Weight.OK}
    assert {name for name, _ in found} == {"token", "webhook", "mail", "clock", "database", "permissions"}
    assert "@callout_demo_bot" in doctor.text
    assert "in UTC it is" in doctor.text


async def test_a_wrong_token_stops_the_service_and_is_not_shown(doctor: Doctor):
    doctor.telegram["token"] = OTHER
    found = await doctor.look()
    assert found["token"].weight is Weight.STOPS
    assert "refuses the token" in found["token"].says
    assert "@BotFather" in found["token"].do
    assert "ANOTHER" not in doctor.text


async def test_no_token_at_all_says_where_one_comes_from(doctor: Doctor):
    del doctor.telegram["token"]
    found = await doctor.look()
    assert found["token"].weight is Weight.STOPS
    assert "CALLOUT_TELEGRAM__TOKEN" in found["token"].do


async def test_a_telegram_that_cannot_be_reached_is_told_from_a_wrong_token(doctor: Doctor, sim):
    await sim.stop()
    found = await doctor.look()
    assert "cannot be reached (ConnectError)" in found["token"].says
    assert sim.token not in doctor.text


async def test_a_webhook_that_is_set_keeps_a_polling_service_deaf(doctor: Doctor, sim):
    sim.api.webhook.url = "http://127.0.0.1:1/elsewhere"
    found = await doctor.look()
    assert found["webhook"].weight is Weight.STOPS
    assert "delivers to http://127.0.0.1:1/elsewhere" in found["webhook"].says
    assert "callout check --delete-webhook" in found["webhook"].do


async def test_a_webhook_elsewhere_one_that_fails_and_a_crowd_that_waits_are_told(doctor: Doctor, sim):
    doctor.telegram |= {
        "mode": "webhook",
        "webhook_url": "http://127.0.0.1:8081",
        "webhook_secret": SECRET,
    }
    mei = sim.add_person("Mei")
    for number in range(101):
        mei.say(f"Hello {number}")
    sim.api.webhook.url = "http://127.0.0.1:1/elsewhere"
    sim.api.webhook.last_error = (int(time.time()), "Wrong response from the webhook: 502 Bad Gateway")
    webhook = [finding for name, finding in await doctor.everything() if name == "webhook"]
    assert [finding.weight for finding in webhook] == [Weight.WARNING] * 3
    assert "not to http://127.0.0.1:8081/telegram/webhook" in webhook[0].says
    assert "502 Bad Gateway" in webhook[1].says
    assert "101 updates wait" in webhook[2].says
    assert SECRET not in doctor.text


async def test_the_webhook_is_deleted_on_request_and_what_waits_stays(shop):
    shop.sim.api.webhook.url = "http://127.0.0.1:1/elsewhere"
    shop.sim.add_person("Mei").start()
    ended = await shop.callout("check")
    assert (ended.code, "delivers to" in ended.out) == (1, True)
    ended = await shop.callout("check", "--delete-webhook")
    assert ended.code == 0, ended.out
    assert (shop.sim.api.webhook.url, shop.sim.pending) == ("", 1)


@pytest.mark.parametrize(("ahead", "told"), [(-90, "90 s ahead of"), (90, "90 s behind"), (-50, None)])
async def test_a_clock_more_than_a_minute_off_is_told(tmp_path: Path, ahead: int, told: str | None):
    async with TelegramSimulator(clock=lambda: time.time() + ahead) as sim:
        found = await Doctor(tmp_path, sim).look()
    if told is None:
        assert found == {}
    else:
        assert found["clock"].weight is Weight.WARNING
        seconds, word = told.split(" s ")
        assert word in found["clock"].says
        assert f"{seconds} s" in found["clock"].says or f"{int(seconds) + 1} s" in found["clock"].says
        assert "NTP" in found["clock"].do


def newer(database: Path) -> None:
    upgrade(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def letter(database: Path) -> None:
    database.write_text("Dear Otto, this is no database." * 50)


def folder(database: Path) -> None:
    database.mkdir()


@pytest.mark.parametrize(
    ("make", "says"), [(newer, "newer Callout"), (letter, "no SQLite database"), (folder, "cannot be opened")]
)
async def test_a_database_that_is_not_ours_stops_the_service(
    doctor: Doctor, make: Callable[[Path], None], says: str
):
    make(doctor.database)
    found = await doctor.look()
    assert found["database"].weight is Weight.STOPS
    assert says in found["database"].says


async def test_a_database_held_by_somebody_is_a_warning_after_a_moment(doctor: Doctor):
    upgrade(doctor.database)
    holder = sqlite3.connect(doctor.database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    found = await doctor.look()
    holder.close()
    assert found["database"].weight is Weight.WARNING
    assert "another program holds it" in found["database"].says


async def test_looking_changes_nothing(doctor: Doctor, sim):
    upgrade(doctor.database)
    before = doctor.database.read_bytes()
    sim.add_person("Mei").start()
    await doctor.everything()
    assert doctor.database.read_bytes() == before
    assert sim.pending == 1
    assert sorted(path.name for path in doctor.database.parent.iterdir()) == ["callout.db"]


async def test_folders_that_cannot_be_written_stop_the_service(doctor: Doctor, tmp_path: Path):
    (tmp_path / "letter").write_text("in the way")
    doctor.storage["files"] = tmp_path / "letter" / "files"
    found = await doctor.look()
    assert found["permissions"].weight is Weight.STOPS
    assert "the folder for files" in found["permissions"].says
    assert "database.files" in found["permissions"].do
    doctor.storage = {"url": f"sqlite:///{tmp_path}/letter/callout.db", "files": tmp_path}
    found = await doctor.look()
    assert "the folder for database" in found["permissions"].says


async def test_a_token_in_a_file_that_everybody_may_read_is_told(doctor: Doctor, tmp_path: Path):
    doctor.config = tmp_path / "callout.toml"
    doctor.config.write_text(f"[telegram]\ntoken = '{OTHER}'\n")
    doctor.config.chmod(0o644)
    found = await doctor.look()
    assert found["permissions"].do == f"chmod o-rwx {doctor.config}"
    doctor.config.chmod(0o640)
    assert await doctor.look() == {}
    doctor.config.write_text("[organisation]\nname = 'Lakeside Lifts'\n")
    doctor.config.chmod(0o644)
    assert await doctor.look() == {}


def test_the_file_that_is_examined_is_the_one_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert config_file(None) is None
    Path("callout.toml").touch()
    assert config_file(None) == Path("callout.toml")
    Path("named.toml").touch()
    monkeypatch.setenv("CALLOUT_CONFIG", "named.toml")
    assert config_file(None) == Path("named.toml")
    assert config_file(Path("callout.toml")) == Path("callout.toml")
