"""Turns wrong settings into sentences: each with its names, what is wrong, and the fix."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from callout.logs import redact

Fields = Mapping[tuple[str, str], FieldInfo]  # (group, name) → the field

PREFIX = "CALLOUT_"

# pydantic's kind of error → what is wrong, and the fix. {shown}: the value, {example}: the default.
SENTENCES = {
    "string_type": ("is not a text", "put it in quotes"),
    "tuple_type": ("is not a list", "write a list such as [24, 48]"),
    "too_short": ("is empty", "write a list such as [24, 48]"),
    "path_type": ("is not a path", "put it in quotes"),
    "string_too_short": ("is empty", "fill it in or leave it out"),
    "literal_error": ("{shown} is not one of the choices", "write {expected}"),
    "greater_than": ("{shown} is too small", "write a number above {gt:g}"),
    "greater_than_equal": ("{shown} is too small", "write {ge:g} or more"),
    "less_than": ("{shown} is too large", "write a number below {lt:g}"),
    "less_than_equal": ("{shown} is too large", "write {le:g} or less"),
    "int_from_float": ("{shown} is not a whole number", "write one such as {example}"),
    "finite_number": ("{shown} is not a finite number", "write one such as {example}"),
    "model_type": ("is not a group of settings", "write a table [{key}] with its settings below it"),
    "wrong": ("{what}", "{fix}"),
}
NUMBERS = ("int_", "float_")  # int_type, int_parsing, float_parsing, …


class SettingsError(ValueError):
    """The settings cannot be used; `problems` has one line for each, without any secret."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(redact(problem) for problem in problems)
        super().__init__("\n".join(["The settings are wrong:", *(f"  {line}" for line in self.problems)]))


def wrong(what: str, fix: str) -> PydanticCustomError:
    """What a validator raises: what is wrong with the value, and what to write instead."""
    return PydanticCustomError("wrong", "{what}; {fix}", {"what": what, "fix": fix})


def env_name(group: str, name: str) -> str:
    """The environment variable of a setting: CALLOUT_TELEGRAM__TOKEN for telegram.token."""
    return f"{PREFIX}{group}__{name}".upper()


def is_secret(field: FieldInfo) -> bool:
    """Whether the value of this setting must never be shown."""
    return not field.repr or SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ()))


def unknown_key(path: tuple[str, ...], fields: Fields) -> str:
    """The line about a key in the file that names no setting."""
    keys = {".".join(known): ".".join(known) for known in fields}
    words = {name: f"{group}.{name}" for group, name in fields}
    groups = {group: f"[{group}]" for group, _ in fields}
    misplaced = words.get(path[-1]) if path[-1] not in groups else None
    return _unknown(".".join(path), keys | words | groups, misplaced)


def unknown_variable(name: str, fields: Fields) -> str:
    """The line about a CALLOUT_ variable that names no setting."""
    return _unknown(name, {env_name(*path): env_name(*path) for path in fields})


def explain(error: ValidationError, fields: Fields) -> Iterator[str]:
    """One line for each thing pydantic found wrong, in the order of the settings."""
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"])
        if detail["type"] == "extra_forbidden":
            yield unknown_key(path, fields)
        elif detail["type"] != "default_factory_not_called":  # a consequence of another line
            yield _line(path, detail, fields)


def _line(path: tuple[str, ...], detail: ErrorDetails, fields: Fields) -> str:
    field = fields.get((path[0], path[1])) if len(path) > 1 else None
    key = ".".join(path[:2])
    named = f"{key} ({env_name(path[0], path[1])})" if field else key
    facts = {"key": key, "example": _example(field), "shown": _shown(detail["input"], field)}
    facts |= detail.get("ctx", {})
    what, fix = _sentence(detail["type"], detail["msg"])
    return f"{named}: {what.format_map(facts)}; {fix.format_map(facts)}"


def _sentence(kind: str, message: str) -> tuple[str, str]:
    if kind in SENTENCES:
        return SENTENCES[kind]
    if kind.startswith(NUMBERS):
        return "{shown} is not a number", "write one such as {example}"
    return message.replace("{", "(").replace("}", ")"), "see docs/settings.md"


def _shown(value: object, field: FieldInfo | None) -> str:
    """The wrong value, short; of a secret, and of what may hold one, nothing at all."""
    if field is None or is_secret(field) or isinstance(value, dict | list | tuple):
        return "the value"
    return redact(repr(value))[:60]  # redacted first: half a token would pass


def _example(field: FieldInfo | None) -> str:
    default = field.default if field else None
    return "10" if isinstance(default, tuple) or not default else f"{default}"


def _unknown(name: str, known: Mapping[str, str], meant: str | None = None) -> str:
    close = [meant] if meant else [known[word] for word in get_close_matches(name[:80], known, n=1)]
    hint = f"did you mean {close[0]}?" if close else "docs/settings.md lists every setting"
    return f"{name}: there is no such setting; {hint}"
