"""What songs are called: after their files, and each differently from the others.

Names are kept and compared in NFC, in which "ü" is one letter: some systems and programs write it as two.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence

_LETTER = r"[^\W\d_]"
_TRACK_NUMBER = re.compile(
    r"^\s*(?:"
    r"0\d{1,2}\s*[-_.)]+"  # 03 - Waltz, 01_Intro, 007.Theme
    r"|0\d\s"  # 03 Waltz
    r"|\d{1,3}(?:\s+[-–—_]+\s|\s*\))"  # 12 - Waltz, 12) Waltz; but 12-Bar Blues
    rf"|\d[-_]+(?=\s*{_LETTER})(?!\s*[a-zß-öø-ÿа-я])"  # 1-Korobeiniki; but 9-to-5
    rf")(?=.*{_LETTER})"
)


def song_name(path: str | os.PathLike[str]) -> str:
    """A name to show: the file's, in NFC, without extension, leading track number, dashes and control characters.

    A number is a track's if it begins with 0, or stands before a dash between spaces or a bracket, or is a single
    digit before a capital; every other is the title's, as in "99 Luftballons" and "12-Bar Blues".  Dashes between
    words are taken for spaces where there are no spaces.
    """
    stem = unicodedata.normalize("NFC", os.path.splitext(os.path.basename(os.fspath(path)))[0])
    printable = "".join(letter if letter.isprintable() else " " for letter in stem)
    title = _TRACK_NUMBER.sub("", printable, count=1).strip()
    dashes = r"(?<!\w)[-_]+|[-_]+(?!\w)|_" if " " in title else r"[-_]+"  # between words that have no spaces
    return " ".join(re.sub(dashes, " ", title).split())[:80] or "Untitled"


def comparable(name: str) -> str:
    """A name as it is compared: without regard to case, to how accents are written, or to what UTF-8 can't hold."""
    if name.isascii():
        return name.strip().casefold()
    text = name.encode("utf-8", "replace").decode().strip()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each different from the others without regard to case: the second "Song" is "Song (2)".

    Whoever is alone with a name keeps it: where there is a "Song (2)" already, the second "Song" is "Song (3)".
    """
    compared = [comparable(name) for name in names]
    taken = set(compared)
    if len(taken) == len(names):
        return tuple(names)  # as they usually are
    return tuple(_told_apart(names, compared, taken))


def _told_apart(names: Sequence[str], compared: Sequence[str], taken: set[str]) -> Iterator[str]:
    number_of: dict[str, int] = {}
    for name, plain in zip(names, compared, strict=True):
        if plain not in number_of:
            number_of[plain] = 1
            yield name
            continue
        number_of[plain] += 1
        while f"{plain} ({number_of[plain]})" in taken:
            number_of[plain] += 1
        taken.add(f"{plain} ({number_of[plain]})")
        yield f"{name} ({number_of[plain]})"


def names_listed(names: Sequence[str], most: int = 50) -> str:
    """The names of songs in one line, cut short where there are too many to read."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
