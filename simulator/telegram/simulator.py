"""TelegramSimulator: the whole thing in one hand, for tests, the demo and the tour."""

import random
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from starlette.types import ASGIApp

from simulator.telegram.api import Api
from simulator.telegram.control import control
from simulator.telegram.errors import Json
from simulator.telegram.faults import Faults
from simulator.telegram.listener import HOST, Listener
from simulator.telegram.people import Person
from simulator.telegram.records import Account, Call, Pane
from simulator.telegram.server import BotServer
from simulator.telegram.transcript import transcript
from simulator.telegram.webhook import Webhook
from simulator.telegram.world import World

TOKEN = "7000001:SIMxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"  # noqa: S105 - opens nothing but the simulator


class TelegramSimulator:
    """A Bot API server on 127.0.0.1 for one bot. Use it inside a running event loop:

        async with TelegramSimulator() as sim:
            bot = Bot(sim.token, base_url=sim.api_url, base_file_url=sim.file_url)

    clock: seconds since the epoch. seed: chance is random.Random(seed). answer_seconds: how long a press
    may be answered. pacing: the server's rules against a poller that repeats its offset.
    webhook_delay: seconds before a webhook's second retry, doubling from there.
    """

    def __init__(
        self,
        token: str = TOKEN,
        port: int = 0,
        bot_username: str = "callout_demo_bot",
        bot_name: str = "Callout",
        clock: Callable[[], float] = time.time,
        seed: int = 0,
        answer_seconds: float = 15.0,
        pacing: bool = True,
        webhook_delay: float = 2.0,
    ) -> None:
        self.token = token
        self.chance = random.Random(seed)  # noqa: S311 - a story must be repeatable
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.world = World(bot, clock, self.chance)
        webhook = Webhook(self.world.updates, clock, self._execute, webhook_delay)
        self.api = Api(self.world, webhook, answer_seconds, pacing)
        self.faults = Faults(self.chance)
        self.persons: dict[int, Person] = {}
        self.panes: list[Pane] = []
        self._control = control(self)
        self.server = BotServer(self.api, token, self.faults, self._control)
        self._listener = Listener(self.server, port)
        self.server.listener = self._listener

    async def _execute(self, method: str, params: Json) -> None:
        await self.server.execute(method, params)

    # Running

    async def start(self) -> None:
        """Begin to listen. OSError when the port is taken."""
        await self._listener.start()

    async def stop(self) -> None:
        """Stop at once, whatever is open."""
        await self.api.webhook.remove()
        await self._listener.stop()

    async def __aenter__(self) -> "TelegramSimulator":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT, known once started."""
        return f"http://{HOST}:{self._listener.port}"

    @property
    def api_url(self) -> str:
        """Base of the API; the token follows directly."""
        return f"{self.url}/bot"

    @property
    def file_url(self) -> str:
        """Base of file downloads; the token follows directly."""
        return f"{self.url}/file/bot"

    # People and groups

    def add_person(
        self,
        first_name: str,
        last_name: str = "",
        username: str | None = None,
        language_code: str | None = None,
        id: int | None = None,  # noqa: A002 - Telegram's word, and the contract's
        phone: str | None = None,
        hint: str | None = None,
        on_page: bool = True,
    ) -> Person:
        """A new account; the bot cannot write to it first. `hint` labels the phone on the page."""
        number = self.world.new_user_id() if id is None else id
        if number in self.world.people:
            raise ValueError(f"there is a person {number} already")
        phone = phone or f"+49301{self.chance.randrange(1_000_000, 9_999_999)}"
        account = Account(number, first_name, last_name, username, language_code, phone, hint, on_page)
        self.world.people[number] = account
        self.persons[number] = Person(self.world, account)
        return self.persons[number]

    def add_group(
        self,
        title: str,
        members: Iterable[Person] = (),
        forum: bool = False,
        kind: str = "supergroup",
        bot_admin: bool = True,
        announce: bool = False,
    ) -> int:
        """A group with the bot in it; its chat id. The first member is the owner.

        kind: "supergroup" or "group". A bot that is no administrator reads commands, replies and mentions
        only. announce: tell the bot that it was added (my_chat_member).
        """
        status = "administrator" if bot_admin else "member"
        people = list(members)
        chat = self.world.add_group(title, [person.id for person in people], kind, forum, status)
        if people:
            chat.members[people[0].id] = "creator"
        if announce:
            by = people[0].user() if people else self.world.bot
            self.world.membership("my_chat_member", chat, by, self.world.bot, ("left", status))
        return chat.id

    def join(self, chat_id: int, person: Person) -> None:
        """A person enters a group: a service message, and a chat_member update for bots that ask for it."""
        chat = self.world.chats[chat_id]
        chat.members[person.id] = "member"
        self.world.post(chat, person.user(), {"new_chat_members": [person.user()]})
        self.world.membership("chat_member", chat, person.user(), person.user(), ("left", "member"))

    def migrate_group(self, chat_id: int) -> int:
        """The group becomes a supergroup with a new id, which is returned; the old id answers with it."""
        old = self.world.chats[chat_id]
        people = [number for number in old.members if number in self.world.people]
        status = old.members[self.world.bot["id"]]
        new = self.world.add_group(old.face["title"], people, "supergroup", old.forum, status)
        new.members = dict(old.members)
        owner = next((self.world.people[number].user() for number in people), self.world.bot)
        teller = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        self.world.post(old, owner, {"migrate_to_chat_id": new.id})
        self.world.post(new, teller, {"migrate_from_chat_id": old.id, "sender_chat": new.face})
        old.migrated_to = new.id
        return new.id

    def mount(self, pane: Pane, app: ASGIApp) -> None:
        """Show one more device on the page, beside the phones: `app` answers everything below `pane.path`.

        ValueError: the path is taken, or would cover the simulator's own.
        """
        if not pane.path.startswith("/sim/panes/") or pane.path in {one.path for one in self.panes}:
            raise ValueError(f"a pane needs a path of its own under /sim/panes/, not {pane.path!r}")
        self._control.mount(pane.path, app)
        self.panes.append(pane)

    # What the bot is told

    def inject(self, update: Json) -> int | None:
        """Queue an update (without update_id) as it is; its id, None when allowed_updates exclude it."""
        kind = next(name for name in update if name != "update_id")
        return self.world.updates.put(kind, update[kind])

    def inject_raw(self, raw: str, chat: int = 0) -> int:
        """Queue text that need not be JSON; `%UPDATE_ID%` in it becomes the id, which is returned."""
        return self.world.updates.put_raw(raw, chat)

    @property
    def pending(self) -> int:
        """Updates not yet confirmed and not expired."""
        return len(self.world.updates.fresh())

    @property
    def delivered(self) -> int:
        """Updates handed out, repetitions counted."""
        return self.world.updates.delivered

    @property
    def confirmed(self) -> int:
        """Updates the bot has confirmed, by offset or by answering the webhook."""
        return self.world.updates.confirmed

    @property
    def expired(self) -> int:
        """Updates that were too old before the bot took them."""
        return self.world.updates.expired

    # What the bot did

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot, oldest first."""
        return self.server.calls

    @property
    def unknown(self) -> list[str]:
        """Methods the bot asked for and the simulator does not know (answered 501)."""
        return self.server.unknown

    def keep_calls(self, most: int | None) -> None:
        """Keep only the newest `most` calls; None keeps all."""
        self.server.keep_calls = most

    def transcript(self, person: Person) -> str:
        """All that the person's chats hold, readable."""
        chats: list[Any] = [chat for chat in self.world.chats.values() if person.id in chat.members]
        return transcript(self.world, chats)
