"""Writes docs/settings.md from the settings: `python -m callout.settings_docs > docs/settings.md`."""

import sys
from itertools import groupby

from callout.settings import Described, Settings, describe

HEAD = """# Settings

<!-- Written by `python -m callout.settings_docs`; a test compares. -->

Callout reads, each before the next: the environment, a TOML file, the defaults below. The file is the one
given on the command line, else the one `CALLOUT_CONFIG` names, else `callout.toml` in the working directory
if it is there. An empty variable counts as unset; a list is written `24,48`. Wrong and unknown settings are
all named at once, and the service does not start. Keep `telegram.token`, `telegram.webhook_secret` and a
database password in the environment or in a file that only the service can read.

```toml
[organisation]
name = "Lakeside Lifts"
timezone = "Europe/Berlin"

[deadlines]
dispatch = 10
signoff_remind_hours = [24, 48]
```
"""


def render() -> str:
    """The whole page as Markdown, ending in one newline."""
    groups = groupby(describe(), key=lambda setting: setting.key.partition(".")[0])
    return HEAD + "".join(_section(name, list(settings)) for name, settings in groups)


def _section(name: str, settings: list[Described]) -> str:
    group = Settings.model_fields[name].annotation
    rows = "".join(f"| `{s.key}` | `{s.env}` | {_cell(s.default)} | {s.meaning} |\n" for s in settings)
    head = "| key | variable | default | meaning |\n|---|---|---|---|\n"
    return f"\n## {name}\n{group.__doc__ if group else ''}\n\n{head}{rows}"


def _cell(default: str) -> str:
    return default if default == "none" or default.startswith("the ") else f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(render())
