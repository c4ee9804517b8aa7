"""Guessing the charset of bytes nobody labelled well: the CJK ones by their common characters, others by a library."""

from charset_normalizer import from_bytes

_SAMPLE = 8_000  # bytes looked at
_BOMS = ((b"\xef\xbb\xbf", "utf_8_sig"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16"))
_SURE = 0.6
_SINGLE_BYTE = (
    "cp1252", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "cp866",
    "iso8859_2", "mac_roman", "latin_1",
)  # fmt: skip


def _gb(lead: int, trail: int) -> float:
    """GB 2312 puts the 3,755 common characters into rows 16 to 55, punctuation into 1 and 3."""
    if trail < 0xA1:
        return 0.05
    return 1.0 if 0xB0 <= lead <= 0xD7 else 0.9 if lead in (0xA1, 0xA3) else 0.2


def _big5(lead: int, trail: int) -> float:
    """Big5 level 1 holds the 5,401 common characters."""
    return 0.95 if 0xA4 <= lead <= 0xC6 else 0.8 if lead in (0xA1, 0xA2, 0xA3) else 0.1


def _sjis(lead: int, trail: int) -> float:
    if lead in (0x82, 0x83):
        return 1.0  # kana and Latin letters
    return 0.7 if lead == 0x81 or 0x88 <= lead <= 0x97 else 0.1


def _euc_jp(lead: int, trail: int) -> float:
    if lead in (0xA4, 0xA5):
        return 1.0  # kana
    return 0.7 if 0xB0 <= lead <= 0xCF else 0.6 if lead in (0xA1, 0xA3) else 0.1


def _korean(lead: int, trail: int) -> float:
    """Hangul in rows 16 to 40; hanja are rare in what people write today."""
    return 0.95 if 0xB0 <= lead <= 0xC8 and trail >= 0xA1 else 0.6 if lead in (0xA1, 0xA3) else 0.02


_CJK = (("gb18030", _gb), ("big5hkscs", _big5), ("cp932", _sjis), ("euc_jp", _euc_jp), ("cp949", _korean))


def detect(data: bytes) -> str:
    """The name of a codec for bytes that are no UTF-8, or an empty text when nothing is likely."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return codec
    sample = data[:_SAMPLE]
    if b"\x1b$" in sample or b"\x1b(J" in sample:
        return "jis"
    high = sum(1 for byte in sample if byte >= 0x80)
    if not high:
        return ""
    score, codec = max(((_score(sample, name, weigh), name) for name, weigh in _CJK), key=lambda item: item[0])
    if score >= _SURE and not _looks_single(sample, high):
        return codec
    if high < 8 and len(sample) < 100:
        return _short(sample, high)
    best = from_bytes(sample, cp_isolation=list(_SINGLE_BYTE), steps=5, chunk_size=512).best()
    return best.encoding if best else "cp1252"


def _looks_single(sample: bytes, high: int) -> bool:
    """High bytes standing alone between letters are accents, not halves of characters."""
    lone = sum(
        1
        for index in range(1, len(sample) - 1)
        if sample[index] >= 0x80 and sample[index - 1] < 0x80 and sample[index + 1] < 0x80
    )
    return lone * 2 > high


def _short(sample: bytes, high: int) -> str:
    """Too little for statistics: Cyrillic when the letters are mostly high bytes, else Western."""
    letters = high + sum(1 for byte in sample if chr(byte).isascii() and chr(byte).isalpha())
    if high < 3 or high * 3 < letters * 2:
        return "cp1252"
    lower = sum(1 for byte in sample if byte >= 0xE0)
    return "cp1251" if lower * 2 >= high else "koi8_r"


def _score(sample: bytes, codec: str, weigh: object) -> float:
    """The mean weight of the double-byte characters, 0 when the bytes are not of that charset at all."""
    if not callable(weigh) or not _valid(sample, codec):
        return 0.0
    total, pairs, index = 0.0, 0, 0
    while index < len(sample) - 1:
        lead = sample[index]
        if lead < 0x80:
            index += 1
        elif codec == "cp932" and 0xA1 <= lead <= 0xDF:
            index, pairs = index + 1, pairs + 1
            total += 0.15  # half-width kana: what other charsets look like when read as Shift_JIS
        else:
            total, pairs = total + weigh(lead, sample[index + 1]), pairs + 1
            index += 2
    return total / pairs if pairs else 0.0


def _valid(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except UnicodeDecodeError as wrong:
        return wrong.start >= len(sample) - 4 and len(sample) == _SAMPLE  # cut by us in mid-character
    return True
