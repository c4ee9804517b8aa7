"""Telegram's sending limits as a calculation: so many messages a second in all, per chat, per minute in a group."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """Asks `wait(now, chat, group)` before each message: seconds to wait; 0 books the place.

    Times are monotonic seconds. Edits and answers count for the whole bot only (`chat` None).
    """

    per_second: int = 30
    per_chat: float = 1.0
    per_group_minute: int = 20
    _all: deque[float] = field(default_factory=deque)
    _chats: dict[str, float] = field(default_factory=dict)
    _groups: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, now: float, chat: str | None, *, group: bool = False) -> float:
        needed = max(
            _window(self._all, now, self.per_second, 1.0),
            self._chats.get(chat, now) - now if chat else 0.0,
            _window(self._groups.setdefault(chat, deque()), now, self.per_group_minute, 60.0)
            if chat and group
            else 0.0,
        )
        if needed <= 0:
            self._book(now, chat, group=group)
        return max(0.0, needed)

    def _book(self, now: float, chat: str | None, *, group: bool) -> None:
        self._all.append(now)
        if chat:
            self._chats[chat] = now + self.per_chat
            if group:
                self._groups[chat].append(now)
        if len(self._chats) > 10_000:
            self._chats = {name: free for name, free in self._chats.items() if free > now}


def _window(times: deque[float], now: float, most: int, seconds: float) -> float:
    """Seconds until fewer than `most` of `times` lie within the last `seconds`."""
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
