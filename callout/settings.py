"""The one frozen record of what the operator chose: read from file and environment, checked whole."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from callout.settings_deadlines import Deadlines
from callout.settings_errors import (
    PREFIX,
    Fields,
    SettingsError,
    env_name,
    explain,
    unknown_variable,
)
from callout.settings_groups import Database, Group, Http, Logging, Organisation, Telegram
from callout.settings_mail import Mail, Web

__all__ = ["Described", "Settings", "SettingsError", "describe", "load"]

CONFIG_VARIABLE = "CALLOUT_CONFIG"
CONFIG_FILE = Path("callout.toml")

# Kubernetes gives every pod CALLOUT_PORT_8080_TCP and the like if a service beside it is named callout.
NOT_OURS = re.compile(r"CALLOUT_(CONFIG|SERVICE_(HOST|PORT\w*)|PORT(_\w+)?)", re.ASCII)

Tree = dict[str, dict[str, str]]


class Settings(BaseSettings):
    """All settings; made by load(), which alone reads the file and the environment."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    organisation: Organisation = Field(default_factory=Organisation)
    telegram: Telegram = Field(default_factory=Telegram)
    mail: Mail = Field(default_factory=Mail)
    web: Web = Field(default_factory=Web)
    database: Database = Field(default_factory=Database)
    deadlines: Deadlines = Field(default_factory=Deadlines)
    http: Http = Field(default_factory=Http)
    logging: Logging = Field(default_factory=Logging)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but what load() hands over: its own reading names every wrong variable at once."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for logs.configure(secrets=…)."""
        values = [getattr(getattr(self, group), name) for group, name in FIELDS]
        values += [value for box in self.mail.more for _, value in box]
        found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        password = re.search(r"://[^/@:]*:([^/]+)@", self.database.url)
        return (*found, *([password[1], unquote(password[1])] if password else []))


class Described(NamedTuple):
    """One setting for the handbook, all in words."""

    key: str
    env: str
    default: str
    meaning: str


def load(
    config: Path | None = None, env: Mapping[str, str] | None = None, **overrides: Mapping[str, Any]
) -> Settings:
    """The settings: overrides before the environment before the file before the defaults.

    config: a TOML file; without it CALLOUT_CONFIG names one, else ./callout.toml is read if it is there.
    env: os.environ if not given; CALLOUT_TELEGRAM__TOKEN is telegram.token, an empty value counts as unset.
    overrides: groups as mappings, `load(http={"port": 0})`.
    SettingsError: names everything that is wrong, with the fix.
    """
    variables = os.environ if env is None else env
    problems: list[str] = []
    layers = (
        {group: dict(values) for group, values in overrides.items()},
        _from_environment(variables, problems),
        _from_file(config, variables, problems),
    )
    try:
        settings = _merge(layers)
    except ValidationError as error:
        problems.extend(explain(error, FIELDS))
    if problems:
        raise SettingsError(problems) from None  # the cause would show values
    return settings


def describe() -> Iterator[Described]:
    """Every setting in order: key in TOML, environment variable, default, one line of meaning."""
    for (group, name), field in FIELDS.items():
        yield Described(f"{group}.{name}", env_name(group, name), _default(field), field.description or "")


def _fields() -> Fields:
    groups = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        (group, name): field
        for group, kind in groups.items()
        if isinstance(kind, type) and issubclass(kind, Group)
        for name, field in kind.model_fields.items()
    }


FIELDS = _fields()


def _merge(layers: tuple[Mapping[str, Any], ...]) -> Settings:
    sources = tuple(InitSettingsSource(Settings, dict(layer)) for layer in layers)
    return Settings(_build_sources=(sources, {}))


def _from_environment(variables: Mapping[str, str], problems: list[str]) -> Tree:
    names = {env_name(*path): path for path in FIELDS}
    tree: Tree = {}
    for name, value in sorted(variables.items()):
        if not name.upper().startswith(PREFIX) or NOT_OURS.fullmatch(name.upper()):
            continue
        if path := names.get(name.upper()):
            if value.strip():
                tree.setdefault(path[0], {})[path[1]] = value.strip()
        else:
            problems.append(unknown_variable(name, FIELDS))
    return tree


def _from_file(config: Path | None, variables: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    named = variables.get(CONFIG_VARIABLE, "").strip()
    path = config or (Path(named) if named else CONFIG_FILE)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if config or named:
            problems.append(f"{path}: there is no such file; check {CONFIG_VARIABLE} or the path given")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: is not TOML: {error}; mend that line")
    except UnicodeDecodeError:
        problems.append(f"{path}: is not UTF-8; save it as UTF-8")
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}; check its owner and permissions")
    return {}


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default" in extra:
        return str(extra["default"])
    return _written(field.default)


def _written(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
