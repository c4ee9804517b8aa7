"""What a Bot API method needs: the world, the webhook, and what the server remembers about the bot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.telegram.arguments import Args
from simulator.telegram.webhook import Webhook
from simulator.telegram.world import World


@dataclass(frozen=True)
class Encoded:
    """A result that is JSON already; updates are kept in the form they are sent in."""

    body: bytes


@dataclass
class Api:
    """The state behind the methods.

    answer_seconds: how long a press may be answered (undocumented; people report 5 to 20 s).
    pacing: the server's rules against a poller that repeats its offset (see methods/intake.py).
    """

    world: World
    webhook: Webhook
    answer_seconds: float = 15.0
    pacing: bool = True
    logged_out: bool = False
    last_offset: int = -1
    last_poll: float = 0.0
    menu_buttons: dict[int, Any] = field(default_factory=dict)


Handler = Callable[[Api, Args], Any | Awaitable[Any]]
