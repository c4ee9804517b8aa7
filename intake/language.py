"""The language somebody writes in, as far as it decides which of ours to answer in: by its letters."""

HAN = range(0x4E00, 0xA000)
KANA = range(0x3040, 0x3100)
MOST = 4000


def tongue(text: str) -> str:
    """`zh` for a text with Han letters and no kana, `en` for any other text, empty when there is none."""
    sample = text[:MOST]
    han = sum(ord(char) in HAN for char in sample)
    kana = sum(ord(char) in KANA for char in sample)
    letters = sum(char.isalpha() for char in sample)
    if not letters:
        return ""
    return "zh" if han * 8 > letters and kana * 10 < han else "en"
