"""The stage of demo, tour and browser test: the real service, simulated Telegram and mail, and the cast."""

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callout.assemble import Service
from callout.settings import Settings, load
from dispatch import register
from simulator.mail import MailClient, MailSimulator, mail_pane
from simulator.telegram import Pane, TelegramSimulator
from simulator.telegram import Person as Phone
from storage.records.people import Role
from storage.unit import UnitOfWork

TELEGRAM_TAG = {"en": "en", "zh": "zh-hans"}
# Pages are looked at, so the pauses between two messages are short; every other rule is the real one.
LIVELY = {"poll_timeout": 10, "per_chat_seconds": 0.05}
KEPT_CALLS = 2_000  # of the simulator's list of requests, which grows as long as the demo is open
PATIENCE = 20.0  # seconds for the first greeting, on a slow machine
SERVICE, LI = "service@callout.example", "li@customer.example"
SESAME = "only for the demo"


@dataclass(frozen=True, slots=True)
class Cast:
    """Mei reports, Ana and Bo repair, Otto dispatches, manages and administers; Li reports by mail, in Chinese."""

    mei: Phone
    ana: Phone
    bo: Phone
    otto: Phone
    li: MailClient

    @property
    def phones(self) -> tuple[Phone, ...]:
        return (self.mei, self.ana, self.bo, self.otto)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is running: `running` ends when the service does, with its exit code."""

    sim: TelegramSimulator
    post: MailSimulator
    service: Service
    cast: Cast
    running: asyncio.Task[int]
    folder: Path


def local_zone() -> str:
    """The IANA name of this machine's time zone, so that times on the phones are those on the wall; else UTC."""
    link = os.path.realpath("/etc/localtime")
    for name in (os.environ.get("TZ", "").lstrip(":"), link.partition("zoneinfo/")[2]):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(name).key
    return "UTC"


def free_port() -> int:
    """A port that nobody uses at this moment: the page's address stands in letters before it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(sim: TelegramSimulator, post: MailSimulator, folder: Path, language: str) -> Settings:
    """Nothing is read from the environment or from a callout.toml that may lie here."""
    page = free_port()
    return load(
        config=Path(os.devnull),
        env={},
        organisation={"name": "Callout", "language": language, "timezone": local_zone()},
        telegram={"token": sim.token, "api_url": sim.api_url, "file_url": sim.file_url, **LIVELY},
        mail={
            "address": SERVICE,
            "imap_host": "127.0.0.1",
            "imap_port": post.imap_port,
            "imap_security": "none",
            "imap_password": SESAME,
            "smtp_port": post.smtp_port,
            "smtp_security": "none",
            "smtp_login": False,
            "poll_seconds": 5,
            "authserv_id": post.hostname,
        },
        web={"url": f"http://127.0.0.1:{page}", "port": page},
        database={"url": f"sqlite:///{folder}/callout.db"},
        http={"port": 0},
    )


def add_cast(sim: TelegramSimulator, post: MailSimulator, language: str) -> Cast:
    """Four phones on the page, in the order in which a report travels, and one mail client."""
    tag = TELEGRAM_TAG[language]
    mei = sim.add_person("Mei", language_code=tag, hint="customer")
    otto = sim.add_person("Otto", language_code=tag, hint="office")
    ana = sim.add_person("Ana", language_code=tag, hint="engineer")
    bo = sim.add_person("Bo", language_code=tag, hint="engineer")
    li = MailClient(post, LI, "李雷", language="zh", charset="gb2312", to=SERVICE)
    sim.mount(Pane("mail", "/sim/panes/li", li.name, "customer"), mail_pane(li))
    return Cast(mei, ana, bo, otto, li)


def hire(unit: UnitOfWork, cast: Cast, language: str) -> None:
    """Ana and Bo are engineers on duty, Otto is everything an office has."""
    staff: tuple[tuple[Phone, tuple[Role, ...]], ...] = (
        (cast.ana, (Role.ENGINEER,)),
        (cast.bo, (Role.ENGINEER,)),
        (cast.otto, (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR)),
    )
    for phone, roles in staff:
        person = register.caller(unit, "telegram", str(phone.id), phone.first_name, language)
        for role in roles:
            person = register.employ(unit, person, role)
        if Role.ENGINEER in roles:
            register.duty(unit, person, True)


@asynccontextmanager
async def stage(port: int = 0, language: str = "en") -> AsyncIterator[Stage]:
    """Everything ready to play: the cast is hired and the staff have opened the bot; all of it is gone afterwards.

    port: of the page and the simulated Bot API; any free one when it is 0 or taken.
    Fatal: the service could not start, in one sentence.
    """
    with tempfile.TemporaryDirectory(prefix="callout-demo-") as folder:
        sim = await _listening(port)
        try:
            accounts = {SERVICE: SESAME, LI: SESAME}
            async with (
                MailSimulator(accounts, tls=False, dmarc=True) as post,
                _serving(sim, post, Path(folder), language) as ready,
            ):
                yield ready
        finally:
            await sim.stop()


async def _listening(port: int) -> TelegramSimulator:
    sim = TelegramSimulator(port=port)
    try:
        await sim.start()
    except OSError:
        sim = TelegramSimulator(port=0)
        await sim.start()
    sim.keep_calls(KEPT_CALLS)
    return sim


@asynccontextmanager
async def _serving(
    sim: TelegramSimulator, post: MailSimulator, folder: Path, language: str
) -> AsyncIterator[Stage]:
    cast = add_cast(sim, post, language)
    service = Service(settings(sim, post, folder, language))
    running = asyncio.create_task(service.run())
    try:
        await _either(service.ready.wait(), running)
        await service.store.write(hire, cast, language)
        for phone in (cast.otto, cast.ana, cast.bo):
            phone.start()
        for phone in (cast.otto, cast.ana, cast.bo):
            await phone.wait_for(_from_the_bot, timeout=PATIENCE)
        yield Stage(sim, post, service, cast, running, folder)
    finally:
        service.supervisor.stop(5)
        await running


def _from_the_bot(message: dict[str, Any]) -> bool:
    return bool(message["from"]["is_bot"])


async def _either(ready: Any, running: asyncio.Task[int]) -> None:
    """Wait until the service is ready; if it ended instead, raise what ended it."""
    waiting = asyncio.ensure_future(ready)
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        waiting.cancel()
        running.result()
