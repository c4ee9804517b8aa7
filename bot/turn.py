"""One update being handled: who is calling, in which unit of work, and what is said back."""

from dataclasses import dataclass
from typing import Any

from bot.incoming import CHANNEL, Incoming
from bot.rich import Rich, rich, split
from bot.screens import Rows, markup
from dispatch.ports import UnitOfWork
from dispatch.texts import Phrases
from storage.records.people import Person
from storage.records.plan import Dialogue

ANSWER = 200  # characters of an answerCallbackQuery text (Bot API)


@dataclass(frozen=True, slots=True)
class Chat:
    """What every turn needs to know of the bot: the sealing key, the largest file it can fetch, its name
    (known once Telegram has told it)."""

    key: bytes
    most_bytes: int
    username: str = ""


class Turn:
    """Handlers read `unit`, `came` and `caller`, and speak through `say` and `answer`."""

    def __init__(self, unit: UnitOfWork, chat: Chat, came: Incoming, caller: Person) -> None:
        self.unit = unit
        self.chat = chat
        self.came = came
        self.caller = caller
        self._said = 0

    @property
    def phrases(self) -> Phrases:
        return Phrases(self.caller.language, self.unit.policy.zone, self.unit.now)

    def text(self, key: str, **facts: Any) -> str:
        return self.phrases.say(key, **facts)

    def rich(self, key: str, **facts: Any) -> Rich:
        return rich(self.phrases.pieces(key, **facts))

    def dialogue(self) -> Dialogue | None:
        return self.unit.plans.dialogue(CHANNEL, self.came.chat, self.caller.id)

    # --- speaking ---

    def tell(self, key: str, rows: Rows = (), *, ticket_id: int | None = None, **facts: Any) -> None:
        """Say a sentence of the phrase book in this chat."""
        self.say(self.rich(key, **facts), rows, ticket_id=ticket_id)

    def say(
        self,
        message: Rich,
        rows: Rows = (),
        *,
        ticket_id: int | None = None,
        dialogue: Dialogue | None = None,
        keyboard: Any = None,
        reply_to: str | None = None,
    ) -> None:
        """Say something in this chat, in as many messages as it needs; buttons are under the last one."""
        parts = split(message)
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            self._post(
                "say",
                {
                    "text": part.text,
                    "entities": part.entities,
                    "buttons": markup(rows, self.chat.key, self.came.chat) if last else [],
                    "keyboard": keyboard if last else None,
                    "reply_to": reply_to,
                    "dialogue": dialogue.id if dialogue and last else None,
                },
                ticket_id,
            )

    def rewrite(self, message_id: str, message: Rich, rows: Rows = ()) -> None:
        """Change a message of ours, the question that was just answered by a button."""
        payload = {
            "message_id": message_id,
            "text": message.text,
            "entities": message.entities,
            "buttons": markup(rows, self.chat.key, self.came.chat),
        }
        self._post("say_edit", payload, None)

    def unbutton(self, message_id: str | None) -> None:
        if message_id:
            self._post("retire", {"message_id": message_id}, None)

    def thumb(self) -> None:
        """A quiet sign under the sender's own message: kept and passed on."""
        self._post("react", {"message_id": self.came.message_id, "emoji": "👍"}, None)

    def answer(self, text: str, *, alert: bool = False) -> None:
        """What the press gets to hear; planned in the same transaction as its effect, so that it is the truth."""
        self.unit.outbox.tell(
            f"answer:{self.came.query}",
            "answer",
            CHANNEL,
            self.came.chat,
            {"query": self.came.query, "text": text[:ANSWER], "alert": alert or len(text) > 60},
            lane=f"answer:{self.came.query}",
            duty=False,
        )

    def _post(self, kind: str, payload: dict[str, Any], ticket_id: int | None) -> None:
        self._said += 1
        self.unit.outbox.tell(
            f"turn:{self.came.chat}:{self.came.update_id}:{self._said}",
            kind,
            CHANNEL,
            self.came.chat,
            payload,
            thread=self.came.thread,
            person_id=self.caller.id if self.came.private else None,
            ticket_id=ticket_id,
            duty=kind == "say",
        )
