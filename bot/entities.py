"""Our bold runs as PTB's MessageEntity, from dicts as the outbox keeps them."""

from collections.abc import Iterable, Mapping

from telegram import MessageEntity


def entities(runs: Iterable[Mapping[str, int | str]], shift: int = 0) -> list[MessageEntity]:
    """One MessageEntity per run; `shift` is what was put before the text, in UTF-16 units."""
    return [
        MessageEntity(str(run["type"]), offset=int(run["offset"]) + shift, length=int(run["length"]))
        for run in runs
    ]
