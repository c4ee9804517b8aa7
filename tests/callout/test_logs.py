"""The log: one handler for everybody's lines, and no secret in any of them, whatever the road (S21)."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import structlog

from callout import logs

TOKEN = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"
PASSWORD = 'pa"ss/wörd\\x canary'
log = structlog.get_logger("callout.test")


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logs.FLOORS}
    known, pattern = set(logs._registered), logs._pattern
    yield
    root.handlers[:], (sys.excepthook, threading.excepthook) = handlers, hooks
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    logs._registered, logs._pattern = known, pattern
    structlog.reset_defaults()


@pytest.fixture(params=["console", "json"])
def paper(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    logs.configure("DEBUG", request.param, secrets=[PASSWORD], stream=stream)
    return stream


@dataclass
class Bot:
    token: str


def test_an_event_is_written_with_its_ids():
    stream = io.StringIO()
    logs.configure("INFO", "json", stream=stream)
    log.info("ticket.transition", ticket=412, verb="accept")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["ticket"], line["verb"]) == ("ticket.transition", 412, "accept")
    assert (line["level"], line["logger"]) == ("info", "callout.test")
    assert line["timestamp"].endswith("Z")


def test_lines_of_the_libraries_go_the_same_way():
    stream = io.StringIO()
    logs.configure("INFO", "json", stream=stream)
    for name in ("uvicorn.error", "telegram.ext", "alembic.runtime", "aiosqlite"):
        logging.getLogger(name).info("hello %s", name)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [f"hello {line['logger']}" for line in lines]
    assert len(lines) == 4


def test_configuring_twice_does_not_write_twice():
    stream = io.StringIO()
    logs.configure("INFO", "console", stream=io.StringIO())
    logs.configure("INFO", "console", stream=stream)
    log.info("once")
    assert stream.getvalue().count("once") == 1


def test_a_level_holds_for_the_libraries_too():
    stream = io.StringIO()
    logs.configure("ERROR", "console", stream=stream)
    log.warning("no")
    for name in logs.FLOORS:
        logging.getLogger(name).warning("no")
    assert stream.getvalue() == ""


def test_httpx_is_quiet_at_info_because_it_writes_every_address():
    stream = io.StringIO()
    logs.configure("INFO", "console", stream=stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://example.org")
    assert stream.getvalue() == ""


def test_no_secret_gets_out_by_any_road(paper: io.StringIO):
    url = f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    plain = logging.getLogger("telegram.Bot")
    log.debug("event %s", TOKEN)
    log.info(url, url=url, password=PASSWORD, nested={"headers": [("authorization", PASSWORD)]})
    log.info("repr", bot=Bot(TOKEN), raw=PASSWORD.encode(), again=repr(PASSWORD))
    plain.info("args %s %r", url, Bot(TOKEN))
    plain.info({"a": TOKEN})
    plain.info("%r", [f"it's {PASSWORD}", {"again": repr(f"it's {PASSWORD}")}])
    logging.getLogger("httpcore.http11").debug("send_request_headers %r", [(b"x-secret", PASSWORD.encode())])
    logging.getLogger("httpx").info("HTTP Request: GET %s", httpx.URL(url.replace(":AAH", "%3AAAH")))
    logs.register_secret(TOKEN)
    log.info("part", password_of_the_bot=TOKEN.partition(":")[2])
    assert_clean(paper.getvalue(), lines=9)


def test_no_secret_gets_out_of_an_exception(paper: io.StringIO):
    logs.register_secret(TOKEN)
    try:
        try:
            raise RuntimeError(f"GET https://api.telegram.org/file/bot{TOKEN}/x failed")
        except RuntimeError as error:
            error.add_note(f"password was {PASSWORD}")
            raise ExceptionGroup(f"two for {Bot(TOKEN)}", [ValueError(PASSWORD), error]) from error
    except ExceptionGroup as error:
        log.exception("loop.died")
        log.error("again", exc_info=error)
        logging.getLogger("asyncio").exception("Task exception was never retrieved %s", TOKEN)
    assert_clean(paper.getvalue())
    assert "RuntimeError" in paper.getvalue()


async def test_no_secret_gets_out_of_a_real_request_at_debug(paper: io.StringIO):
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError) as caught:
            await client.get(f"http://127.0.0.1:9/bot{TOKEN}/getMe", headers={"x-secret": PASSWORD.encode()})
    log.error("request.failed", exc_info=caught.value, request=caught.value.request)
    assert "httpcore" in paper.getvalue()
    assert_clean(paper.getvalue())


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError(TOKEN)

    __str__ = __repr__


def test_a_record_that_cannot_be_written_is_named_and_not_shown(
    paper: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, logs.Output)]
    logging.getLogger("telegram").info("%d of it", TOKEN)
    logging.getLogger("telegram").info("%s", Unprintable())
    log.info("broken", what=Unprintable())
    out, err = capsys.readouterr()
    assert_clean(paper.getvalue() + out + err, lines=3, mark=False)
    assert paper.getvalue().count("log.unprintable") == 3


def test_a_crash_nobody_caught_is_a_log_line(paper: io.StringIO, capsys: pytest.CaptureFixture[str]):
    logs.report_crashes()
    error = RuntimeError(f"bot{TOKEN}")
    sys.excepthook(RuntimeError, error, None)
    thread = threading.Thread(target=lambda: int(f"bot{TOKEN}"))
    thread.start()
    thread.join()
    out, err = capsys.readouterr()
    assert paper.getvalue().count("service.crashed") == 2
    assert_clean(paper.getvalue() + out + err)


def test_lines_follow_standard_error_wherever_it_goes(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO", "console")
    log.info("hello.stderr")
    assert "hello.stderr" in capsys.readouterr().err


def test_a_closed_terminal_does_not_stop_the_service():
    stream = io.StringIO()
    logs.configure("INFO", "console", stream=stream)
    stream.close()
    log.info("nobody.listens")


def test_words_that_only_look_a_little_like_a_token_stay():
    text = "12345678901234567890 at 10:30, ticket 412:open, 123456:short"
    assert logs.redact(text) == text
    logs.register_secret("  ")
    assert logs.redact(text) == text


def test_a_long_run_of_digits_takes_no_time():
    assert logs.redact("1" * 1_000_000) == "1" * 1_000_000


def assert_clean(text: str, lines: int | None = None, mark: bool = True) -> None:
    for road in ("canary", "CANARY", "pa\\", "wörd", "w\\"):
        assert road not in text
    assert not mark or logs.SECRET in text
    assert lines is None or text.count("\n") == lines
