"""Lengths and cuts as Telegram counts them: in UTF-16 code units."""


def units(text: str) -> int:
    """How many UTF-16 code units `text` has (an astral character counts two)."""
    return len(text) + sum(1 for char in text if char > "\uffff") if not text.isascii() else len(text)


def byte_offset(text: str, index: int) -> int:
    """Where character `index` begins in the UTF-8 form of `text`; error messages speak of bytes."""
    return len(text[:index].encode("utf-8", "surrogatepass"))


def boundaries(text: str) -> set[int]:
    """The UTF-16 offsets at which a character begins, and the end of the text."""
    found, at = {0}, 0
    for char in text:
        at += 2 if char > "\uffff" else 1
        found.add(at)
    return found


def cut(text: str, offset: int, length: int) -> str:
    """The part of `text` that an entity with this offset and length covers."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "surrogatepass")
