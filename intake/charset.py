"""Bytes of a mail → text: the declared charset by its superset, other charsets only when the declared one fails."""

import codecs
import re

from intake.detection import detect, detect_foreign

# Senders label by habit: the superset reads everything the narrower name promises, and what is really there
# (WHATWG Encoding for the Windows and the CJK names). Several codecs are tried strictly, in order.
_GB = ("gb18030",)
_BIG5 = ("big5hkscs", "cp950")
_SJIS = ("cp932", "shift_jis_2004")
_EUC_JP = ("euc_jp", "euc_jis_2004")
_KOREAN = ("cp949",)
_LATIN1 = ("cp1252", "latin_1")
_UTF16 = ("utf_16",)
ALIASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("gb2312", "gbk", "xgbk", "gb231280", "csgb2312", "euccn", "cngb", "cp936", "936"), _GB),
    **dict.fromkeys(("ms936", "windows936", "gb18030", "gb180302000", "xeuccn", "chinese", "gb", "xgb"), _GB),
    **dict.fromkeys(("hz", "hzgb2312", "hzgb"), ("hz",)),
    **dict.fromkeys(("big5", "xbig5", "big5hkscs", "cnbig5", "csbig5", "big5eten", "950", "xxbig5"), _BIG5),
    **dict.fromkeys(("cp950", "ms950", "windows950", "big5tw"), ("cp950", "big5hkscs")),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "csshiftjis", "cp932", "ms932"), _SJIS),
    **dict.fromkeys(("windows31j", "cswindows31j", "xmscp932", "shiftjiscp932", "932", "windows932"), _SJIS),
    **dict.fromkeys(("eucjp", "xeucjp", "ujis", "eucjpms", "cseucpkdfmtjapanese", "cp51932"), _EUC_JP),
    **dict.fromkeys(("ksc56011987", "ksc5601", "euckr", "cp949", "uhc", "ks56011987", "korean"), _KOREAN),
    **dict.fromkeys(("windows949", "ms949", "ksc56011989", "cseuckr", "isoir149", "949"), _KOREAN),
    **dict.fromkeys(("iso2022kr", "csiso2022kr"), ("iso2022_kr",)),
    **dict.fromkeys(
        ("iso88591", "latin1", "l1", "iso885911987", "isoir100", "windows1252", "cp1252"), _LATIN1
    ),
    **dict.fromkeys(
        ("xwindows1252", "win1252", "ansi", "xansi", "ibm819", "cp819", "iso8859", "8859"), _LATIN1
    ),
    **dict.fromkeys(("utf16", "ucs2", "iso10646ucs2", "csunicode", "unicode", "xunicode"), _UTF16),
    **dict.fromkeys(("utf8", "utf8mb4", "xutf8", "unicode11utf8", "utf", "cp65001", "utf8n"), ("utf_8",)),
    **dict.fromkeys(("utf7", "unicode11utf7", "csunicode11utf7", "cp65000", "xunicode20utf7"), ("utf_7",)),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "cp874", "dos874"), ("cp874", "iso8859_11")),
    **dict.fromkeys(("iso88599", "latin5", "windows1254", "cp1254"), ("cp1254", "iso8859_9")),
    **dict.fromkeys(("iso88598i", "iso88598e", "logical", "visual", "iso88598"), ("iso8859_8",)),
    **dict.fromkeys(("iso88596i", "iso88596e"), ("iso8859_6",)),
    **dict.fromkeys(("macintosh", "mac", "xmacroman", "macroman"), ("mac_roman",)),
    **dict.fromkeys(("koi8r", "koi8", "koi", "cskoi8r"), ("koi8_r",)),
    **dict.fromkeys(("usascii", "ascii", "ansix341968", "ansix341986", "iso646us", "us", "646"), ("ascii",)),
    "xmaccyrillic": ("mac_cyrillic",),
    "windows1251cyrillic": ("cp1251",),
}
# Python's own names that are charsets; everything else codecs.lookup knows (zlib, rot13, punycode) stays out.
_ALLOWED_WORDS = (
    "ascii utf-8 utf-8-sig utf-7 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be gb2312 gbk gb18030 "
    "hz big5 big5hkscs cp950 cp932 shift_jis shift_jis_2004 shift_jisx0213 euc_jp euc_jis_2004 "
    "euc_jisx0213 cp949 euc_kr johab iso2022_kr koi8-r koi8-u koi8-t kz1048 ptcp154 hp-roman8 tis-620 "
    "mac-roman mac-cyrillic mac-greek mac-turkish mac-latin2 mac-iceland mac-croatian mac-romanian mac- "
    "arabic mac-farsi iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 "
    "iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 cp1252 "
    "cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp437 cp737 cp720 cp775 cp850 cp852 cp855 cp856 "
    "cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp1125 cp1006 cp037 cp273 cp424 cp500 "
    "cp875 cp1026 cp1140"
)
_ALLOWED = frozenset(_ALLOWED_WORDS.split())
_JIS_LABEL = re.compile(r"(?:cs)?(?:iso2022jp|jis$|xiso2022jp|cp5022)")
_NOT_NAME = re.compile(r"[^a-z0-9]")
_ESCAPE = re.compile(rb"\x1b(\([BJIH]|\$[@B]|\$\([@BDOPQ]|&@|\.[AF]|N)")
_MEANINGLESS = frozenset(
    ("", "unknown8bit", "xunknown", "unknown", "binary", "8bit", "7bit", "default", "none")
)
_WESTERN = frozenset(("cp1252", "latin_1", "iso8859-15"))
_ENOUGH_DAMAGE = 20  # one broken character in so many is a damaged text, more is a wrong label


def codecs_of(label: str) -> tuple[str, ...]:
    """The codecs to try for a charset label, none for a label that says nothing we know."""
    plain = _NOT_NAME.sub("", label[:60].lower())
    if plain in _MEANINGLESS:
        return ()
    for candidate in (
        plain,
        plain.removeprefix("3d"),
        plain.removeprefix("charset"),
        plain.removeprefix("x"),
    ):
        if candidate in ALIASES:
            return ALIASES[candidate]
        if _JIS_LABEL.match(candidate):
            return ("jis",)
        if known := _python_name(label[:60].strip(" \t\"'"), candidate):
            return (known,)
    return ()


def _python_name(label: str, plain: str) -> str:
    spelt = (label, plain, plain.replace("iso8859", "iso8859-"), plain.replace("windows", "cp"))
    for name in spelt:
        try:
            known = codecs.lookup(name).name
        except (LookupError, ValueError, UnicodeError):
            continue
        if known in _ALLOWED:
            return known
    return ""


def decode(data: bytes, label: str = "", hint: str = "") -> str:
    """The text of bytes: by the declared charset, else UTF-8, else `hint`, else by what the bytes look like.

    Never raises; what cannot be read becomes U+FFFD.
    """
    if (
        data.isascii()
        and b"\x1b" not in data
        and not (label and codecs_of(label) in (("utf_7",), ("hz",), _UTF16))
    ):
        return data.decode("ascii") if b"\0" not in data else _with_nulls(data, label)
    declared = codecs_of(label)
    if b"\x1b$" in data and "jis" not in declared and (text := _jis(data)) is not None:
        return text  # nothing else escapes so
    if declared and (other := _evident(data, declared[0])):
        declared = (other, *declared)
    for codec in (*declared, "utf_8"):
        text = _strict(data, codec)
        if text is not None:
            return text
    if declared and (text := _damaged(data, declared[0])) is not None:
        return text
    hinted = codecs_of(hint) if hint else ()
    if hinted and (other := _evident(data, hinted[0])):
        hinted = (other, *hinted)
    for codec in hinted:
        text = _strict(data, codec)
        if text is not None:
            return text
    if (found := detect(data)) and (text := _strict(data, found)) is not None:
        return text
    return _lenient(data, found or (declared[0] if declared else "utf_8"))


def _evident(data: bytes, declared: str) -> str:
    """What the bytes are in spite of a label that would read them: UTF-8 never looks so by chance beyond a few
    bytes, and Western letters do not come in long pairs of high bytes as Chinese does (GBK labelled ISO-8859-1)."""
    if declared.startswith(("utf", "jis", "hz", "ascii", "iso2022")):
        return ""
    text = _strict(data, "utf_8")
    if text is not None:
        wide = sum(1 for char in text[:10_000] if char > "\u07ff")
        narrow = sum(1 for char in text[:10_000] if "\x7f" < char <= "\u07ff")
        return "utf_8" if wide > 1 or narrow > 3 or (declared in _WESTERN and wide + narrow) else ""
    return detect_foreign(data) if declared in _WESTERN else ""


def _with_nulls(data: bytes, label: str) -> str:
    """ASCII with NULs is UTF-16 when a codec of that family is declared, otherwise text with NULs in it."""
    names = codecs_of(label)
    if names and names[0].replace("_", "-").startswith(("utf-16", "utf-32")):
        return _lenient(data, names[0])
    return data.decode("ascii")


def _strict(data: bytes, codec: str) -> str | None:
    if codec == "jis":
        return _jis(data)
    if codec == "utf_16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf_16_le" if data[1::2].count(0) > data[::2].count(0) else "utf_16_be"
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return None
    return _whole(text, codec).removeprefix("\ufeff")


def _whole(text: str, codec: str) -> str:
    """UTF-7 can spell half a surrogate pair, which no file and no database takes."""
    if codec != "utf_7":
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _damaged(data: bytes, codec: str) -> str | None:
    """The text by a charset that fails on a few characters only (cut or damaged in transit), else None."""
    text = _lenient(data, codec)
    broken = text.count("\ufffd")
    foreign = sum(1 for char in text[:100_000] if char > "\x7f")
    return text if (foreign and broken * _ENOUGH_DAMAGE <= foreign) or broken <= 1 < foreign else None


def _lenient(data: bytes, codec: str) -> str:
    if codec == "jis":
        return _jis(data) or data.decode("ascii", "replace")
    try:
        return _whole(data.decode(codec, "replace"), codec).removeprefix("\ufeff")
    except (UnicodeError, ValueError, LookupError):
        return data.decode("latin_1")


def _jis(data: bytes) -> str | None:
    """ISO-2022-JP with everything senders put there (CP50220: NEC and IBM rows, half-width kana), or None.

    Python's codecs of that family stop at the circled digits every Japanese Outlook writes.
    """
    pieces = _ESCAPE.split(data)
    out, mode = [], b"(B"
    for index, piece in enumerate(pieces):
        if index % 2:
            mode = piece
        elif mode == b"(I":
            out.append(
                bytes(byte | 0x80 if 0x20 < byte < 0x60 else byte for byte in piece).decode(
                    "cp932", "replace"
                )
            )
        elif mode in (b"$@", b"$B", b"$(B", b"$(@"):
            out.append(_kanji(piece))
        elif mode in (b"$(D", b"$(O", b"$(P", b"$(Q"):
            codec = "iso2022_jp_1" if mode == b"$(D" else "iso2022_jp_2004"
            out.append((b"\x1b" + mode + piece + b"\x1b(B").decode(codec, "replace"))
        elif piece.isascii():
            out.append(piece.decode("ascii"))
        elif (text := _strict(piece, "cp932")) is not None:
            out.append(text)
        else:
            return None
    return "".join(out)


def _kanji(piece: bytes) -> str:
    """Rows and cells of JIS X 0208 as Shift_JIS, read with Microsoft's table."""
    out = bytearray()
    cells = iter(piece)
    for row in cells:
        if not 0x21 <= row <= 0x7E:
            out.append(row)  # a line end inside: the sender forgot to switch back
            continue
        cell = next(cells, 0x21)
        lead = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
        trail = (cell + 0x1F + (cell > 0x5F)) if row % 2 else cell + 0x7E
        out += bytes((lead, trail & 0xFF))
    return out.decode("cp932", "replace")
