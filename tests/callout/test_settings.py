"""The settings: three layers, one frozen record, every mistake named at once, no secret shown (S19, S22)."""

import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from callout.settings import SettingsError, describe, load

TOKEN = "7012345678:AAHcanaryCANARYcanaryCANARYcanary_-9"
SECRET = "webhook-canary-webhook"
POSTGRES = "postgresql+asyncpg://otto:p%40ss-canary@db.example/callout"


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrong(toml: str = "", **env: str) -> SettingsError:
    Path("wrong.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(Path("wrong.toml"), env)
    return caught.value


def test_nothing_said_means_the_defaults():
    settings = load(env={})
    assert (settings.organisation.timezone, settings.organisation.language) == ("UTC", "en")
    assert (settings.telegram.token, settings.telegram.mode) == (None, "polling")
    assert settings.telegram.max_file_bytes == 20 << 20
    assert (settings.database.path, settings.database.files) == (Path("callout.db"), Path("files"))
    assert settings.deadlines.span("dispatch") == timedelta(minutes=10)
    assert settings.deadlines.span("draft_expire_hours") == timedelta(hours=48)
    assert settings.deadlines.span("complaint_due_days") == timedelta(days=5)
    assert settings.deadlines.signoff_reminders == (timedelta(hours=24), timedelta(hours=48))


def test_the_caller_goes_before_the_environment_and_that_before_the_file():
    Path("callout.toml").write_text("[http]\nhost='file'\nport=1\n[telegram]\nworkers=3\nper_second=1\n")
    settings = load(env={"CALLOUT_HTTP__PORT": "2", "callout_telegram__workers": "4"}, http={"port": 0})
    assert (settings.http.host, settings.http.port) == ("file", 0)
    assert (settings.telegram.workers, settings.telegram.per_second) == (4, 1)


def test_the_file_is_the_one_given_or_the_one_the_environment_names_or_the_one_at_hand():
    for name in ("given", "named", "callout"):
        Path(f"{name}.toml").write_text(f"\ufeff[organisation]\nname='{name}'\n", encoding="utf-8")
    named = {"CALLOUT_CONFIG": "named.toml"}
    assert load(Path("given.toml"), named).organisation.name == "given"
    assert load(env=named).organisation.name == "named"
    assert load(env={}).organisation.name == "callout"


def test_without_a_mapping_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CALLOUT_ORGANISATION__NAME", "Lakeside Lifts")
    assert load().organisation.name == "Lakeside Lifts"


def test_the_environment_can_say_everything():
    settings = load(
        env={
            "CALLOUT_TELEGRAM__TOKEN": f" {TOKEN}\n",
            "CALLOUT_TELEGRAM__POLL_TIMEOUT": "",
            "CALLOUT_DEADLINES__SIGNOFF_REMIND_HOURS": "12, 36",
            "CALLOUT_DATABASE__FILES": "/srv/files",
            "CALLOUT_LOGGING__LEVEL": "debug",
            "CALLOUT_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        }
    )
    assert settings.telegram.token
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.telegram.poll_timeout == 30
    assert settings.deadlines.signoff_remind_hours == (12, 36)
    assert (settings.database.files, settings.logging.level) == (Path("/srv/files"), "DEBUG")


@pytest.mark.parametrize(
    ("url", "path", "files"),
    [
        ("sqlite:///data/callout.db", "data/callout.db", "data/files"),
        ("sqlite:////var/lib/callout/c.db", "/var/lib/callout/c.db", "/var/lib/callout/files"),
        ("sqlite+aiosqlite:///c.db?timeout=5", "c.db", "files"),
        (POSTGRES, None, "files"),
    ],
)
def test_attachments_live_beside_the_database(url: str, path: str | None, files: str):
    database = load(env={}, database={"url": url}).database
    assert (database.path, database.files) == (path and Path(path), Path(files))


def test_the_record_is_frozen():
    settings = load(env={})
    for record, name in ((settings, "http"), (settings.http, "port")):
        with pytest.raises(ValueError, match="frozen"):
            setattr(record, name, 1)


def test_every_mistake_is_named_at_once_with_both_names_and_the_fix():
    toml = """
        logging = "loud"
        [organisation]
        timezone = "Europe/Berln"
        language = "de"
        [telegram]
        poll_timeout = "soon"
        workers = true
        [deadlines]
        offer_expire = 5
        rating_expire_days = 1
        signoff_remind_hours = [48, 24]
        urgent_offer_remind = -1
    """
    lines = wrong(toml, CALLOUT_HTTP__PORT="70000").problems
    assert lines == (
        "organisation.timezone (CALLOUT_ORGANISATION__TIMEZONE): there is no time zone 'Europe/Berln'; "
        "did you mean Europe/Berlin?",
        "organisation.language (CALLOUT_ORGANISATION__LANGUAGE): 'de' is not one of the choices; "
        "write 'en' or 'zh'",
        "telegram.poll_timeout (CALLOUT_TELEGRAM__POLL_TIMEOUT): 'soon' is not a number; "
        "write one such as 30",
        "telegram.workers (CALLOUT_TELEGRAM__WORKERS): true and false are not values here; "
        "write a number or a text",
        "deadlines.offer_expire (CALLOUT_DEADLINES__OFFER_EXPIRE): "
        "5 does not come after deadlines.offer_remind; raise it, or lower the other",
        "deadlines.urgent_offer_remind (CALLOUT_DEADLINES__URGENT_OFFER_REMIND): -1 is too small; "
        "write a number above 0",
        "deadlines.signoff_remind_hours (CALLOUT_DEADLINES__SIGNOFF_REMIND_HOURS): "
        "the hours do not rise; write each once, the earliest first, such as [24, 48]",
        "deadlines.rating_expire_days (CALLOUT_DEADLINES__RATING_EXPIRE_DAYS): "
        "1 does not come after deadlines.rating_remind_hours; raise it, or lower the other",
        "http.port (CALLOUT_HTTP__PORT): '70000' is too large; write 65535 or less",
        "logging: is not a group of settings; write a table [logging] with its settings below it",
    )


@pytest.mark.parametrize(
    ("toml", "env", "hint"),
    [
        (
            "[telegram]\ntokn = 'x'",
            {},
            "telegram.tokn: there is no such setting; did you mean telegram.token?",
        ),
        ("token = 'x'", {}, "token: there is no such setting; did you mean telegram.token?"),
        ("[telegrm]\ntoken = 'x'", {}, "telegrm: there is no such setting; did you mean [telegram]?"),
        ("", {"CALLOUT_TELEGRAM_TOKEN": TOKEN}, "did you mean CALLOUT_TELEGRAM__TOKEN?"),
        ("", {"CALLOUT_XYZ": "1"}, "docs/settings.md lists every setting"),
    ],
)
def test_an_unknown_name_is_a_mistake_with_a_guess(toml: str, env: dict[str, str], hint: str):
    (line,) = wrong(toml, **env).problems
    assert line.endswith(hint)


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("sqlite://callout.db", "three slashes"),
        ("sqlite:///:memory:", "names no file"),
        ("postgres://u:canary@h/d", "write postgresql+asyncpg://"),
        ("mysql://u:canary@h/d", "write sqlite:///callout.db or postgresql+asyncpg://"),
        ("callout.db", "write sqlite:///callout.db"),
    ],
)
def test_another_kind_of_database_is_refused_with_the_fix_and_without_its_password(url: str, fix: str):
    (line,) = wrong(CALLOUT_DATABASE__URL=url).problems
    assert line.startswith("database.url (CALLOUT_DATABASE__URL): ")
    assert fix in line
    assert "canary" not in line


def test_a_webhook_without_its_secret_or_address_does_not_start():
    error = wrong("[telegram]\nmode = 'webhook'")
    assert [line.partition(":")[0] for line in error.problems] == [
        "telegram.webhook_url (CALLOUT_TELEGRAM__WEBHOOK_URL)",
        "telegram.webhook_secret (CALLOUT_TELEGRAM__WEBHOOK_SECRET)",
    ]
    assert "16-256" in str(error)


@pytest.mark.parametrize("secret", ["short-canary", "canary" * 50, "canary with spaces and more"])
def test_a_webhook_secret_telegram_would_not_take_is_refused_unseen(secret: str):
    (line,) = wrong(CALLOUT_TELEGRAM__WEBHOOK_SECRET=secret).problems
    assert "16-256" in line
    assert "canary" not in line


def test_a_webhook_is_https_unless_the_bot_api_server_is_ones_own():
    env = {
        "CALLOUT_TELEGRAM__MODE": "webhook",
        "CALLOUT_TELEGRAM__WEBHOOK_SECRET": SECRET,
        "CALLOUT_TELEGRAM__WEBHOOK_URL": "http://127.0.0.1:8081/",
    }
    (line,) = wrong(**env).problems
    assert "https only" in line
    settings = load(env=env | {"CALLOUT_TELEGRAM__API_URL": "http://127.0.0.1:9000/bot"})
    assert settings.telegram.webhook_url == "http://127.0.0.1:8081/"


def test_no_secret_is_ever_shown():
    settings = load(
        env={
            "CALLOUT_TELEGRAM__TOKEN": TOKEN,
            "CALLOUT_TELEGRAM__WEBHOOK_SECRET": SECRET,
            "CALLOUT_DATABASE__URL": POSTGRES,
        }
    )
    assert "canary" not in f"{settings} {settings!r} {settings.telegram} {settings.database}"
    assert set(settings.secrets()) == {TOKEN, SECRET, "p%40ss-canary", "p@ss-canary"}


@pytest.mark.parametrize(
    ("toml", "env"),
    [
        (f"[telegram]\ntoken = ['{TOKEN}']", {}),
        (f"[telegram]\ntokn = '{TOKEN}'\nmode = '{TOKEN}'", {}),
        (f"telegram = '{TOKEN}'", {}),
        (f"[telegram]\ntoken = {TOKEN}", {}),
        (f"['{TOKEN}']\nx = 1", {}),
        ("", {"CALLOUT_TELEGRAM__TOKEN": "canary without a colon"}),
        ("", {"CALLOUT_TELEGRAM__WORKERS": "x" * 40 + TOKEN}),
        ("", {"CALLOUT_ORGANISATION__TIMEZONE": "x" * 40 + TOKEN}),
        ("", {"CALLOUT_TELEGRAM": TOKEN}),
    ],
)
def test_no_mistake_shows_a_secret_either(toml: str, env: dict[str, str]):
    error = wrong(toml, **env)
    assert "canary" not in "".join(traceback.format_exception(error)).replace(TOKEN[:10], "canary")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[http\n", "is not TOML: "),
        ("name = 'Müller'".encode("latin-1"), "is not UTF-8"),
        (None, "no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(content: bytes | None, why: str):
    if content is not None:
        Path("odd.toml").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(env={"CALLOUT_CONFIG": "odd.toml", "CALLOUT_HTTP__PORT": "x"})
    assert len(caught.value.problems) == 2  # the other mistake is named as well
    assert caught.value.problems[0].startswith("odd.toml: ")
    assert why in caught.value.problems[0]


def test_a_folder_in_place_of_the_file_is_a_sentence_too(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, {})


def test_every_setting_is_described_and_every_default_is_itself_valid():
    described = list(describe())
    assert len({setting.key for setting in described}) == len(described)
    assert all(setting.meaning.endswith((".", "_ -")) and setting.default for setting in described)
    told = {s.env: s.default for s in described if s.default != "none" and not s.default.startswith("the ")}
    assert load(env=told) == load(env={})
