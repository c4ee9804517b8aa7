"""A crowd on the phones: seeded people who report, answer, press, reply and edit, whatever they see, without waiting."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from crash_habits import CUSTOMER, ENGINEER, OFFICE, QUESTIONS
from crash_service import Callout, Ledger
from crash_words import words

from simulator.telegram import Person, TelegramSimulator

Json = dict[str, Any]
LOOK_BACK = 14  # messages a person still acts upon

RARELY = 0.01
UNASKED = 0.04  # how often somebody who is asked nothing does something of his own
PATIENCE = 3.0  # seconds, on average
IMPATIENCE = 0.02  # how often somebody presses although he pressed already
MOST_WAITING = 60  # updates that pile up before the crowd takes a breath
LONGEST_LIFE = 30.0  # seconds
Option = tuple[float, Callable[[], str]]
WHERE, WHICH_NUMBER = words("report.ask.place"), words("report.ask.phone")


@dataclass
class Actor:
    """A person with habits: the buttons he likes, the chat he works in, what he does unasked."""

    person: Person
    likes: dict[str, float]
    chat: int | None
    unasked: Callable[["Actor"], str]


class Crowd:
    """`act()` lets one of them do one thing; `ledger` holds what came of it."""

    def __init__(self, sim: TelegramSimulator, chance: random.Random, customers: int, engineers: int) -> None:
        self.sim = sim
        self.chance = chance
        self.ledger = Ledger(sim)
        self._handled: set[tuple[int, int, str]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._since: dict[tuple[int, int], tuple[str, float]] = {}
        self._serial = 0
        self.mei = [sim.add_person(f"Mei {n}", language_code="en") for n in range(1, customers + 1)]
        self.ana = [sim.add_person(f"Ana {n}", language_code="en") for n in range(1, engineers + 1)]
        self.otto = sim.add_person("Otto", language_code="en")
        self.bo = sim.add_person("Bo", language_code="en")
        self.office = sim.add_group("Office", [self.otto, self.bo])
        self.actors = [
            *(Actor(person, CUSTOMER, None, self._customer) for person in self.mei),
            *(Actor(person, ENGINEER, None, self._staff) for person in self.ana * 4),
            *(Actor(person, OFFICE, self.office, self._staff) for person in (self.otto, self.bo) * 6),
        ]

    def act(self) -> str:
        """One person does one thing, told in a word: mostly he answers what he is asked, or it is something of his
        own; nothing is an empty word."""
        actor = self.chance.choice(self.actors)
        if self._waits(actor):
            return ""
        options = self._options(actor)
        if self.chance.random() < 0.93 * min(1.0, sum(weight for weight, _ in options)):
            chosen = self.chance.choices(options, [weight for weight, _ in options])[0]
            done = chosen[1]()
        else:
            done = actor.unasked(actor) if self.chance.random() < UNASKED else ""
        if done:
            self._since[actor.chat or 0, actor.person.id] = (
                self._screen(actor),
                time.monotonic() + self.chance.expovariate(1 / PATIENCE),
            )
        return done

    def _waits(self, actor: Actor) -> bool:
        """Whether he has done something and looks at the phone for what comes of it; nobody waits for ever."""
        seen, until = self._since.get((actor.chat or 0, actor.person.id), ("", 0.0))
        return time.monotonic() < until and seen == self._screen(actor)

    def _screen(self, actor: Actor) -> str:
        """What the bot last showed in his chat."""
        theirs = [m for m in self._recent(actor) if m["from"]["id"] == self.sim.world.bot["id"]]
        return repr([(m["message_id"], m.get("text"), m.get("reply_markup")) for m in theirs[-2:]])

    async def settle(self) -> None:
        """Until the albums on their way have been sent."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    # --- what there is to do ---

    def _options(self, actor: Actor) -> list[Option]:
        found: list[Option] = []
        theirs = [m for m in reversed(self._recent(actor)) if m["from"]["id"] == self.sim.world.bot["id"]]
        for age, message in enumerate(theirs):
            # A card stays what it is; a question that scrolled away is seldom looked at.
            seen = 1.0 if "T-" in message.get("text", "") else 0.1**age
            found += self._buttons(actor, message, seen)
            found += self._question(actor, message, seen)
        return found

    def _recent(self, actor: Actor) -> list[Json]:
        messages = self.sim.world.chats.get(actor.chat or actor.person.id)
        if messages is None:
            return []
        return [
            message
            for _, message in sorted(messages.messages.items())[-LOOK_BACK * (2 if actor.chat else 1) :]
        ]

    def _buttons(self, actor: Actor, message: Json, seen: float) -> list[Option]:
        """The buttons of a message, until one is pressed; most people then wait for what comes of it."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row if "callback_data" in button]
        screen = "".join(button["callback_data"] for button in buttons)
        if not buttons or (self._known(message, screen) and self.chance.random() > IMPATIENCE):
            return []
        return [
            (seen * liking(actor, button["text"]), partial(self._press, actor, message, button, screen))
            for button in buttons
        ]

    def _question(self, actor: Actor, message: Json, seen: float) -> list[Option]:
        words = next((said for asked, said in QUESTIONS.items() if asked in message.get("text", "")), None)
        if words is None or self._known(message, "typed"):
            return []
        return [(8.0 * seen, partial(self._type, actor, message, words))]

    def _known(self, message: Json, what: str) -> bool:
        return (message["chat"]["id"], message["message_id"], what) in self._handled

    def _did(self, message: Json, what: str) -> None:
        self._handled.add((message["chat"]["id"], message["message_id"], what))

    # --- doing it ---

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def _press(self, actor: Actor, message: Json, button: Json, screen: str) -> str:
        self._did(message, screen)
        for _ in range(2 if self.chance.random() < 0.08 else 1):  # some people tap twice
            query = actor.person.press(message["message_id"], button["callback_data"], actor.chat)
            self.ledger.presses.append((actor.person, query))
        return "press"

    def _type(self, actor: Actor, message: Json, words: str) -> str:
        self._did(message, "typed")
        reply_to = message["message_id"] if actor.chat else None
        if WHERE in message["text"] and self.chance.random() < 0.3:
            actor.person.location(52.5, 13.4 + self.serial() / 1e4)
            return "location"
        if WHICH_NUMBER in message["text"] and self.chance.random() < 0.3:
            actor.person.contact()
            return "contact"
        actor.person.say(words.format(n=self.serial()), actor.chat, reply_to)
        return "answer"

    def _customer(self, actor: Actor) -> str:
        kind = self.chance.choices(
            ("report", "photo", "album", "reply", "edit", "command", "again"), (4, 2, 2, 5, 2, 1, 2)
        )[0]
        last = next(iter(self._recent(actor)[-1:]), {})
        if kind == "report" and any(question in last.get("text", "") for question in QUESTIONS):
            return ""
        return getattr(self, f"_{kind}")(actor)

    def _staff(self, actor: Actor) -> str:
        kind = self.chance.choices(("reply", "edit", "again"), (6, 2, 1))[0]
        return getattr(self, f"_{kind}")(actor)

    def _report(self, actor: Actor) -> str:
        actor.person.say(f"Pump {self.serial()} leaks")
        return "report"

    def _photo(self, actor: Actor) -> str:
        actor.person.photo(caption=f"Pump {self.serial()} drips")
        return "photo"

    def _album(self, actor: Actor) -> str:
        parts = self.chance.randint(2, 5)
        order = self.chance.sample(range(parts), parts)
        spacing = self.chance.choice((0.0, 0.05, 0.4))
        sending = actor.person.album(parts, f"Pump {self.serial()} from all sides", spacing, order)
        task = asyncio.ensure_future(sending)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return "album"

    def _reply(self, actor: Actor) -> str:
        said = [m for m in self._recent(actor) if "T-" in m.get("text", "")]
        if not said:
            return self._report(actor) if actor.likes is CUSTOMER else ""
        to = self.chance.choice(said)["message_id"]
        if self.chance.random() < 0.2:
            actor.person.photo(caption=f"Look {self.serial()}", chat=actor.chat, reply_to=to)
            return "reply photo"
        actor.person.say(f"By the way {self.serial()}", actor.chat, to)
        return "reply"

    def _edit(self, actor: Actor) -> str:
        mine = [m for m in self._recent(actor) if m["from"]["id"] == actor.person.id and "text" in m]
        if not mine:
            return ""
        old = self.chance.choice(mine)
        actor.person.edit(old["message_id"], f"{old['text'][:60]} (edited {self.serial()})", actor.chat)
        return "edit"

    def _command(self, actor: Actor) -> str:
        actor.person.say(self.chance.choice(("/tickets", "/help", "/start")))
        return "command"

    def _again(self, _actor: Actor) -> str:
        """Telegram hands out an update a second time."""
        known = list(self.ledger.updates.values())
        if not known:
            return ""
        self.sim.world.updates.repeat(self.chance.choice(known[-50:]))
        return "repeat"


def liking(actor: Actor, label: str) -> float:
    return next((weight for word, weight in actor.likes.items() if word in label), RARELY)


async def live(crowd: Crowd, service: Callout, chance: random.Random, updates: int) -> None:
    """The crowd goes on while the service starts, works off what waited, and is about to be killed: a random time
    after its first request, and not before so many updates were made in all; one in ten dies while it starts."""
    early = chance.random() < 0.1
    span = chance.uniform(0.1, 1.0) if early else chance.uniform(0.0, 1.6)
    limit = time.monotonic() + LONGEST_LIFE
    calls = len(crowd.sim.calls)
    born = time.monotonic() if early else None
    while time.monotonic() < limit:
        await go_on(crowd, service)
        if born is None and any(call.method == "getUpdates" for call in crowd.sim.calls[calls:]):
            born = time.monotonic()
        calls = len(crowd.sim.calls) if born is None else calls
        grown = early or len(crowd.ledger) >= updates
        if born is not None and grown and time.monotonic() - born >= span:
            return


async def go_on(crowd: Crowd, service: Callout) -> None:
    """A few things happen on the phones, unless too much waits already."""
    for _ in range(5):
        if crowd.sim.pending < MOST_WAITING and service.backlog().inbox < MOST_WAITING:
            crowd.act()
        await asyncio.sleep(0.002)
