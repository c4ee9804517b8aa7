"""No pattern of the mail gateway can be made to take its time, whatever a stranger writes (S13)."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import intake

LENGTH = 100_000
LONGEST = 0.05  # seconds for one pattern on one string
PUMPS = (
    "a",
    " ",
    "\t \r\n",
    "<a ",
    "--a\n",
    "> On a, b wrote:\n",
    "=?a?q?",
    '"\\',
    "a@a.",
    "=\t(<0:;",
)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern at module level, those in tables too."""
    for module in pkgutil.iter_modules(intake.__path__):
        loaded = importlib.import_module(f"intake.{module.name}")
        for name, value in vars(loaded).items():
            if not name.startswith("__"):
                yield from ((f"{module.name}.{name}", each) for each in _within(value, 0))


def _within(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from _within(each, depth + 1)
    elif depth < 4 and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _within(each, depth + 1)
    elif depth < 4 and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for field in value.__dataclass_fields__:
            yield from _within(getattr(value, field), depth + 1)


PATTERNS = tuple({each.pattern: (name, each) for name, each in patterns()}.values())


@pytest.mark.parametrize(
    ("name", "pattern"),
    PATTERNS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pattern_reads_100_kb_of_anything_in_50_ms(name: str, pattern: re.Pattern[Any]) -> None:
    for pump in PUMPS:
        text: str | bytes = pump * (LENGTH // len(pump))
        if isinstance(pattern.pattern, bytes):
            text = str(text).encode()
        took = min(_time(pattern, text) for _ in range(2))
        assert took < LONGEST, f"{name} took {took:.3f} s on {pump!r} repeated"


def _time(pattern: re.Pattern[Any], text: str | bytes) -> float:
    begin = time.process_time()
    pattern.search(text)
    pattern.match(text)
    first = time.process_time() - begin
    if first > LONGEST:
        return first
    begin = time.process_time()
    for _ in pattern.finditer(text):
        pass
    # finditer makes an object per hit: a hit at each of 100,000 characters costs 40 ms without any backtracking
    return max(first, (time.process_time() - begin) / 2)
