"""Draws docs/lifecycle.md from the tables that rule the life of a ticket: `python -m callout.pictures`."""

import inspect
import sys
from collections.abc import Iterator

from dispatch.rules.duties import DUTIES, Duty
from dispatch.rules.lifecycle import LIFE, Rule
from dispatch.rules.notices import NOTICES
from dispatch.texts import book
from storage.records.policy import Periods
from storage.records.ticket import State

HEAD = """# The life of a ticket

Drawn from `dispatch/rules/lifecycle.py`, `duties.py` and `notices.py` by `python -m callout.pictures`;
a test keeps it true.
"""


def states() -> Iterator[str]:
    """Every state in both languages."""
    yield "\n## States\n\n| state | English | 中文 |\n|---|---|---|"
    for state in State:
        yield f"| `{state}` | {book('en')[f'state.{state}']} | {book('zh')[f'state.{state}']} |"


def picture() -> Iterator[str]:
    """The verbs that change a state, as a Mermaid diagram."""
    yield "\n## Picture\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft : open"
    for start in State:
        for line in LIFE:
            if start in line.froms:
                yield from (f"    {start} --> {end} : {line.verb}" for end in line.to if end is not start)
    yield "    closed --> [*]\n    cancelled --> [*]\n```"


def verbs() -> Iterator[str]:
    """Every line of the table, guards included."""
    yield "\n## Verbs\n\n| verb | 中文 | from | to | who | unless |\n|---|---|---|---|---|---|"
    for line in LIFE:
        yield f"| {' | '.join(_verb(line))} |"


def _verb(line: Rule) -> tuple[str, ...]:
    guards = ", ".join(guard.__name__ for guard in line.guards)
    return (
        f"`{line.verb}`",
        book("zh")[f"verb.{line.verb}"],
        ", ".join(state for state in State if state in line.froms),
        ", ".join(line.to) or "the same",
        ", ".join(sorted(line.who)),
        f"refused by {guards}" if guards else "",
    )


def deadlines() -> Iterator[str]:
    """What is due in which state, with the default period."""
    yield "\n## Deadlines\n\n| deadline | in | counted from | after |\n|---|---|---|---|"
    for line in DUTIES:
        where = ", ".join(state for state in State if state in line.states)
        yield f"| `{line.kind}` | {where} | {line.start.__name__} | {_period(line)} |"


def _period(line: Duty) -> str:
    """The period of a duty, and the shorter one for urgent tickets if there is one."""
    name = str(inspect.getclosurevars(line.after).nonlocals["name"])
    default, urgent = getattr(Periods(), name), getattr(Periods(), f"urgent_{name}", None)
    return f"{default} (urgent: {urgent})" if urgent else str(default)


def notices() -> Iterator[str]:
    """Who is told of what."""
    yield "\n## Notices\n\n| verb | whom | says |\n|---|---|---|"
    for verb, lines in NOTICES.items():
        for line in lines:
            yield f"| `{verb}` | {line.whom} | {book('en')[f'notice.{line.key}'].replace('*', '')} |"


def render() -> str:
    parts = (states(), picture(), verbs(), deadlines(), notices())
    return HEAD + "\n".join(row for part in parts for row in part) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
