"""Who and what lives in the simulated Telegram: accounts, chats, presses, and requests the bot made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.telegram.errors import Json


@dataclass(frozen=True)
class Pane:
    """A device beside the phones that another application serves under `path`. kind: which of the page's modules
    draws it ("mail"). title, hint: its label, as with a phone."""

    kind: str
    path: str
    title: str
    hint: str | None = None


@dataclass
class Account:
    """A person's account. `hint` labels the phone on the page."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    language_code: str | None = None
    phone: str = ""
    hint: str | None = None
    on_page: bool = True
    blocked: bool = False
    deactivated: bool = False

    def name(self) -> Json:
        """first_name, and last_name and username where there are any."""
        optional = {"last_name": self.last_name, "username": self.username}
        return {"first_name": self.first_name, **{key: value for key, value in optional.items() if value}}

    def user(self) -> Json:
        """A Bot API User."""
        language = {"language_code": self.language_code} if self.language_code else {}
        return {"id": self.id, "is_bot": False, **self.name(), **language}


@dataclass
class Chat:
    """A chat with everything said in it. `face` is the Bot API Chat; `members` maps user ids to statuses."""

    id: int
    face: Json
    instance: str
    next_message: int
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)  # what the transcript tells, in order
    topics: dict[int, str] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    keyboard: Json | None = None
    opened: bool = False  # a person has written here, so the bot may
    migrated_to: int | None = None

    @property
    def private(self) -> bool:
        """Whether this is one person's chat with the bot."""
        return bool(self.face["type"] == "private")

    @property
    def forum(self) -> bool:
        """Whether this is a supergroup with topics."""
        return bool(self.face.get("is_forum", False))


@dataclass
class Press:
    """A pressed button: one callback query, and how the bot answered it."""

    query_id: str
    user: int
    chat: int
    message_id: int
    data: str
    at: float
    label: str = ""  # what stands on the button
    answer: Json | None = None


@dataclass
class Call:
    """One request of the bot. `status` is the HTTP status, 0 while or when there is no answer.

    `params` are as sent (an Upload for a file); `at` is a clock time in seconds; `effect_message_id` is
    the message made or changed, whether or not the bot came to know of it.
    """

    method: str
    params: Mapping[str, Any]
    at: float
    status: int = 0
    effect_message_id: int | None = None
