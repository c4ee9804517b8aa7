"""How the people of these tests know a button or a question: by the words the phrase book has for it."""

import re
from typing import TypeVar

from dispatch.texts import book

T = TypeVar("T")


def words(key: str) -> str:
    """The longest piece of an English phrase that holds no fact; what is no key stays as it is."""
    phrase = book("en").get(key, key)
    return max(re.split(r"\{[^}]*\}|\*", phrase), key=len).strip()


def spoken(table: dict[str, T]) -> dict[str, T]:
    """A table by words instead of keys."""
    return {words(key): value for key, value in table.items()}
