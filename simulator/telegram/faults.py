"""Faults to order: which request fails, how, how often."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from simulator.telegram.errors import ApiError, bad_request, forbidden, too_many_requests

# Answers in place of the effect. The words are those of api.telegram.org.
ANSWERS = {
    "401": ApiError(401, "Unauthorized"),
    "403": forbidden("bot was blocked by the user"),
    "404": ApiError(404, "Not Found"),
    "409": ApiError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    ),
    "500": ApiError(500, "Internal Server Error"),
    "502": ApiError(502, "Bad Gateway"),
    "504": ApiError(504, "Gateway Timeout"),
}
BEFORE = ("timeout_before", "drop_before", "html")
AFTER = ("timeout_after", "drop_after", "invalid_json")
KINDS = (*ANSWERS, "429", "latency", *BEFORE, *AFTER)


@dataclass
class Fault:
    """One order.

    kind: "429", "403", "400:<description>", "401", "404", "409", "500", "502", "504", "html" (no effect);
    "timeout_before", "drop_before" (no effect, no answer); "timeout_after", "drop_after", "invalid_json"
    (effect, but no answer or half of one); "latency" (all well, `delay` seconds late).
    method: None means all but getUpdates and "download" (fetching a file by its path), "*" means all.
    chat: None means any. times: None means for ever.
    retry_after: seconds, for 429. delay: seconds; None lets a timeout last until the caller gives up.
    then: called when a timeout or drop strikes, after the effect if there is one and before the caller learns
    anything; this is where a test kills him.
    """

    kind: str
    method: str | None = None
    chat: int | None = None
    times: int | None = 1
    probability: float = 1.0
    retry_after: int | None = None
    delay: float | None = None
    then: Callable[[], None] | None = None
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not self.kind.startswith("400:"):
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}, 400:<description>")

    def answer(self) -> ApiError | None:
        """The error to answer with, or None when this fault is of another nature."""
        if self.kind == "429":
            return too_many_requests(5 if self.retry_after is None else self.retry_after)
        if self.kind.startswith("400:"):
            words = self.kind.removeprefix("400:").strip().removeprefix("Bad Request: ")
            return bad_request(words)
        return ANSWERS.get(self.kind)

    def meets(self, method: str, chat: int | None) -> bool:
        """Whether a request for `method` in `chat` is meant."""
        if self.times is not None and self.fired >= self.times:
            return False
        if self.method is None and method in ("getupdates", "download"):
            return False
        if self.method not in (None, "*") and str(self.method).lower() != method:
            return False
        return self.chat is None or self.chat == chat


class Faults:
    """The orders in force, first come first served."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.orders: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force; `fault.fired` counts how often it struck."""
        self.orders.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        self.orders.clear()

    def pick(self, method: str, chat: int | None) -> Fault | None:
        """The fault that strikes this request, or None. `method` in lower case."""
        for fault in self.orders:
            if fault.meets(method, chat) and self._chance.random() < fault.probability:
                fault.fired += 1
                return fault
        return None
