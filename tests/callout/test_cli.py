"""The command line: what each command says, in words and as JSON, and with which code it ends (section 8)."""

import asyncio
import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from callout import __version__
from dispatch import desk, field
from storage.records.ticket import Mode

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *(("run",), ("check",), ("upgrade",), ("outbox",), ("audit",), ("ticket", "list")),
    *(("ticket", "show", "T-1"), ("invite", "--role", "engineer", "--name", "Ana")),
)


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
    with closing(sqlite3.connect(shop.database)) as connection, connection:
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
    with closing(sqlite3.connect(shop.database, timeout=30)) as connection, connection:
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
            "mail",
            "cancel",
            "help",
        ]
    assert {menu[0]["description"] for menu in everybody} == {"report a problem", "报修"}
    assert all({line["command"] for line in menu} >= {"board", "office"} for menu in groups)
    assert await service.terminate() == 0
