"""The parameters of one request, whatever form they came in: JSON, URL, form or multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.telegram.errors import bad_request

TRUE = ("true", "yes", "1", "y")  # telegram-bot-api reads any of these, in any case


@dataclass(frozen=True)
class Upload:
    """A file sent along with a request."""

    name: str
    data: bytes
    content_type: str = ""


@dataclass(frozen=True)
class Args:
    """Named parameters; every reader converts from text as the Bot API server does."""

    values: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.uploads

    def text(self, name: str, default: str = "") -> str:
        """The parameter as text."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as a whole number; what cannot be read is the default, as on the real server."""
        value = self.values.get(name)
        try:
            return default if value is None else int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float | None:
        """The parameter as a number, or None."""
        try:
            return float(self.values[name])
        except (KeyError, TypeError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        """True for true, yes, 1 and y in any case."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else str(value).lower() in TRUE

    def decoded(self, name: str, words: str = "") -> Any:
        """The parameter as JSON (None when absent). ApiError 400 with `words` when it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(words or f"can't parse {name} JSON object") from None

    def record(self, name: str) -> dict[str, Any] | None:
        """The parameter as a JSON object, None when absent. ApiError 400 when it is something else."""
        found = self.decoded(name)
        if found is not None and not isinstance(found, dict):
            raise bad_request(f"can't parse {name} JSON object")
        return found

    def records(self, name: str) -> list[dict[str, Any]] | None:
        """The parameter as a list of JSON objects, None when absent. ApiError 400 for anything else."""
        found = self.decoded(name)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise bad_request(f"can't parse {name} JSON object")
        return found

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, or named by attach://."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return self.uploads.get(name)
