"""The command line: what each command says and how it ends, and the service as a process (F18, F19, S21)."""

import asyncio
import re
import sqlite3
import time
import tomllib
from pathlib import Path

import pytest

from callout import __version__
from dispatch import desk, field, register
from simulator.telegram import Fault
from storage.records.people import Role
from storage.records.ticket import Mode

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *(("run",), ("check",), ("upgrade",), ("outbox",), ("audit",), ("ticket", "list")),
    *(("ticket", "show", "T-1"), ("invite", "--role", "engineer", "--name", "Ana")),
)


def rows(database: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as connection:
        return connection.execute(sql).fetchall()


async def test_the_version_is_the_one_of_the_project(shop):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]
    assert (await shop.callout("--version")).out == f"callout {__version__}\n"


async def test_every_command_names_all_wrong_settings_and_ends_with_2(shop):
    (shop.folder / "odd.toml").write_text("[telegram]\ntokn = '1'\n[http]\nport = 'x'\n")
    del shop.env["CALLOUT_HTTP__PORT"]
    for ended in await asyncio.gather(*(shop.callout(*c, "--config", "odd.toml") for c in COMMANDS)):
        assert ended.code == 2, ended
        assert "did you mean telegram.token?" in ended.err
        assert "http.port (CALLOUT_HTTP__PORT): 'x' is not a number" in ended.err
        assert "Traceback" not in ended.err
        assert ended.out == ""


async def test_without_an_archive_a_question_says_how_one_is_made(shop):
    ended = await shop.callout("ticket", "list")
    assert (ended.code, ended.out) == (1, "")
    assert "there is no archive at" in ended.err
    assert not shop.database.exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+asyncpg://otto:canary@db.example/callout", "write sqlite:///callout.db"),
        ("sqlite:////proc/callout/callout.db", "/proc/callout"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_sentence(shop, url, says):
    shop.env["CALLOUT_DATABASE__URL"] = url
    for command in (("run",), ("upgrade",), ("outbox",)):
        ended = await shop.callout(*command)
        assert ended.code == 1
        assert says in ended.err
        assert not {"Traceback", "canary"} & set(re.findall(r"\w+", ended.err + ended.out))


async def test_a_file_that_is_no_database_is_one_sentence(shop):
    shop.database.write_bytes(b"This is a letter, not a database. " * 100)
    for command in (("run",), ("ticket", "list"), ("audit",)):
        ended = await shop.callout(*command)
        assert ended.code == 1
        assert "it is no SQLite database" in ended.err
        assert "Traceback" not in ended.err


async def test_upgrade_makes_the_archive_and_a_newer_one_is_left_alone(shop):
    ended = await shop.callout("upgrade")
    assert (ended.code, "is at revision" in ended.out) == (0, True)
    with sqlite3.connect(shop.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("upgrade",), ("run",), ("ticket", "list"), ("check",)):
        ended = await shop.callout(*command)
        assert ended.code == 1
        assert re.search("newer Callout", ended.err + ended.out)
        assert "Traceback" not in ended.err


# --- looking -----------------------------------------------------------------------------------------------


async def signed(archive, cast) -> str:
    """A fault that Ana repaired and Mei has yet to sign; its number."""
    mei, ana, otto = cast["mei"], cast["ana"], cast["otto"]
    draft = await archive.do(desk.open_draft, mei, "telegram", "101:1")
    await archive.do(desk.describe, draft.id, mei, problem="Lift 3 \x1b[31mis stuck", place="12 Harbour St")
    ticket = await archive.do(desk.submit, draft.id, mei)
    ticket = await archive.do(desk.offer, ticket.id, otto, ana.id)
    (offer,) = await archive.ask(lambda unit: unit.tickets.offers(ticket.id))
    await archive.do(field.accept, ticket.id, ana, offer.id)
    await archive.do(field.arrive, ticket.id, ana)
    done = await archive.do(
        field.complete,
        ticket.id,
        ana,
        cause="Door contact worn",
        action="Replaced",
        mode=Mode.ON_SITE,
        parts="none",
        tested=True,
    )
    return done.number


async def test_tickets_are_listed_and_shown_in_words_and_as_json(shop, archive, cast):
    number = await signed(archive, cast)
    listed = await shop.callout("ticket", "list")
    assert re.search(
        rf"{number}\s+completed LATE\s+S3\s+fault\s.*\sAna\s+Mei\s+Lift 3  \[31mis stuck", listed.out
    )
    assert [t["number"] for t in (await shop.callout("ticket", "list", "--json")).json] == [number]
    assert (await shop.callout("ticket", "list", "--state", "closed")).out == "no tickets\n"

    shown = (await shop.callout("ticket", "show", number.lower())).out
    for part in (
        "draft → received",
        "Ana: accepted",
        "t8_auto",
        "cause: Door contact worn",
        "requested: asked",
        "rating:\n  none",
        "messages        0, with 0 files",
    ):
        assert part in shown, shown
    facts = (await shop.callout("ticket", "show", number.removeprefix("T-"), "--json")).json
    assert facts["state"] == "completed"
    assert [event["seq"] for event in facts["journal"]] == [*range(1, facts["version"] + 1)]
    assert facts["signoffs"][0]["report_hash"] == facts["report"]["hash"]
    assert facts["offers"][0]["engineer"] == "Ana"
    missing = await shop.callout("ticket", "show", "T-1")
    assert (missing.code, missing.out) == (1, "")
    assert "there is no ticket T-1" in missing.err


async def test_the_outbox_shows_what_waits_what_failed_and_what_may_be_there_twice(shop, archive, cast):
    await signed(archive, cast)
    waiting = (await shop.callout("outbox", "--json")).json
    assert waiting["counts"] == {"pending": len(waiting["messages"])}
    first, second, third, *_ = (message["id"] for message in waiting["messages"])
    with sqlite3.connect(shop.database, timeout=30) as connection:
        connection.execute("UPDATE outbox SET status = 'sent'")
        connection.execute(
            "UPDATE outbox SET status = 'undeliverable', error = 'blocked' WHERE id = ?", [first]
        )
        connection.execute("UPDATE outbox SET status = 'unknown' WHERE id = ?", [second])
        connection.execute("UPDATE outbox SET ambiguous = 2 WHERE id = ?", [third])
    shown = await shop.callout("outbox")
    for line in (
        rf"{first}\s+undeliverable\s.*blocked",
        rf"{second}\s+unknown",
        rf"{third}\s+sent\s.*\s2\s",
    ):
        assert re.search(line, shown.out), shown.out
    assert len(shown.out.splitlines()) == 2 + 3  # the counts, the head, and no message that surely arrived


# --- inviting ----------------------------------------------------------------------------------------------


def code_in(text: str) -> str:
    found = re.search(r"https://t\.me/\w+\?start=(\w+)", text)
    assert found, text
    return found[1]


async def test_without_network_the_first_administrator_is_invited_and_the_link_says_so(shop):
    await shop.sim.stop()
    ended = await shop.callout("invite", "--role", "administrator", "--name", "Otto")
    assert ended.code == 0, ended.err
    assert f"https://t.me/YOUR_BOT?start={code_in(ended.out)}" in ended.out
    assert "put it in place of YOUR_BOT" in ended.out
    assert shop.sim.token not in ended.out + ended.err
    assert "whoever uses the code first is one at once" in ended.out


@pytest.mark.parametrize("args", [("--role", "king", "--name", "Ana"), ("--role", "engineer", "--name", " ")])
async def test_an_invitation_that_makes_no_sense_is_refused(shop, args):
    ended = await shop.callout("invite", *args)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


async def test_codes_from_the_command_line_and_from_chat_make_staff_while_the_service_runs(shop):
    otto, ana = (shop.sim.add_person(name, language_code="en") for name in ("Otto", "Ana"))
    service = await shop.run()
    await service.up()
    ended = await shop.callout("invite", "--role", "administrator", "--name", "Otto")
    assert f"https://t.me/callout_demo_bot?start={code_in(ended.out)}" in ended.out
    otto.start(code_in(ended.out))
    await otto.wait_for("You are an administrator now", timeout=30)
    await service.until(lambda: service.logged("telegram.introduced"))
    otto.say("/invite engineer Ana")
    told = await otto.wait_for("https://t.me/callout_demo_bot?start=", timeout=30)
    ana.start(code_in(told["text"]))
    await otto.wait_for(f"{ana.id}", timeout=30)
    assert await service.terminate() == 0
    # The name is known from now on, even without network.
    await shop.sim.stop()
    ended = await shop.callout("invite", "--role", "engineer", "--name", "Bo")
    assert "https://t.me/callout_demo_bot?start=" in ended.out


async def test_the_menu_offers_everybody_his_commands_in_his_language(shop):
    service = await shop.run()
    await service.until(lambda: service.logged("telegram.introduced"))
    menus = shop.sim.world.commands
    everybody = [menu for scope, menu in menus.items() if "default" in scope]
    groups = [menu for scope, menu in menus.items() if "all_group_chats" in scope]
    assert len(everybody) == len(groups) == 3  # English, Chinese, and everybody else
    for menu in everybody:
        assert [line["command"] for line in menu] == [
            "new",
            "tickets",
            "status",
            "language",
            "cancel",
            "help",
        ]
    assert {menu[0]["description"] for menu in everybody} == {"report a problem", "报修"}
    assert all({line["command"] for line in menu} >= {"board", "office"} for menu in groups)
    assert await service.terminate() == 0


# --- the service as a process ------------------------------------------------------------------------------


async def test_a_second_service_on_the_same_database_is_refused_with_the_first_ones_number(shop):
    service = await shop.run()
    await service.up()
    for command in (("run",), ("upgrade",)):
        ended = await shop.callout(*command)
        assert ended.code == 1
        assert f"another Callout (process {service.process.pid}) is running on" in ended.err
        assert "Traceback" not in ended.err
    assert (await service.get("/readyz")).status_code == 200
    assert await service.terminate() == 0


async def test_sigterm_in_the_middle_of_traffic_ends_well_and_leaves_nothing_leased(shop):
    people = [shop.sim.add_person(f"Customer {n}", language_code="en") for n in range(30)]
    service = await shop.run()
    await service.up()
    for person in people:
        person.start()
    for round_ in range(10):
        for person in people:
            person.say(f"Lift {round_} is stuck")
    await service.until(lambda: len(service.logged("outbox.sent")) > 20)
    before = time.monotonic()
    code = await service.terminate()
    took = time.monotonic() - before
    assert (code, took < 10) == (0, True), (took, service.text[-2000:])
    leased = rows(shop.database, "SELECT id FROM outbox WHERE status = 'leased' OR leased_until IS NOT NULL")
    assert leased == []
    assert rows(shop.database, "SELECT count(*) FROM inbox WHERE leased_until IS NOT NULL") == [(0,)]
    assert rows(shop.database, "SELECT count(*) FROM outbox WHERE ambiguous > 0") == [(0,)]
    assert shop.sim.pending + len(rows(shop.database, "SELECT id FROM inbox WHERE status = 'new'")) > 0, (
        "all the traffic was over before the signal: this test shows nothing"
    )
    again = await shop.run()
    await again.until(
        lambda: shop.sim.pending == 0 and not rows(shop.database, "SELECT 1 FROM inbox WHERE status = 'new'")
    )
    assert rows(shop.database, "SELECT count(*) FROM inbox") == [(30 * 11,)]
    assert await again.terminate() == 0
    ended = await shop.callout("audit")
    assert ended.code == 0, ended.out


async def test_sigterm_with_a_telegram_that_never_answers_ends_within_ten_seconds(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    service = await shop.run()
    await service.up()
    shop.sim.faults.add(Fault("timeout_after", method="sendMessage", times=None))
    mei.start()
    await service.until(lambda: any(call.method == "sendMessage" for call in shop.sim.calls))
    before = time.monotonic()
    code = await service.terminate()
    assert (code, time.monotonic() - before < 10) == (0, True), service.text[-2000:]
    shop.sim.faults.clear()
    again = await shop.run()
    await again.up()
    await again.until(lambda: again.logged("outbox.sent"))
    assert await again.terminate() == 0
    # What may have arrived before is marked, whoever repeats it.
    assert rows(shop.database, "SELECT max(ambiguous) FROM outbox WHERE kind = 'say'")[0][0] >= 1


async def test_sigterm_with_a_database_that_somebody_holds_ends_within_ten_seconds(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    service = await shop.run()
    await service.up()
    holder = sqlite3.connect(shop.database, timeout=30, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        mei.start()
        await service.until(lambda: any(call.method.lower() == "getupdates" for call in shop.sim.calls[-3:]))
        before = time.monotonic()
        code = await service.terminate()
        assert (code, time.monotonic() - before < 10) == (0, True), service.text[-2000:]
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    again = await shop.run()
    await mei.wait_for("Hello", timeout=30)
    assert await again.terminate() == 0


async def test_started_with_telegram_down_it_stays_up_calls_gently_and_works_when_telegram_is_back(shop):
    mei = shop.sim.add_person("Mei", language_code="en")
    mei.start()
    await shop.sim.stop()
    calls: list[float] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(time.monotonic())
        writer.close()

    service = await shop.run()
    await service.up()
    # Refused connections first, then a server that hangs up, so that its calls can be counted.
    await service.until(lambda: len(service.logged("telegram.unreachable")) >= 2)
    port = int(shop.sim.url.rpartition(":")[2])
    counting = await asyncio.start_server(hang_up, "127.0.0.1", port)
    began = time.monotonic()
    await service.until(lambda: len(calls) >= 3)
    took = time.monotonic() - began
    counting.close()
    assert len(calls) <= took + 1, f"{len(calls)} calls in {took:.1f} s"
    waits = [line["wait"] for line in service.logged("telegram.unreachable")]
    assert min(waits) >= 0.7
    assert waits[-1] > waits[0]
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await service.get(path)).status_code == 200
    await counting.wait_closed()
    await shop.sim.start()
    await mei.wait_for("Hello", timeout=90)
    assert await service.terminate() == 0


async def test_a_wrong_token_is_one_clear_sentence(shop):
    shop.env["CALLOUT_TELEGRAM__TOKEN"] = "7000001:AAHwrongWRONGwrongWRONGwrongWRONGwr_-9"
    service = await shop.run()
    assert await service.ended() == 1
    assert "Telegram refuses the bot's token; ask @BotFather for it and set telegram.token" in service.lines
    assert "Traceback" not in service.text
    assert "wrongWRONG" not in service.text


CANARY = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"
TROUBLES = ("429", "502", "html", "invalid_json", "drop_before", "drop_after", "400:can't parse entities")


@pytest.mark.parametrize("written", ["json", "console"])
async def test_at_debug_no_line_of_a_troubled_day_shows_the_token(shop, written):
    shop.sim.token = shop.sim.server._token = CANARY
    shop.env |= {
        "CALLOUT_TELEGRAM__TOKEN": CANARY,
        "CALLOUT_LOGGING__LEVEL": "DEBUG",
        "CALLOUT_LOGGING__FORMAT": written,
    }
    mei = shop.sim.add_person("Mei", language_code="en")
    others = [shop.sim.add_person(f"Customer {trouble}", language_code="en") for trouble in TROUBLES]
    for method in ("getMe", "download", "getUpdates"):
        shop.sim.faults.add(Fault("502", method=method))
    for person, trouble in zip(others, TROUBLES, strict=True):
        shop.sim.faults.add(Fault(trouble, method="sendMessage", chat=person.id, retry_after=1))
    service = await shop.run()
    for person in (mei, *others):
        person.start()
    for person in (mei, *others):
        await person.wait_for("Hello", timeout=60)
    mei.say("Lift 3 is stuck")
    await mei.wait_for("Where is it?", timeout=60)
    mei.photo(b"\xff\xd8 no picture")
    await service.until(lambda: all(fault.fired for fault in shop.sim.faults.orders))
    invited = await shop.callout("invite", "--role", "engineer", "--name", "Ana")
    checked = await shop.callout("check")
    # At last Telegram takes the token away; the service says so and ends.
    shop.sim.faults.add(Fault("401", method="*", times=None))
    assert await service.ended() == 1
    assert "Telegram refuses the bot's token" in service.text
    everything = "\n".join((service.text, invited.out, invited.err, checked.out, checked.err))
    assert "/getUpdates" in everything  # requests are logged at DEBUG, with their addresses
    assert "canaryCANARY" not in everything


# --- one command from end to end ---------------------------------------------------------------------------


async def test_the_audit_of_a_clean_archive_names_every_check(shop, archive, cast):
    await signed(archive, cast)
    await archive.do(register.employ, cast["nora"], Role.ENGINEER)
    archive.clock.step(0)
    ended = await shop.callout("audit", "--json")
    breaches = {line["check"]: line["breaches"] for line in ended.json if line["breaches"]}
    # The hand-turned clock stands in January 2026: what is queued there is overdue today, and nothing else is.
    assert set(breaches) == {"deadlines", "outbox"}
    assert ended.code == 1
