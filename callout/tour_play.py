"""People of the tour: they look at their phones, press what they see and write, and wait for what they should read."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from callout.stage import Cast
from dispatch.texts import Phrases
from simulator.telegram import Person as Phone

PATIENCE = 20.0  # seconds one may wait for what he should see; on an idle machine it takes a few hundredths
NUMBER = re.compile(r"T-\d+")

Message = dict[str, Any]


def said(message: Message) -> str:
    return str(message.get("text") or message.get("caption") or "")


def labels(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [str(button["text"]) for row in rows for button in row]


@dataclass(frozen=True, slots=True)
class Shows:
    """A message with all of `texts`, and with a button whose label begins with `button`."""

    texts: tuple[str, ...]
    button: str

    def __call__(self, message: Message) -> bool:
        found = all(text in said(message) for text in self.texts)
        return found and any(label.startswith(self.button) for label in labels(message))


@dataclass
class Play:
    """People who look at their phones, press what they see and write; `words` is the phrase book they read."""

    cast: Cast
    words: Phrases
    slowest: float = 0.0  # seconds until a press was answered

    async def sees(self, who: Phone, key: str, **facts: Any) -> Message:
        """Wait until somebody reads a sentence of the phrase book."""
        return await who.wait_for(self.words.say(key, **facts), timeout=PATIENCE)

    async def asked(self, who: Phone, key: str) -> None:
        """Wait until a question is open: an answered one has no buttons any more."""
        open_question = Shows((self.words.say(key),), self.words.say("button.later"))
        await who.wait_for(open_question, timeout=PATIENCE)

    async def press(self, who: Phone, button: str, *shown: str) -> str:
        """Press a button, by the beginning of its label, on the newest message that shows all of `shown`."""

        message = await who.wait_for(Shows(shown, button), timeout=PATIENCE)
        label = next(label for label in labels(message) if label.startswith(button))
        loop = asyncio.get_running_loop()
        pressed = loop.time()
        answer = await who.wait_answer(who.press(message["message_id"], label), timeout=PATIENCE)
        self.slowest = max(self.slowest, loop.time() - pressed)
        return str(answer["text"] or "")

    async def do(self, who: Phone, key: str, *shown: str, **facts: Any) -> str:
        """Press the button that bears a phrase."""
        return await self.press(who, self.words.say(key, **facts), *shown)

    async def reply(self, who: Phone, number: str, text: str) -> None:
        """Answer the card of a ticket in words."""
        card = await who.wait_for(lambda one: said(one).startswith(number), timeout=PATIENCE)
        who.say(text, reply_to=card["message_id"])

    # --- what both stories have in common ---

    def state(self, name: str, detail: str = "") -> str:
        """How a card's first line shows a state."""
        return self.words.say(f"state.{name}") + (
            f" · {self.words.say(f'detail.{detail}')}" if detail else ""
        )

    async def send_report(self) -> str:
        """Mei looks through her summary and sends it; the ticket's number."""
        mei = self.cast.mei
        await self.do(mei, "button.send", self.words.say("report.summary"))
        card = await mei.wait_for(lambda one: self.state("received") in said(one), timeout=PATIENCE)
        return str(NUMBER.findall(said(card))[0])

    async def complete(self, who: Phone, cause: str, action: str, parts: str = "") -> None:
        """An engineer on site hands in the report, with a photo."""
        for question, answer in (("cause", cause), ("action", action)):
            await self.asked(who, f"complete.ask.{question}")
            who.say(answer)
        await self.do(who, "mode.on_site", self.words.say("complete.ask.mode"))
        if parts:
            await self.asked(who, "complete.ask.parts")
            who.say(parts)
        else:
            await self.do(who, "complete.no_parts", self.words.say("complete.ask.parts"))
        await self.do(who, "complete.tested_yes", self.words.say("complete.ask.tested"))
        await self.asked(who, "complete.ask.photos")
        who.photo()
        await self.do(who, "complete.no_more_photos", self.words.say("complete.ask.photos"))
        await self.do(who, "complete.send", self.words.say("complete.summary"))

    async def sign(self, number: str, version: int, grade: int) -> None:
        head = self.words.say("report.head", number=number, version=version)
        await self.do(self.cast.mei, "button.confirm", head)
        await self.do(self.cast.mei, f"grade.{grade}", head)
        await self.sees(self.cast.mei, "rating.given", grade=self.words.say(f"grade.{grade}"))
