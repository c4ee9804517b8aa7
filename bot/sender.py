"""The Telegram channel: a parcel becomes the right call of the Bot API, within its limits, failures translated."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, TelegramError

from bot import cards, notices, relays
from bot.callbacks import key_of
from bot.entities import entities
from bot.failures import NO_REPLY, UNEDITABLE, done, partly, says, translate
from bot.incoming import CHANNEL
from bot.limits import Limits
from bot.rich import Rich, lines, rich, split, units
from bot.screens import Screen, markup
from dispatch.parcels import Parcel
from dispatch.ports import Clock, Receipt, Undelivered
from dispatch.texts import Phrases

PATIENCE = 2.0  # seconds a worker waits for a place; longer pauses go back to the outbox
EDITS = {"answer", "retire", "say_edit", "react"}


class Sender:
    """Carries parcels to Telegram; `stored(sha256)` gives the content of a file that came by another channel,
    `note(event, **ids)` hears of fallbacks that should not happen."""

    name = CHANNEL

    def __init__(
        self,
        bot: Bot,
        clock: Clock,
        limits: Limits,
        stored: Callable[[str], bytes],
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.bot = bot
        self.clock = clock
        self.limits = limits
        self.stored = stored
        self.note = note
        self.key = key_of(bot.token)
        self._ways: dict[str, Callable[[Parcel], Awaitable[Receipt]]] = {
            "say": self._say,
            "say_edit": self._say_edit,
            "card": self._card,
            "notice": self._notice,
            "relay": self._relay,
            "pin": self._pin,
            "retire": self._retire,
            "react": self._react,
            "answer": self._answer,
        }

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry one message; Undelivered says what went wrong."""
        try:
            await self.place(parcel)
            return await self._ways[parcel.job.kind](parcel)
        except TelegramError as error:
            if done(error):
                return Receipt()
            raise translate(error) from error

    async def place(self, parcel: Parcel, patience: float = PATIENCE) -> None:
        """Wait for a place within Telegram's limits; Undelivered when it would take longer than `patience`."""
        if parcel.job.kind == "answer":
            return  # no message: Telegram does not count it, and the presser waits
        edit = parcel.job.kind in EDITS or (parcel.card is not None and parcel.card.message_id is not None)
        chat = None if edit else parcel.job.address
        while wait := self.limits.wait(
            self.clock.monotonic(), chat, group=parcel.job.address.startswith("-")
        ):
            if wait > patience:
                msg = "waiting for Telegram's limits"
                raise Undelivered(msg, retry_after=wait)
            await asyncio.sleep(wait)

    # --- ways of the outbox rows ---

    async def _say(self, parcel: Parcel) -> Receipt:
        payload = parcel.job.payload
        text = self._marked(parcel, payload["text"])
        marks = entities(payload.get("entities", ()), units(text) - units(payload["text"]))
        sent = await self._text(parcel, text, marks, self._reply_markup(payload), payload.get("reply_to"))
        return Receipt((str(sent.message_id),))

    async def _say_edit(self, parcel: Parcel) -> Receipt:
        payload = parcel.job.payload
        marks = entities(payload["entities"])
        await self.plainly(
            parcel,
            partial(
                self.bot.edit_message_text,
                payload["text"],
                chat_id=int(parcel.job.address),
                message_id=int(payload["message_id"]),
                reply_markup=self._reply_markup(payload),
                link_preview_options=relays.NO_PREVIEW,
            ),
            entities=marks,
        )
        return Receipt()

    async def _card(self, parcel: Parcel) -> Receipt:
        """The first sending of a card, or an edit of it; a card that was deleted is sent anew."""
        screen = cards.render(parcel, self.clock.now())
        card = parcel.card
        if card is not None and card.message_id is not None:
            try:
                await self._edit_screen(parcel, card.message_id, screen)
            except BadRequest as error:
                if not says(error, UNEDITABLE):
                    raise
            else:
                return Receipt()
        return await self._screen(parcel, screen, None)

    async def _notice(self, parcel: Parcel) -> Receipt:
        return await self._screen(parcel, notices.render(parcel, self.clock.now()), parcel.anchor)

    async def _relay(self, parcel: Parcel) -> Receipt:
        return await relays.send(self, parcel)

    async def _pin(self, parcel: Parcel) -> Receipt:
        at = parcel.job.payload
        sent = await self.bot.send_location(
            int(parcel.job.address),
            latitude=at["latitude"],
            longitude=at["longitude"],
            message_thread_id=parcel.job.thread,
            reply_parameters=reply_to(parcel.anchor),
        )
        return Receipt((str(sent.message_id),))

    async def _retire(self, parcel: Parcel) -> Receipt:
        try:
            await self.bot.edit_message_reply_markup(
                chat_id=int(parcel.job.address), message_id=int(parcel.job.payload["message_id"])
            )
        except BadRequest as error:
            if not says(error, UNEDITABLE):
                raise
        return Receipt()

    async def _react(self, parcel: Parcel) -> Receipt:
        payload = parcel.job.payload
        try:
            await self.bot.set_message_reaction(
                int(parcel.job.address), int(payload["message_id"]), payload["emoji"]
            )
        except BadRequest as error:
            # A courtesy: chats may forbid reactions, messages may be gone.
            self.note("telegram.no_reaction", job=parcel.job.id, why=error.message)
        return Receipt()

    async def _answer(self, parcel: Parcel) -> Receipt:
        payload = parcel.job.payload
        await self.bot.answer_callback_query(
            payload["query"], text=payload["text"] or None, show_alert=payload["alert"]
        )
        return Receipt()

    # --- parts of them ---

    async def _screen(self, parcel: Parcel, screen: Screen, anchor: str | None) -> Receipt:
        """Send a screen as one message or, if it is too long, several; buttons are under the last."""
        parts = split(self.marked(parcel, screen.text))
        ids: list[str] = []
        with partly(ids):
            for number, part in enumerate(parts):
                if number:
                    await self.place(parcel, relays.WHOLE)
                last = number == len(parts) - 1
                buttons = self._buttons(parcel, screen) if last else None
                marks = entities(part.entities)
                sent = await self._text(parcel, part.text, marks, buttons, anchor if number == 0 else None)
                ids.append(str(sent.message_id))
        return Receipt(tuple(reversed(ids)))

    async def _edit_screen(self, parcel: Parcel, message_id: str, screen: Screen) -> None:
        part = split(screen.text)[0]
        marks = entities(part.entities)
        await self.plainly(
            parcel,
            partial(
                self.bot.edit_message_text,
                part.text,
                chat_id=int(parcel.job.address),
                message_id=int(message_id),
                reply_markup=self._buttons(parcel, screen),
                link_preview_options=relays.NO_PREVIEW,
            ),
            entities=marks,
        )

    async def _text(
        self, parcel: Parcel, text: str, marks: list[MessageEntity], buttons: Any, anchor: str | None
    ) -> Message:
        """Send text; a reply to a message that is gone becomes a plain one."""
        send = partial(
            self.bot.send_message,
            int(parcel.job.address),
            text,
            message_thread_id=parcel.job.thread,
            reply_markup=buttons,
            link_preview_options=relays.NO_PREVIEW,
        )
        try:
            sent: Message = await self.plainly(
                parcel, send, entities=marks, reply_parameters=reply_to(anchor)
            )
        except BadRequest as error:
            if not (anchor and says(error, NO_REPLY)):
                raise
            sent = await self.plainly(parcel, send, entities=marks)
        return sent

    async def plainly(self, parcel: Parcel, call: Callable[..., Awaitable[Any]], **dressed: Any) -> Any:
        """Call with the arguments that dress the text up; entities Telegram cannot read are left out
        (and counted: it must not happen)."""
        try:
            return await call(**dressed)
        except BadRequest as error:
            if "parse entities" not in error.message.lower():
                raise
            self.note("telegram.bad_entities", job=parcel.job.id)
            return await call()

    def marked(self, parcel: Parcel, text: Rich) -> Rich:
        """With the note that this may be a repetition, if it may be one."""
        if not parcel.again:
            return text
        return lines(rich(self._phrases(parcel).say("again")), text)

    def _marked(self, parcel: Parcel, text: str) -> str:
        return f"{self._phrases(parcel).say('again')}\n{text}" if parcel.again else text

    def _phrases(self, parcel: Parcel) -> Phrases:
        return Phrases(parcel.language, parcel.policy.zone, self.clock.now())

    def _buttons(self, parcel: Parcel, screen: Screen) -> InlineKeyboardMarkup | None:
        keyboard = markup(screen.rows, self.key, parcel.job.address)
        return InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, self.bot) if keyboard else None

    def _reply_markup(self, payload: dict[str, Any]) -> Any:
        keyboard = payload.get("keyboard")
        if keyboard == "remove":
            return ReplyKeyboardRemove()
        if keyboard and keyboard.get("force_reply"):
            return ForceReply(selective=bool(keyboard.get("selective")))
        if keyboard:
            return ReplyKeyboardMarkup.de_json(keyboard, self.bot)
        buttons = payload.get("buttons")
        return InlineKeyboardMarkup.de_json({"inline_keyboard": buttons}, self.bot) if buttons else None


def reply_to(anchor: str | None) -> ReplyParameters | None:
    return ReplyParameters(int(anchor), allow_sending_without_reply=True) if anchor else None
