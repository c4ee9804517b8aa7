"""The composition root: settings become a running service, and this is the only place that knows every room."""

import asyncio
import fcntl
import os
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry
from telegram.error import InvalidToken

from bot import webhook
from bot.app import feed
from bot.callbacks import key_of
from bot.fetcher import Fetcher
from bot.incoming import CHANNEL
from bot.limits import Limits
from bot.poller import Poller
from bot.sender import Sender
from bot.turn import Chat
from callout import health
from callout.assemble_mail import PostOffice
from callout.clock import SystemClock
from callout.introduction import REFUSED, Introduction, make_bot
from callout.metrics import Metrics
from callout.settings import Settings
from callout.supervise import Fatal, Supervisor
from dispatch import recovery
from dispatch.alarm import Alarm
from dispatch.delivery import Delivery
from dispatch.ports import Clock, Refused
from storage.database import SqliteStore, database_path
from storage.errors import StorageError
from storage.files import Files
from storage.records.policy import Periods, Policy
from web.app import public_app

log = structlog.get_logger("callout")
SILENCE = 120.0  # seconds a loop may be quiet before health says so; a long poll takes up to 40


def policy(settings: Settings, bot: str = "") -> Policy:
    """What the organisation decided, as the rules see it."""
    d = settings.deadlines
    same = (
        "dispatch",
        "dispatch_manager",
        "offer_remind",
        "offer_expire",
        "urgent_offer_remind",
        "urgent_offer_expire",
        "arrival_grace",
        "draft_remind",
    )
    first, second = d.signoff_reminders
    return Policy(
        organisation=settings.organisation.name,
        language=settings.organisation.language,
        zone=ZoneInfo(settings.organisation.timezone),
        phone=settings.organisation.phone or "",
        bot=bot,
        mail=settings.mail.address or "",
        page=settings.web.url or "",
        secret=settings.web.secret.get_secret_value() if settings.web.secret else "",
        acks_per_hour=settings.mail.acks_per_hour,
        acks_per_minute=settings.mail.acks_per_minute,
        periods=Periods(
            **{name: d.span(name) for name in same},
            signoff_first=first,
            signoff_second=second,
            hold_follow_up=d.span("hold_follow_up_hours"),
            signoff_auto=d.span("signoff_auto_hours"),
            rating_remind=d.span("rating_remind_hours"),
            rating_expire=d.span("rating_expire_days"),
            rating_change=d.span("rating_change_hours"),
            return_call=d.span("return_call_hours"),
            complaint_due=d.span("complaint_due_days"),
            draft_expire=d.span("draft_expire_hours"),
            invitation=d.span("invitation_hours"),
            reopen=d.span("reopen_days"),
        ),
    )


def open_store(
    settings: Settings, clock: Clock | None = None, chance: random.Random | None = None
) -> SqliteStore:
    """The archive the settings name. Fatal: a database we cannot use, with what to write instead."""
    try:
        path = database_path(settings.database.url)
    except StorageError as wrong:
        raise Fatal(str(wrong)) from wrong
    return SqliteStore(path, (clock or SystemClock()).now, policy=policy(settings), chance=chance)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One service per SQLite file: a second one is told which process is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = Path(f"{path}.lock").open("a+")  # noqa: SIM115 - closed by the with that follows
    except OSError as error:
        msg = f"{error.filename} cannot be written ({error.strerror}); give this user the right, or set database.url"
        raise Fatal(msg) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            msg = (
                f"another Callout (process {lock.read().strip() or '?'}) is running on {path}; stop it first"
            )
            raise Fatal(msg) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


class Service:
    """Everything that runs: made from settings, runs until it is stopped."""

    def __init__(
        self, settings: Settings, clock: Clock | None = None, chance: random.Random | None = None
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.store = open_store(settings, self.clock, chance)
        self.bot, self.requests = make_bot(settings)
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.supervisor = Supervisor()
        self.metrics = Metrics(CollectorRegistry())
        self.files = Files(settings.database.files)
        telegram = settings.telegram
        self.limits = Limits(
            int(telegram.per_second), telegram.per_chat_seconds, int(telegram.per_group_minute)
        )
        self.chat = Chat(key_of(self.bot.token), telegram.max_file_bytes)
        self.sender = Sender(self.bot, self.clock, self.limits, self.files.get, self.note)
        self.post: PostOffice | None = None
        if settings.mail.address:
            self.post = PostOffice(settings, self.store, self.clock, self.files, self.note)
        self.ready = asyncio.Event()
        self.http_port = 0
        self.page_port = 0

    def note(self, event: str, **ids: Any) -> None:
        """One line in the log, and a count."""
        self.metrics.count(event)
        level = (
            "warning"
            if event.endswith(("bug", "failed", "unreachable", "conflict", "bad_entities"))
            else "info"
        )
        getattr(log, level)(event, **ids)

    async def run(self) -> int:
        """Run until stopped; the exit code. Fatal: what stopped us, in one sentence."""
        with alone(self.store.path):
            async with self.store.open():
                await self.recover()
                self.add_loops()
                await self.add_mail()
                code = await self.supervisor.run()
                if self.post:
                    await self.post.close()
                await asyncio.gather(
                    *(request.shutdown() for request in self.requests), return_exceptions=True
                )
        return code

    async def recover(self) -> None:
        """What a former process held is free again, and open questions are put again after an outage (G1)."""
        gap = await self.store.read(recovery.away)
        inbox, outbox, files = await self.store.write(recovery.release, self.owner)
        asked = await self.store.write(recovery.resume, gap)
        held = {"inbox": inbox, "outbox": outbox, "files": files}
        self.note("service.start", away_seconds=int(gap.total_seconds()), asked=asked, **held)

    def add_loops(self) -> None:
        """Every loop of the service, by name."""
        telegram = self.settings.telegram
        lease = timedelta(seconds=telegram.lease_seconds)
        updates = feed(
            self.store, lambda: self.chat, self.owner, workers=telegram.workers, lease=lease, note=self.note
        )
        delivery, answers = (
            Delivery(
                self.store,
                {CHANNEL: self.sender},
                self.clock,
                self.owner,
                answers=only_answers,
                workers=telegram.workers * (1 if only_answers else 2),
                lease=lease * 2,
                note=self.note,
            )
            for only_answers in (False, True)
        )
        loops: dict[str, Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]] = {
            "feed": updates.run,
            "delivery": delivery.run,
            "answers": answers.run,
            "deadlines": Alarm(self.store, self.clock, note=self.note).run,
            "files": Fetcher(self.bot, self.store, self.files, note=self.note).run,
            "telegram": self._webhook if telegram.mode == "webhook" else self._poll,
        }
        for name, run in loops.items():
            self._add(name, run)
        self.supervisor.add("http", self._serve_health)
        self.supervisor.add("introduction", self._introduce)

    async def add_mail(self) -> None:
        """The loops of the mail and of the page that mails link to, when the settings name an address."""
        if self.post is None:
            return
        self._add("mail", (await self.post.feed(self.owner)).run)
        self._add("mail delivery", self.post.delivery(self.owner).run)
        for number, box in enumerate(self.post.collectors, start=1):
            self._add(f"mailbox {number}", box.run)
        if self.settings.web.url:
            self.supervisor.add("page", self._serve_page)

    async def _serve_page(self) -> None:
        web = self.settings.web

        def started(port: int) -> None:
            self.page_port = port
            self.note("page.listening", port=port)

        app = public_app(self.store, note=self.note)
        await health.serve(
            app, web.host, web.port, self.supervisor.stopping, started=started, setting="web.port"
        )

    def _add(self, name: str, run: Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]) -> None:
        def beat() -> None:
            self.supervisor.beat(name)

        async def loop() -> None:
            await run(self.supervisor.stopping, beat)

        self.supervisor.add(name, loop, silence=SILENCE)

    # --- Telegram, both ways ---

    async def _introduce(self) -> None:
        introduction = Introduction(self.settings, self.bot, self.store, self._named, note=self.note)
        await introduction.run(self.supervisor.stopping)

    def _named(self, username: str) -> None:
        self.chat = replace(self.chat, username=username)

    async def _poll(self, stopping: asyncio.Event, beat: Callable[[], None]) -> None:
        poller = Poller(
            self.bot,
            self.store,
            self.clock,
            timeout=self.settings.telegram.poll_timeout,
            chance=random.random,
            note=self.note,
        )
        try:
            await poller.run(stopping, beat)
        except Refused as refused:
            raise Fatal(str(refused)) from refused

    async def _webhook(self, stopping: asyncio.Event, beat: Callable[[], None]) -> None:
        telegram = self.settings.telegram
        secret = telegram.webhook_secret.get_secret_value() if telegram.webhook_secret else ""
        app = webhook.webhook_app(self.store, self.bot.token, secret, self.note)
        try:
            await webhook.register(self.bot, telegram.webhook_url or "", secret)
        except InvalidToken as wrong:
            raise Fatal(REFUSED) from wrong
        hearing = asyncio.ensure_future(self._hear(stopping, beat))
        try:
            await health.serve(
                app,
                telegram.webhook_host,
                telegram.webhook_port,
                stopping,
                started=lambda port: self.note("webhook.listening", port=port),
                setting="telegram.webhook_port",
            )
        finally:
            hearing.cancel()

    async def _hear(self, stopping: asyncio.Event, beat: Callable[[], None]) -> None:
        while not stopping.is_set():
            beat()
            await self.store.write(recovery.listening)
            await self.clock.sleep(20)

    # --- health ---

    async def _serve_health(self) -> None:
        app = health.health_app({"database": self._database_answers}, self.supervisor, self.metrics.registry)
        await health.serve(
            app,
            self.settings.http.host,
            self.settings.http.port,
            self.supervisor.stopping,
            started=self._started,
        )

    def _started(self, port: int) -> None:
        self.http_port = port
        self.ready.set()
        self.note("http.listening", port=port)

    async def _database_answers(self) -> str | None:
        counts = await self.store.read(lambda unit: (unit.inbox.counts(), unit.outbox.counts()))
        self.metrics.queues(*counts)
        return None
