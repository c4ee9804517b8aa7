"""Checks requests against the official list of methods, where a copy of it is at hand."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulator.telegram.records import Call

# What the real server takes although the list (Bot API 7 and later) no longer names it.
LEGACY = ("reply_to_message_id", "allow_sending_without_reply")


class OfficialList:
    """The machine-readable Bot API: {"version", "methods": {name: {"fields": [{"name", "required"}]}}}."""

    def __init__(self, path: Path) -> None:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.version: str = described["version"]
        self.methods: dict[str, dict[str, bool]] = {
            name: {field["name"]: field["required"] for field in method.get("fields", [])}
            for name, method in described["methods"].items()
        }

    def problems(self, calls: Iterable[Call]) -> list[str]:
        """A sentence for each unknown method, unknown parameter and missing parameter; each told once."""
        found = [problem for call in calls for problem in self._of(call)]
        return list(dict.fromkeys(found))

    def _of(self, call: Call) -> list[str]:
        known = self.methods.get(call.method)
        if known is None:
            return [f"{call.method} is no method of {self.version}"]
        attached = {
            value.removeprefix("attach://")
            for value in _strings(call.params)
            if value.startswith("attach://")
        }
        extra = [name for name in call.params if name not in known and name not in LEGACY + tuple(attached)]
        missing = [name for name, required in known.items() if required and name not in call.params]
        return [f"{call.method} has no parameter {name}" for name in extra] + [
            f"{call.method} lacks {name}" for name in missing
        ]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        inner = _decoded(value)
        return [value] if inner is None else _strings(inner)
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []


def _decoded(text: str) -> Any:
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
