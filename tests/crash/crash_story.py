"""One ticket from the report to the rating, told by people who wait patiently however often the service dies."""

from typing import Any

from crash_service import Ledger
from crash_words import words

from simulator.telegram import Person, TelegramSimulator

PATIENCE = 40.0  # seconds


class Story:
    """Mei reports, Otto dispatches, Ana does it, Mei signs and rates."""

    def __init__(self, sim: TelegramSimulator) -> None:
        self.sim = sim
        self.ledger = Ledger(sim)
        self.mei = sim.add_person("Mei", language_code="en")
        self.ana = sim.add_person("Ana", language_code="en")
        self.otto = sim.add_person("Otto", language_code="en")
        self.number = ""

    async def tell(self) -> None:
        """The whole story, once."""
        for person in (self.ana, self.otto):
            person.start()
            await self.see(person, "start.staff")
        await self.report()
        await self.work()
        await self.complete()
        await self.press(self.mei, "button.confirm", "report.head", "answer.signed_you")
        await self.press(self.mei, "grade.1", "rating.requested", "answer.rated_you")
        await self.see(self.mei, "rating.given")

    async def report(self) -> None:
        await self.mei.album(3, "Lift 3 is stuck")
        await self.see(self.mei, "report.ask.place")
        self.mei.location(52.5, 13.4)
        await self.press(self.mei, "urgency.stopped", "report.ask.urgency", "")
        await self.see(self.mei, "report.ask.phone")
        self.mei.contact()
        await self.press(self.mei, "button.send", "report.correct", "answer.done")
        sent = await self.see(self.mei, "report.sent")
        self.number = str(sent["text"].split()[-1].rstrip("."))

    async def work(self) -> None:
        await self.press(self.otto, "button.auto", self.number, "answer.offered")
        await self.press(self.ana, "button.accept", self.number, "answer.accepted_you")
        await self.see(self.mei, "notice.accepted")
        card = await self.see(self.mei, self.number)
        said = self.mei.say("The porter has the key", reply_to=card["message_id"])
        await self.see(self.ana, "The porter has the key")
        self.mei.edit(said["message_id"], "The guard has the key")
        await self.see(self.ana, "The guard has the key")
        await self.press(self.ana, "button.arrive", self.number, "answer.customer_told")

    async def complete(self) -> None:
        await self.press(self.ana, "button.complete", self.number, "")
        await self.see(self.ana, "complete.ask.cause")
        self.ana.say("Door contact worn")
        await self.see(self.ana, "complete.ask.action")
        self.ana.say("Contact replaced")
        for button, question in (
            ("mode.on_site", "complete.ask.mode"),
            ("complete.no_parts", "complete.ask.parts"),
            ("complete.tested_yes", "complete.ask.tested"),
        ):
            await self.press(self.ana, button, question, "")
        await self.see(self.ana, "complete.ask.photos")
        self.ana.photo(caption="New contact")
        await self.press(self.ana, "complete.no_more_photos", "complete.ask.photos", "")
        await self.press(self.ana, "complete.send", "complete.summary", "answer.done")

    async def see(self, person: Person, key: str) -> dict[str, Any]:
        """Wait until a phrase is on somebody's phone."""
        message: dict[str, Any] = await person.wait_for(words(key), timeout=PATIENCE)
        return message

    async def press(self, person: Person, key: str, under: str, truth: str) -> None:
        """Press a button when it is there; the answer must come, and be the truth."""
        label, text = words(key), words(under)

        def button(message: dict[str, Any]) -> dict[str, Any] | None:
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            found = (one for row in rows for one in row if label in one["text"])
            return next(found, None) if text in message.get("text", "") else None

        message = await person.wait_for(button, timeout=PATIENCE)
        query = person.press(message["message_id"], (button(message) or {})["callback_data"])
        self.ledger.presses.append((person, query))
        answer = await person.wait_answer(query, timeout=PATIENCE)
        assert answer["text"] == words(truth), f"{person.first_name} pressed {label}: {answer}"
