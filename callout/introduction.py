"""The bot as the service holds it: made from the settings, and introduced to Telegram in the background."""

import asyncio
from collections.abc import Callable

from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bot import menu
from callout.settings import Settings
from callout.supervise import Fatal
from dispatch.ports import Store
from storage.unit import UnitOfWork

NAME = "telegram.username"
REFUSED = "Telegram refuses the bot's token; ask @BotFather for it and set telegram.token"
FIRST, LONGEST = 5.0, 300.0  # seconds between two tries


def make_bot(settings: Settings) -> tuple[Bot, tuple[HTTPXRequest, HTTPXRequest]]:
    """PTB's Bot with patience of our own, and its connections to close; Fatal when there is no token."""
    token = settings.telegram.token
    if token is None:
        msg = (
            "telegram.token is missing: ask @BotFather for one and set CALLOUT_TELEGRAM__TOKEN; "
            "`callout demo` needs none"
        )
        raise Fatal(msg)
    # httpcore looks at every connection at every request: a few busy ones are faster than many. A request that
    # waits for one was surely not sent (PoolTimeout).
    size = settings.telegram.workers + 4
    request = HTTPXRequest(
        connection_pool_size=size, read_timeout=15, write_timeout=15, connect_timeout=10, pool_timeout=10
    )
    polling = HTTPXRequest(connection_pool_size=2, connect_timeout=10)
    bot = Bot(
        token.get_secret_value(),
        base_url=settings.telegram.api_url,
        base_file_url=settings.telegram.file_url,
        request=request,
        get_updates_request=polling,
    )
    return bot, (request, polling)


def bot_id(settings: Settings) -> str:
    """The numeric id in the token, which is no secret; empty without a token."""
    token = settings.telegram.token
    return token.get_secret_value().partition(":")[0] if token else ""


def known_name(unit: UnitOfWork, bot: str) -> str:
    """The username of that bot as Telegram last told it, or an empty word."""
    found = unit.plans.fact(NAME)
    return str(found["username"]) if isinstance(found, dict) and found.get("bot") == bot else ""


def remember_name(unit: UnitOfWork, bot: str, username: str) -> None:
    unit.plans.know(NAME, {"bot": bot, "username": username})


class Introduction:
    """Learns the bot's own name for links and puts its commands into Telegram's menu; tries until it worked."""

    def __init__(
        self,
        settings: Settings,
        bot: Bot,
        store: Store,
        named: Callable[[str], None],
        *,
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.id = bot_id(settings)
        self.language = settings.organisation.language
        self.bot = bot
        self.store = store
        self.named = named
        self.note = note

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; Fatal when Telegram refuses the token."""
        if known := await self.store.read(known_name, self.id):
            self.named(known)
        wait = FIRST
        while not stopping.is_set():
            try:
                await self.introduce()
            except InvalidToken as wrong:
                raise Fatal(REFUSED) from wrong
            except TelegramError as error:
                self.note("telegram.introduction_failed", error=type(error).__name__, wait=wait)
                await _either(stopping, wait)
                wait = min(LONGEST, wait * 2)
            else:
                await stopping.wait()

    async def introduce(self) -> None:
        """Ask for the name, remember it, hand in the menus. Raises TelegramError."""
        username = (await self.bot.get_me()).username or ""
        await self.store.write(remember_name, self.id, username)
        self.named(username)
        await menu.publish(self.bot, self.language)
        self.note("telegram.introduced")


async def _either(stopping: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until the service stops."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
