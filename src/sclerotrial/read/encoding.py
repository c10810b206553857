"""The encoding of a text, told by its bytes: marks, zeros, then which reading is a language."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

#: codecs of one byte a character, in the order in which equals are settled, and their names
SINGLE = {"cp1252": "Windows-1252", "iso8859-15": "ISO-8859-15", "mac_roman": "MacRoman"}
#: characters beyond ASCII that are looked at, at most
_MOST = 3000
_PIECE = 1 << 22
_NAMES = {*SINGLE.values(), "Latin-1"}
_HIGH = re.compile(rb"[\x80-\xff]")
_UTF8_MULTI = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_SYMBOLS = set("µ°±²³€£§®™«»½¼¾×÷·–—‘’“”„…†‰•") | {"\u00a0"}
_RARE = set("šžðþýÿŸŽŠÐÞÝ¦¨´¸¬¤¢¥¿¡ªº¹¶ƒˆ˜‡‹›")
_UNITS = set("gGlLmMUsSVAkI")


def decode_bytes(content: bytes) -> tuple[str | None, str, str]:
    """Decode by content.

    Byte-order marks are obeyed; UTF-16 without one is told by its zeros; UTF-8 must be valid
    throughout. Else the text is of one byte a character: Windows-1252 (which holds ISO-8859-1),
    ISO-8859-15 or MacRoman, whichever reads most like words, units and quotes. Equal ones are
    taken for Windows-1252.

    Returns
    -------
    (text or None, name of the encoding, what is doubtful about it)
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return _strict(content, "utf-8-sig", "UTF-8 with BOM")
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return _strict(content, "utf-32", "UTF-32")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16", "UTF-16")
    if len(content) % 2 == 0:
        for start, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
            half = content[start:400:2]
            if half.count(0) > len(half) * 0.7:
                return _strict(content, codec, "UTF-16")
    try:
        return content.decode("utf-8"), "UTF-8", ""
    except UnicodeDecodeError:
        return _single(content)


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8 throughout, told piece by piece."""
    if content.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(content), _PIECE):
            decoder.decode(content[begin : begin + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def single_codec(contents: Iterable[bytes]) -> str:
    """Name of the encoding of one byte a character that texts of one origin share; '' for UTF.

    Together they tell what a text with few such characters leaves open.
    """
    odd = [c for c in contents if _HIGH.search(c) and decode_bytes(c)[1] in _NAMES]
    return _single(b"\n".join(odd))[1] if odd else ""


def _strict(content: bytes, codec: str, name: str) -> tuple[str | None, str, str]:
    try:
        text = content.decode(codec)
        if "\ufeff" in text:  # programs that write text in parts put the mark before each
            return text.replace("\ufeff", ""), f"{name}, marks within", ""
        return text, name, ""
    except UnicodeDecodeError:
        return None, "", ""


def _single(content: bytes) -> tuple[str | None, str, str]:
    doubt = _mixture(content)
    places = [m.start() for _, m in zip(range(_MOST), _HIGH.finditer(content), strict=False)]
    only_cr = b"\r" in content and b"\n" not in content
    best, found = None, ""
    for codec in SINGLE:
        score = 1 if codec == "mac_roman" and only_cr else 0
        try:
            content.decode(codec)
        except UnicodeDecodeError:
            continue
        for at in places:
            score += _plausible(content[max(at - 1, 0) : at + 2].decode(codec), at > 0)
        if codec == "iso8859-15" and any(0x80 <= content[at] < 0xA0 for at in places):
            continue  # control characters: it is another one
        if best is None or score > best:
            best, found = score, codec
    if not found or (best is not None and best <= 0 and found != "cp1252"):
        return content.decode("latin-1"), "Latin-1", doubt
    return content.decode(found), SINGLE[found], doubt


def _mixture(content: bytes) -> str:
    """Whether a text of one byte a character seems to be UTF-8 with foreign bytes in it."""
    multi = len(_UTF8_MULTI.findall(content))
    rest = len(_HIGH.findall(_UTF8_MULTI.sub(b"", content)))
    return "some characters are UTF-8, others are not" if multi > 3 * rest else ""


def _plausible(near: str, before: bool) -> int:
    """How much a character with its neighbours looks like writing."""
    left, sign, right = (near if before else " " + near).ljust(3)[:3]
    if sign in _SYMBOLS:
        if sign in "µ":
            return 3 if right in _UNITS and not left.isalpha() else -2
        if sign in "°":
            return 2 if left.isdigit() or left == " " or right in "CF" else 0
        if sign in "’":
            return 2 if left.isalpha() or right.isalpha() else 1
        if sign in "½¼¾×÷²³±€†‰•®©":
            return -2 if right.isalpha() else 1
        return 1
    if sign in _RARE:
        return -1
    if not sign.isalpha() or ord(sign) > 0x17F:
        return -3
    if sign.isupper():
        if left.isalpha() and left.islower():
            return -3
        return 1 if left.isalpha() or right.isalpha() else 0
    return 2 if left.isalpha() or right.isalpha() else 1
