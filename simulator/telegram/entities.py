"""Formatted text: what a bot wrote, with entities parsed, checked, found and put in Telegram's order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.telegram.detect import detect
from simulator.telegram.errors import Json, bad_request
from simulator.telegram.links import link_error, normal_link
from simulator.telegram.markdown_legacy import parse_markdown
from simulator.telegram.markdown_v2 import parse_markdown_v2
from simulator.telegram.markup_html import parse_html
from simulator.telegram.utf16 import boundaries, units

# Equal ranges are ordered by type, outer kinds first (tdlib, MessageEntity::get_type_priority).
PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
FOUND_BY_TELEGRAM = (
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
)
MAX_ENTITIES = 100
PARSERS: dict[str, Callable[[str], tuple[str, list[Json]]]] = {
    "html": parse_html,
    "markdownv2": parse_markdown_v2,
    "markdown": parse_markdown,
}


@dataclass(frozen=True)
class Formatted:
    """Text and its entities, as a Message shows them."""

    text: str
    entities: list[Json] = field(default_factory=list)

    def content(self, text_field: str = "text", entities_field: str = "entities") -> Json:
        """The fields of a Message; an empty list of entities is left out."""
        found: Json = {text_field: self.text} if self.text else {}
        if self.entities:
            found[entities_field] = self.entities
        return found


UserOf = Callable[[int], Json | None]


def formatted(
    text: str, parse_mode: str = "", entities: Any = None, user_of: UserOf = lambda _: None
) -> Formatted:
    """Text as Telegram stores it. `user_of` gives the users a mention may name, by id.

    Raises ApiError 400: unsupported parse_mode, can't parse entities: ..., can't parse MessageEntity: ...
    """
    if parse_mode and parse_mode.lower() not in PARSERS:
        raise bad_request("unsupported parse_mode")
    text = _clean(text)
    if parse_mode:
        text, given = PARSERS[parse_mode.lower()](text)
    else:
        given = _checked(text, entities or [])
    return finish(text, _with_users(given, user_of))


def finish(text: str, given: list[Json]) -> Formatted:
    """Trim the ends, find links and commands, sort; at most 100 entities are kept."""
    text, given = _trimmed(text, given)
    free = [found for found in detect(text) if not any(_overlap(found, entity) for entity in given)]
    return Formatted(text, sort_entities(given + free)[:MAX_ENTITIES])


def sort_entities(entities: list[Json]) -> list[Json]:
    """By offset, the longer first, equal ranges by kind."""
    return sorted(entities, key=lambda e: (e["offset"], -e["length"], PRIORITY.get(e["type"], 50)))


def _clean(text: str) -> str:
    if any("\ud800" <= char < "\ue000" for char in text):
        raise bad_request("text must be encoded in UTF-8")
    # Control characters become spaces and carriage returns vanish (tdlib, clean_input_string).
    if text.isprintable():
        return text
    kept = (" " if char < " " and char not in "\n\t" else char for char in text.replace("\r", ""))
    return "".join(kept)


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    text = text.rstrip()
    first = min((entity["offset"] for entity in entities), default=units(text))
    lead = min(len(text) - len(text.lstrip()), first)
    text, end = text[lead:], units(text[lead:])
    kept = []
    for entity in entities:
        offset = entity["offset"] - lead
        length = min(offset + entity["length"], end) - offset
        if length > 0:
            kept.append({**entity, "offset": offset, "length": length})
    return text, kept


def _overlap(found: Json, entity: Json) -> bool:
    # A link found by Telegram may lie inside bold text, but not inside code or another link.
    if PRIORITY.get(entity["type"], 50) >= 90 or PRIORITY.get(entity["type"], 50) == 0:
        return False
    begin, end = entity["offset"], entity["offset"] + entity["length"]
    return bool(found["offset"] < end and begin < found["offset"] + found["length"])


def _with_users(entities: list[Json], user_of: UserOf) -> list[Json]:
    kept = []
    for entity in entities:
        if entity["type"] != "text_mention":
            kept.append(entity)
        elif (user := user_of(entity["user"].get("id", 0))) is not None:
            kept.append({**entity, "user": user})
    return kept


def _checked(text: str, entities: Any) -> list[Json]:
    if not isinstance(entities, list):
        raise bad_request("can't parse entities JSON object")
    starts = boundaries(text)
    return [
        kept
        for entity in entities
        if (kept := _one(text, starts, entity)) and kept["type"] not in FOUND_BY_TELEGRAM
    ]


def _one(text: str, starts: set[int], entity: Any) -> Json:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = entity.get("type")
    if not isinstance(kind, str) or (kind not in PRIORITY and kind not in FOUND_BY_TELEGRAM):
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    offset, length = _whole(entity, "offset"), _whole(entity, "length")
    _check_range(text, starts, offset, length)
    kept: Json = {"type": kind, "offset": offset, "length": length}
    return kept | _extra(kind, entity)


def _whole(entity: Json, name: str) -> int:
    value = entity.get(name)
    if value is None:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if not isinstance(value, int):
        raise bad_request(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
    return value


def _check_range(text: str, starts: set[int], offset: int, length: int) -> None:
    size, end = units(text), offset + length
    beginning = f"entity beginning at UTF-16 offset {offset}"
    problems = (
        (offset < 0, f"receive an entity with incorrect offset {offset}"),
        (length < 0, f"receive an entity with incorrect length {length}"),
        (offset > size, f"entity begins after the end of the text at UTF-16 offset {offset}"),
        (
            end > size,
            f"{beginning} ends after the end of the text at UTF-16 offset {end}",
        ),
        (offset not in starts, f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}"),
        (
            end not in starts,
            f"{beginning} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}",
        ),
    )
    for wrong, words in problems:
        if wrong:
            raise bad_request(words)


REQUIRED_FIELD = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}


def _extra(kind: str, entity: Json) -> Json:
    if kind == "pre" and entity.get("language"):
        return {"language": str(entity["language"])}
    name = REQUIRED_FIELD.get(kind)
    if name is None:
        return {}
    if name not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if kind == "text_mention" and not isinstance(entity["user"], dict):
        raise bad_request('can\'t parse MessageEntity: Field "user" must be of type Object')
    if kind == "text_link":
        url = str(entity["url"])
        if words := link_error(url):
            raise bad_request(f"entity URL '{url}' is invalid: {words}")
        return {"url": normal_link(url)}
    if kind == "custom_emoji" and not str(entity[name]).isdecimal():
        raise bad_request('can\'t parse MessageEntity: Field "custom_emoji_id" must be a valid Number')
    return {name: entity[name]}
