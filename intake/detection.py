"""Guessing the charset of bytes nobody labelled well, by the characters its readers use most; a library for the rest."""

from collections.abc import Callable

from charset_normalizer import from_bytes

_SAMPLE = 8_000  # bytes looked at
_BOMS = ((b"\xef\xbb\xbf", "utf_8_sig"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16"))
_LIKELY, _EVIDENT = 0.5, 0.6
_FEW = 4  # high bytes that say nothing yet
_ENOUGH = 100  # bytes a statistical guess needs
_STATISTICAL = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp1251", "cp1253", "cp866")

# The characters seen most in running text of each language cover about half of it.
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种"
    "事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实请快修机故障坏调空水电"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種"
    "事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實請快修機故障壞調空水電"
)
_HANGUL = (
    "이다는을의가에하고지도로사한은기나니어자리시아있것를그해서대인수들라일여정만보으게거스소부전주습요안과신장제구공상"
    "원동세무비오조성미선마중우개계까와내했발면경실위러했드트연유"
)
_KANA_ETC = "日本人一大年中出会事者社行上分生自場国部見方前学後間手業新物設備故障修理"
_RUSSIAN, _GREEK, _HEBREW, _ARABIC, _THAI = (
    "оеаинтсрвл",
    "αοιετσνηυρ",
    "יוהלארתבםש",
    "اليمونرتبة",
    "านรอกเงมยล่วดท",
)
_LETTERS = (
    ("cp1251", _RUSSIAN),
    ("koi8_r", _RUSSIAN),
    ("cp866", _RUSSIAN),
    ("cp1253", _GREEK),
    ("cp1255", _HEBREW),
    ("cp1256", _ARABIC),
    ("cp874", _THAI),
)


def _gb(lead: int, trail: int) -> float:
    """GB 2312 has the 3,755 common characters in rows 16 to 55, punctuation in 1 and 3; GBK fills the gaps."""
    if trail < 0xA1:
        return 0.3
    return 0.7 if 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3) else 0.15


def _big5(lead: int, trail: int) -> float:
    """Big5 level 1 holds the 5,401 common characters."""
    return 0.7 if 0xA1 <= lead <= 0xC6 else 0.1


def _sjis(lead: int, trail: int) -> float:
    if lead in (0x82, 0x83):
        return 1.0  # kana and Latin letters
    return 0.7 if lead == 0x81 or 0x88 <= lead <= 0x97 else 0.1


def _euc_jp(lead: int, trail: int) -> float:
    if lead in (0xA4, 0xA5):
        return 1.0  # kana
    return 0.6 if 0xB0 <= lead <= 0xCF or lead in (0xA1, 0xA3) else 0.1


def _korean(lead: int, trail: int) -> float:
    """Hangul in rows 16 to 40; hanja are rare in what people write today."""
    return 0.65 if 0xB0 <= lead <= 0xC8 and trail >= 0xA1 else 0.5 if lead in (0xA1, 0xA3) else 0.02


Weigh = Callable[[int, int], float]
_CJK: tuple[tuple[str, Weigh, frozenset[str]], ...] = (
    ("gb18030", _gb, frozenset(_SIMPLIFIED + _TRADITIONAL)),
    ("big5hkscs", _big5, frozenset(_TRADITIONAL)),
    ("cp932", _sjis, frozenset(_KANA_ETC)),
    ("euc_jp", _euc_jp, frozenset(_KANA_ETC)),
    ("cp949", _korean, frozenset(_HANGUL)),
)


def detect(data: bytes) -> str:
    """The name of a codec for bytes that are no UTF-8, or an empty text when nothing is likely."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return codec
    sample = data[:_SAMPLE]
    if not any(byte >= 0x80 for byte in sample):
        return ""
    if codec := detect_foreign(data, _LIKELY):
        return codec
    if len(sample) < _ENOUGH:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=list(_STATISTICAL), steps=5, chunk_size=512).best()
    return best.encoding if best else "cp1252"


def detect_foreign(data: bytes, least: float = _EVIDENT) -> str:
    """A codec of letters beyond the Latin ones when the bytes evidently are of it, else an empty text."""
    sample = data[:_SAMPLE]
    high = sum(1 for byte in sample if byte >= 0x80)
    if high < _FEW or _looks_western(sample, high):
        return ""
    found = [(_doubles(sample, *each), each[0]) for each in _CJK] + [
        (_singles(sample, *each), each[0]) for each in _LETTERS
    ]
    score, codec = max(found, key=lambda item: item[0])
    return codec if score >= least else ""


def _looks_western(sample: bytes, high: int) -> bool:
    """High bytes standing alone between letters are accents, not halves of characters."""
    lone = sum(
        1
        for index in range(1, len(sample) - 1)
        if sample[index] >= 0x80 and sample[index - 1] < 0x80 and sample[index + 1] < 0x80
    )
    return lone * 2 > high


def _doubles(sample: bytes, codec: str, weigh: Weigh, common: frozenset[str]) -> float:
    """The mean weight of the double-byte characters, 0 when the bytes are not of that charset at all."""
    text = _decoded(sample, codec)
    if text is None:
        return 0.0
    total, pairs, index = 0.0, 0, 0
    while index < len(sample) - 1:
        lead = sample[index]
        if lead < 0x80:
            index += 1
            continue
        pairs += 1
        if codec == "cp932" and 0xA1 <= lead <= 0xDF:
            index, total = (
                index + 1,
                total + 0.1,
            )  # half-width kana: what other charsets look like in Shift_JIS
        else:
            index, total = index + 2, total + weigh(lead, sample[index + 1])
    known = sum(1 for char in text if char in common)
    return (total + 0.4 * known) / pairs if pairs else 0.0


def _singles(sample: bytes, codec: str, common: str) -> float:
    """The share of its ten most frequent letters among the high bytes, lower case as most letters are."""
    text = _decoded(sample, codec)
    if text is None:
        return 0.0
    high = [char for char in text if char > "\x7f"]
    return sum(1 for char in high if char in common) / len(high) if high else 0.0


def _decoded(sample: bytes, codec: str) -> str | None:
    try:
        return sample.decode(codec)
    except UnicodeDecodeError as wrong:
        cut = wrong.start >= len(sample) - 4 and len(sample) == _SAMPLE  # by us, in mid-character
        return sample[: wrong.start].decode(codec) if cut else None
