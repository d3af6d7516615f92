"""Pictures to print, PNG or SVG: one style, drawn without a screen, written whole or not at all."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vrae_core.errors import FileError
from vrae_core.safe_files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#22252b"
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: searchable, editable
    "svg.hashsalt": "vrae",  # the same picture gives the same file
    "text.color": INK,
    "font.size": 10.0,
}


def save_picture(path: str | os.PathLike[str], title: str, draw: Callable[[], Figure]) -> None:
    """Save what ``draw`` draws as PNG (300 dots an inch) or SVG, by the path's suffix; the title goes into the file.

    Raises: FileError if the suffix is neither .png nor .svg or the file cannot be written.
    """
    form = picture_format(path)
    import matplotlib as mpl  # noqa: PLC0415 - 0.3 s to import

    with mpl.rc_context(_STYLE):
        figure = draw()
        picture = io.BytesIO()
        metadata = {"Title": plain(title, 200)} | ({"Date": None} if form == "svg" else {})
        with warnings.catch_warnings():  # a name in a script that the font lacks shows as boxes
            warnings.filterwarnings("ignore", message="Glyph")
            figure.savefig(picture, format=form, dpi=300, facecolor="white", metadata=metadata)
    write_atomically(path, picture.getvalue())


def picture_format(path: str | os.PathLike[str]) -> str:
    """ "png" or "svg", by the suffix.  Raises: FileError for any other."""
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg"):
        raise FileError(path, "must end in .png or .svg, the two kinds of picture that can be written")
    return suffix[1:]


def plain(text: str, most: int = 32) -> str:
    """A name fit for a picture: one line, no characters that SVG or a font cannot hold, not too long."""
    shown = "".join(c if c.isprintable() else " " for c in text).strip() or "(no name)"
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"
