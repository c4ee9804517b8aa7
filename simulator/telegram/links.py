"""Which addresses Telegram takes for a link, and how it writes them."""

import re

HOST = re.compile(r"^[^\s/?#@:]+$")
TOP_LEVEL = re.compile(r"\.[^\W\d_]{2,}$|^\d{1,3}(\.\d{1,3}){3}$")
PLAIN_SCHEMES = ("tg", "ton", "tonsite")
WEB_SCHEMES = ("http", "https")


def link_error(url: str) -> str | None:
    """Why `url` cannot be a link, in Telegram's words, or None when it can."""
    if not url:
        return "URL host is empty"
    scheme, host = _split(url)
    if scheme in PLAIN_SCHEMES:
        return None
    if scheme not in WEB_SCHEMES:
        return "Unsupported URL protocol"
    if not HOST.match(host) or (host != "localhost" and not TOP_LEVEL.search(host)):
        return "Wrong HTTP URL"
    return None


def normal_link(url: str) -> str | None:
    """The address as Telegram stores it (scheme added, empty path made "/"), or None when it is no link."""
    url = url.strip()
    if link_error(url) is not None:
        return None
    if not re.match(r"^[a-zA-Z]+:", url) or re.match(r"^[^/]+:\d", url):
        url = f"http://{url}"
    return re.sub(r"^(https?://[^/?#]+)(?=[?#]|$)", r"\1/", url)


def mentioned_user(url: str) -> int | None:
    """The user id of a tg://user?id=... link, or None."""
    match = re.match(r"^tg:(?://)?user\?id=(\d+)$", url)
    return int(match.group(1)) if match else None


def _split(url: str) -> tuple[str, str]:
    match = re.match(r"^([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d)(?://)?(.*)$", url)
    scheme, rest = (match.group(1).lower(), match.group(2)) if match else ("http", url)
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host = host.rpartition("@")[2]
    return scheme, re.sub(r":\d+$", "", host)
