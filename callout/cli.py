"""The command line: every command reads the settings, does one thing, and says it in words or as JSON."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from callout import __version__, logs, mail_desk, showing
from callout.archive import at_hand
from callout.assemble import alone, open_store
from callout.audit import audit as audited
from callout.botapi import ask
from callout.check import Weight, as_text, config_file
from callout.check import check as checked
from callout.demo import PORT
from callout.demo import demo as play_demo
from callout.introduction import bot_id, known_name
from callout.mail import mails
from callout.serve import serve
from callout.settings import Settings, SettingsError, load
from callout.supervise import Fatal
from callout.tour import tour as play_tour
from dispatch import register
from dispatch.errors import Refusal
from storage.errors import StorageError
from storage.files import Files
from storage.migrate import upgrade as upgrade_schema
from storage.records.people import Role
from storage.records.ticket import State

R = TypeVar("R")

app = typer.Typer(
    help="Fault reports by chat become tickets, reach the right engineer's phone, and are closed by the customer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with values could show a secret
)
tickets = typer.Typer(help="Look at tickets.", no_args_is_help=True)
app.add_typer(tickets, name="ticket")
app.add_typer(mails, name="mail")

Config = Annotated[
    Path | None,
    typer.Option("--config", help="The settings file; without it CALLOUT_CONFIG or ./callout.toml."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Language(StrEnum):
    """The languages we speak."""

    EN = "en"
    ZH = "zh"


def main() -> None:
    """The console command. Exit codes: 0 well, 1 not, 2 wrong settings or usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal that knows no Chinese is no reason to fail
    try:
        app()
    except SettingsError as wrong:
        _end(str(wrong), 2)
    except Fatal as fatal:
        _end(fatal.sentence, fatal.code)
    except StorageError as broken:
        _end(str(broken), 1)


def _end(sentence: str, code: int) -> None:
    print(logs.redact(sentence), file=sys.stderr)
    raise SystemExit(code)


def _settings(config: Path | None, level: str = "WARNING") -> Settings:
    """The settings of a command that is no service: its log lines are few, and hold no secret."""
    settings = load(config)
    logs.configure(level, secrets=settings.secrets())
    logs.report_crashes()
    return settings


def _print(facts: Any) -> None:
    print(json.dumps(facts, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"callout {__version__}")
        raise typer.Exit


@app.callback()
def _front(
    version: Annotated[  # noqa: ARG001, RUF100 - typer hands it to _version
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What comes before any command."""


# --- running -----------------------------------------------------------------------------------------------


@app.command()
def run(config: Config = None) -> None:
    """Run the service until SIGTERM or Ctrl-C."""
    settings = load(config)
    logs.configure(settings.logging.level, settings.logging.format, settings.secrets())
    logs.report_crashes()
    raise typer.Exit(asyncio.run(serve(settings)))


@app.command()
def demo(
    tour: Annotated[
        bool, typer.Option("--tour", help="Play the whole story by itself and print it.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes any.")] = PORT,
    language: Annotated[Language, typer.Option(help="Language of the phones.")] = Language.EN,
) -> None:
    """Play the main job on a page of phones, without any account."""
    playing = play_tour(language.value) if tour else play_demo(port, language.value)
    raise typer.Exit(asyncio.run(playing))


@app.command()
def check(
    config: Config = None,
    delete_webhook: Annotated[
        bool, typer.Option("--delete-webhook", help="First let Telegram forget its webhook; nothing is lost.")
    ] = False,
) -> None:
    """Test token, webhook, clock, database and permissions, and say what to do."""
    settings = _settings(config)
    if delete_webhook:
        answer = asyncio.run(ask(settings, "deleteWebhook"))
        print("the webhook is gone" if answer.ok else f"the webhook could not be deleted: {answer.words}")
    found = asyncio.run(checked(settings, config_file(config), datetime.now(UTC)))
    print(as_text(found))
    raise typer.Exit(any(finding.weight is Weight.STOPS for _, finding in found))


@app.command()
def upgrade(config: Config = None) -> None:
    """Bring the database's schema up to date; the service must not be running."""
    path = open_store(_settings(config)).path
    with alone(path):
        print(f"{path} is at revision {upgrade_schema(path)}")


# --- people ------------------------------------------------------------------------------------------------


@app.command()
def invite(
    role: Annotated[Role, typer.Option(help="What the person will be.")],
    name: Annotated[str, typer.Option(help="The person's name, as people will see it.")],
    config: Config = None,
) -> None:
    """Print a one-time code, and the link with it, that makes somebody staff."""
    settings = _settings(config)
    try:
        print(asyncio.run(_invite(settings, role, name)))
    except Refusal as refusal:
        _end({"name_needed": "--name is empty; write the person's name"}.get(refusal.key, refusal.key), 2)


async def _invite(settings: Settings, role: Role, name: str) -> str:
    async with at_hand(settings, make=True) as store:
        code = await store.write(register.invite, role, name)
        first = not await store.read(lambda unit: unit.people.in_role(Role.ADMINISTRATOR))
        known = await store.read(known_name, bot_id(settings))
        hours = store.policy.periods.invitation.total_seconds() / 3600
    answer = await ask(settings, "getMe")
    bot = str(answer.result["username"]) if answer.ok else known
    link = f"https://t.me/{bot or 'YOUR_BOT'}?start={code}"
    lines = [
        f"code  {code}",
        f"link  {link}",
        f"{name.strip()} opens the link, or sends the bot: /start {code}",
        f"It works once, within {hours:g} hours, and is shown only now.",
    ]
    if not bot:
        lines.append(f"The bot's name could not be asked ({answer.words}): put it in place of YOUR_BOT.")
    if role is Role.ADMINISTRATOR and first:
        lines.append("There is no administrator yet: whoever uses the code first is one at once.")
    elif first:
        lines.append("There is no administrator yet who could confirm it: invite one first.")
    else:
        lines.append("An administrator is asked in chat to confirm it.")
    return "\n".join(lines)


# --- looking -----------------------------------------------------------------------------------------------


def _look(settings: Settings, query: Callable[..., R], *args: Any) -> R:
    async def look() -> R:
        async with at_hand(settings) as store:
            return await store.read(query, *args)

    return asyncio.run(look())


def _show(facts: Any, lines: Callable[..., list[str]], settings: Settings, as_json: bool) -> None:
    if as_json:
        _print(facts)
    else:
        print("\n".join(lines(facts, open_store(settings).policy.zone)))


@tickets.command("list")
def ticket_list(
    state: Annotated[
        list[State] | None, typer.Option(help="Only those in this state; may be repeated.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 200,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List tickets, the newest first; drafts only when asked for."""
    settings = _settings(config)
    _show(_look(settings, showing.tickets, state or (), most), showing.ticket_lines, settings, as_json)


@tickets.command("show")
def ticket_show(
    number: Annotated[str, typer.Argument(help="The public number, such as T-123456.")],
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show one ticket with its journal, offers, report, sign-off and rating."""
    settings = _settings(config)
    facts = _look(settings, showing.ticket, number)
    if facts is None:
        raise Fatal(f"there is no ticket {number}; `callout ticket list` shows all")
    _show(facts, showing.ticket_page, settings, as_json)


@app.command()
def outbox(as_json: Json = False, config: Config = None) -> None:
    """Show messages that wait, failed, or may have arrived twice."""
    settings = _settings(config)
    _show(_look(settings, showing.outbox), showing.outbox_lines, settings, as_json)


@mails.command("list")
def mail_list(
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """List the mails that were kept, the newest first, and what became of each."""
    settings = _settings(config)
    _show(_look(settings, mail_desk.newest, most), mail_desk.lines, settings, as_json)


@mails.command("show")
def mail_show(
    number: Annotated[int, typer.Argument(help="The number in `callout mail list`.")],
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as they came.")] = False,
    config: Config = None,
) -> None:
    """Show a mail as it was read, or the bytes as they came."""
    content = mail_desk.bytes_of(_settings(config), number)
    if raw:
        sys.stdout.buffer.write(content)
    else:
        print(asyncio.run(mail_desk.as_read(content)))


@mails.command("retry")
def mail_retry(
    number: Annotated[int, typer.Argument(help="The number in `callout mail list`.")], config: Config = None
) -> None:
    """Have a dead letter handled again, after an update that can read it."""
    if not mail_desk.ask(_settings(config), mail_desk.retry, number, write=True):
        raise Fatal(f"mail {number} is no dead letter; `callout mail list` shows what became of it")
    print(f"mail {number} is handled again")


@app.command()
def audit(as_json: Json = False, config: Config = None) -> None:
    """Check that what must always hold does hold in the database; exit code 1 when it does not."""
    settings = _settings(config)
    store = open_store(settings)
    found = _look(settings, audited, Files(settings.database.files), store.path)
    if as_json:
        _print(
            [
                {"check": check.name, "says": check.says, "breaches": [asdict(breach) for breach in breaches]}
                for check, breaches in found
            ]
        )
    else:
        for check, breaches in found:
            print(f"{'BREACH' if breaches else 'ok':<7} {check.name:<12} {check.says}")
            for breach in breaches:
                print(f"{'':<20} {showing.clean(f'{breach.where}: {breach.what}')}")
    raise typer.Exit(any(breaches for _, breaches in found))
