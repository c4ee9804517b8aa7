"""Where every log line of the service goes: one root handler, one format, and no secret in any of it.

Log lines are events with ids: `log.info("ticket.transition", ticket=412, verb="accept")`.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import Processor

SECRET = "[secret]"  # noqa: S105 — the word that stands in place of a secret

# A bot token, also with its colon escaped in a URL. The look-behind keeps a long run of digits linear.
TOKEN = re.compile(r"(?<![0-9])[0-9]{6,}(?::|%3[Aa])[\w-]{30,}")

# These libraries write what people wrote, or every request, below these levels; log lines hold no contents.
FLOORS = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.INFO,
    "aiosqlite": logging.INFO,
    "sqlalchemy.engine": logging.WARNING,
    "aioimaplib": logging.WARNING,
}
OPEN_AT_DEBUG = ("httpx", "httpcore")

# Text may be written in JSON, in a repr of text, with a single quote beside it, of bytes, or in a URL.
ESCAPES: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: repr(text)[1:-1].replace("\\'", "'").replace("'", "\\'"),
    lambda text: repr(text.encode())[2:-1],
    quote,
    lambda text: quote(text, safe=""),
)

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]

_registered: set[str] = set()
_pattern: re.Pattern[str] = TOKEN


def register_secret(value: str) -> None:
    """From now on write "[secret]" for this value, in whatever way it is escaped; an empty value is ignored.

    Of a bot token the part after the colon is kept out as well: it alone is the password.
    """
    global _pattern
    secret = value.strip()
    if not secret:
        return
    _registered.update(_spellings(secret))
    if TOKEN.fullmatch(secret):
        _registered.update(_spellings(secret.partition(":")[2] or secret))
    known = sorted(_registered, key=len, reverse=True)
    _pattern = re.compile("|".join([TOKEN.pattern, *map(re.escape, known)]))


def redact(text: str) -> str:
    """The same text with "[secret]" for anything like a bot token and every registered secret."""
    return _pattern.sub(SECRET, text)


def configure(
    level: str = "INFO",
    format: Literal["console", "json"] = "console",  # noqa: A002 — the settings' own word
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send structlog and the standard library's loggers through one root handler; may be called again.

    level: DEBUG, INFO, WARNING, ERROR or CRITICAL. stream: standard error if not given.
    """
    for secret in secrets:
        register_secret(secret)
    _configure_structlog()
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, Output)]:
        root.removeHandler(handler)
    root.addHandler(Output(stream, _formatter(format, stream or sys.stderr)))
    root.setLevel(level)
    _set_floors(root.level)


def report_crashes() -> None:
    """Let an exception that nobody caught, in any thread, be written as a log line rather than raw."""
    sys.excepthook = _report
    threading.excepthook = _report_thread


class Output(logging.Handler):
    """The one handler: writes finished lines, redacted last, after every formatter has had its say."""

    def __init__(self, stream: TextIO | None, formatter: logging.Formatter) -> None:
        super().__init__()
        self._stream = stream
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record. A record that cannot be formatted is named, never shown."""
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 — logging's own report would print the raw arguments
            line = f"log.unprintable logger={record.name} line={record.lineno} error={type(error).__name__}"
        self._write(redact(line))

    def _write(self, line: str) -> None:
        stream = self._stream or sys.stderr  # looked up late: whoever redirects it means us too
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            return  # a closed terminal or pipe must not stop the service, and there is nobody left to tell


def _spellings(secret: str) -> set[str]:
    """The ways one value may be written, each in another up to three deep: a repr in a repr in JSON."""
    found = {secret}
    for _ in range(3):
        found |= {escape(value) for value in found for escape in ESCAPES}
    return found


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(format: Literal["console", "json"], stream: TextIO) -> logging.Formatter:  # noqa: A002 — as above
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    renderers: dict[str, list[Processor]] = {
        "console": [remove, _console(stream.isatty())],
        "json": [
            remove,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=repr),
        ],
    }
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=renderers[format])


def _console(colors: bool) -> Processor:
    # Not rich's traceback: it prints local variables and breaks lines, and so a secret, in two.
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )


def _set_floors(level: int) -> None:
    for name, floor in FLOORS.items():
        opened = level <= logging.DEBUG and name in OPEN_AT_DEBUG
        logging.getLogger(name).setLevel(level if opened else max(level, floor))


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return  # somebody pressed Ctrl-C; there is nothing to explain
    logging.getLogger("callout").critical("service.crashed", exc_info=(kind, error, trace))


def _report_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        _report(args.exc_type, args.exc_value, args.exc_traceback)
