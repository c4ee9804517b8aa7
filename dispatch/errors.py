"""The trade says no: a refusal carries a key into the phrase book and what the sentence needs."""

from typing import Any


class Refusal(Exception):
    """A command that may not happen, said to whoever asked (`texts.refusal`); nothing was changed."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts
