"""Which reply_markup Telegram takes, and the words with which it refuses one."""

from typing import Any

from simulator.telegram.errors import ApiError, Json, bad_request
from simulator.telegram.links import link_error, normal_link

MAX_BUTTONS = 100
MAX_DATA = 64  # bytes
ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
BOOLEANS = (
    "force_reply",
    "remove_keyboard",
    "selective",
    "one_time_keyboard",
    "is_persistent",
    "resize_keyboard",
)
PRIVATE_ONLY = {
    "request_contact": "phone number can be requested in private chats only",
    "request_location": "location can be requested in private chats only",
}


def reply_markup(markup: Any, private: bool = True, inline_only: bool = False) -> Json | None:
    """The keyboard as Telegram keeps it, or None for none.

    `inline_only` is for edits. ApiError 400: BUTTON_DATA_INVALID, can't parse inline keyboard button: ...
    """
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    for name in BOOLEANS:
        if not isinstance(markup.get(name, False), bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    if "inline_keyboard" in markup:
        rows = inline_rows(markup["inline_keyboard"])
        return {"inline_keyboard": rows} if rows else None
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in markup:
        rows = [[_key(key, private) for key in row] for row in _rows(markup["keyboard"], "keyboard")]
        return {**markup, "keyboard": [row for row in rows if row]}
    return markup


def inline_rows(rows: Any) -> list[list[Json]]:
    """The rows of an inline keyboard, checked; buttons without text vanish, as on the real server."""
    kept = [
        [_button(button) for button in row if not _textless(button)] for row in _rows(rows, "inline_keyboard")
    ]
    if sum(len(row) for row in kept) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in kept if row]


def _rows(rows: Any, name: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            kind = "keyboard button row" if name == "keyboard" else "inline keyboard button row"
            raise bad_request(f"can't parse {kind}: expected an Array")
    return rows


def _textless(button: Any) -> bool:
    return isinstance(button, dict) and button.get("text") == ""


def _unparsed(words: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {words}")


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise _unparsed("expected an Object")
    if "text" not in button:
        raise _unparsed('Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise _unparsed('Field "text" must be of type String')
    given = [name for name in ACTIONS if button.get(name) not in (None, "")]
    empty_query = any(name.startswith("switch_inline") and name in button for name in ACTIONS)
    if not given and not empty_query:
        raise _unparsed("Text buttons are unallowed in the inline keyboard")
    kept = dict(button)
    for name in given:
        if name in CHECKS:
            kept[name] = CHECKS[name](button[name])
    return kept


def _data(value: Any) -> str:
    if not isinstance(value, str):
        raise _unparsed('Field "callback_data" must be of type String')
    if len(value.encode()) > MAX_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    return value


def _url(value: Any) -> str:
    if words := link_error(str(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: {words}")
    return normal_link(str(value)) or ""


def _web_app(value: Any) -> Json:
    return _https(value, "inline keyboard button Web App URL")


def _https(value: Any, what: str) -> Json:
    url = value.get("url", "") if isinstance(value, dict) else ""
    if not url.startswith("https://"):
        raise bad_request(f"{what} '{url}' is invalid: Only HTTPS links are allowed")
    return {"url": url}


def _copy_text(value: Any) -> Json:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


def _unfit(value: Any) -> Json:
    raise bad_request("BUTTON_TYPE_INVALID")


CHECKS = {
    "callback_data": _data,
    "url": _url,
    "web_app": _web_app,
    "copy_text": _copy_text,
    "pay": _unfit,
    "callback_game": _unfit,
}


def _key(key: Any, private: bool) -> Json:
    if isinstance(key, str):
        return {"text": key}
    if not isinstance(key, dict) or not isinstance(key.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    for name, words in PRIVATE_ONLY.items():
        if key.get(name) and not private:
            raise bad_request(words)
    if "web_app" in key:
        _https(key["web_app"], "keyboard button Web App URL")
    return key
