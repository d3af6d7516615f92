"""Numbers as people write them in tables: 0.5 and 0,5, 1,234.5 and 1.234,5."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_NOTHING = frozenset(("", "–", "na", "n/a", "#n/a", "nan", "null", "none", "inf", "infinity"))
_EXPONENT = r"(?:[eE][+-]?\d{1,4})?"
_PLAIN = re.compile(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}", re.ASCII)
_WITH_POINT = re.compile(rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|\d*\.\d+){_EXPONENT}", re.ASCII)
_WITH_COMMA = re.compile(rf"[+-]?(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d*)?|\d*,\d+){_EXPONENT}", re.ASCII)  # turned round
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)  # 1,234 and 1.234: a thousand, or one and something


def read_decimals(texts: Sequence[str], comma_separates: bool) -> list[float | None]:
    """The numbers of a column: NaN for nothing and what is not finite, None for what is no number.

    1,234 is 1.234 where others of the column have a decimal comma or cells are not separated by commas, 1234 where
    others have a decimal point, and else ∞, for nobody can tell; so is 1.234 among decimal commas.
    """
    if not any("," in text for text in texts):
        return list(map(_number, texts))
    certain = [text for text in texts if not _EITHER.fullmatch(text)]
    points, commas = (any(map(form.fullmatch, certain)) for form in (_WITH_POINT, _WITH_COMMA))
    return [_of_a_column(text, points, commas, comma_separates) for text in texts]


def _of_a_column(text: str, points: bool, commas: bool, comma_separates: bool) -> float | None:
    if not _EITHER.fullmatch(text):
        turned = text.translate({ord(","): ".", ord("."): ","})
        return _number(text if _PLAIN.fullmatch(text) or _WITH_POINT.fullmatch(text) else turned)
    if points and commas:
        return math.inf
    if "." in text:
        return math.inf if commas else float(text)
    if points:
        return float(text.replace(",", ""))
    return math.inf if comma_separates and not commas else float(text.replace(",", "."))


def _number(text: str) -> float | None:
    """A number with a decimal point, and perhaps commas between its thousands."""
    if _PLAIN.fullmatch(text) or _WITH_POINT.fullmatch(text):
        value = float(text.replace(",", ""))
        return value if abs(value) < 1e30 else math.nan
    return math.nan if text.casefold().lstrip("+-") in _NOTHING else None
