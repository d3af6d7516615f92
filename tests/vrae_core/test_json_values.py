"""JSON from outside: what is wrong with it is said in words, by the name of the key."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta

from vrae_core.json_values import Natural, Share, converted, parsed, refuse_unknown


@dataclass(frozen=True)
class Part:
    size: Natural = 1
    share: Share = 0.0
    cell: Literal["tanh", "gru"] = "tanh"
    clip: float | None = None
    pair: tuple[Share, Share] = (0.0, 0.0)
    on: bool = False

    def __post_init__(self) -> None:
        if self.size == 13:
            raise ValueError("a size of 13 is unlucky")


@dataclass(frozen=True)
class Whole:
    name: Annotated[str, Meta(max_length=3)]
    part: Part
    parts: Annotated[tuple[Part, ...], Meta(max_length=2)] = ()
    counts: dict[str, int] = field(default_factory=dict)


def test_what_fits_comes_back_with_defaults_for_what_is_not_there():
    values = {"name": "a", "part": {"share": 1, "pair": [0, 1]}, "parts": [{}], "more": 1}
    assert converted(values, Whole) == Whole("a", Part(share=1.0, pair=(0.0, 1.0)), (Part(),))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": 4}, "name must be text, not a whole number"),
        ({"name": "long"}, "name must have at most 3 entries or letters"),
        ({"part": {"size": 0}}, "size must be at least 1"),
        ({"part": {"size": 2.0}}, "size must be a whole number, not a number"),
        ({"part": {"size": True}}, "size must be a whole number, not true or false"),
        ({"part": {"size": 13}}, "a size of 13 is unlucky"),
        ({"part": {"size": 10**400}}, "size must be at most 9,223,372,036,854,775,807"),
        ({"part": {"share": math.nan}}, "share must be at least 0"),
        ({"part": {"share": math.inf}}, "share must be at most 1"),
        ({"part": {"share": 10**400}}, "share is out of range"),
        ({"part": {"cell": "pickle"}}, "cell is 'pickle', which it cannot be"),
        ({"part": {"clip": "a"}}, "clip must be a number or null, not text"),
        ({"part": {"pair": [1]}}, "pair must have 2 entries or letters"),
        ({"part": {"pair": [0, -1]}}, "number 2 of pair must be at least 0"),
        ({"part": 3}, "part must be a table of names and values, not a whole number"),
        ({"parts": [{}, {"size": -1}]}, "size in number 2 of parts must be at least 1"),
        ({"parts": [{}] * 3}, "parts must have at most 2 entries or letters"),
        ({"counts": {"a": "b"}}, "one of counts must be a whole number, not text"),
    ],
)
def test_what_does_not_is_said_by_its_key(change, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        converted({"name": "a", "part": {}} | change, Whole)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "a"}, "part is missing"),
        (3, "it must be a table of names and values, not a whole number"),
        ([], "it must be a table of names and values, not a list"),
        (None, "it must be a table of names and values, not null"),
    ],
)
def test_what_is_not_there_is_named(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        converted(values, Whole)


def test_names_that_a_type_has_not_can_be_refused():
    refuse_unknown({"size": 1}, Part)
    with pytest.raises(ValueError, match=r"does not know: a\?b, colour"):
        refuse_unknown({"size": 1, "colour": 2, "a\nb": 3}, Part)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000, "nonsense"])
def test_a_text_that_is_no_json_is_refused_in_words(text):
    with pytest.raises(ValueError, match="its text is not JSON"):
        parsed(text)


_AT_ONCE = """
import sys, threading
from dataclasses import make_dataclass
from typing import Annotated
from msgspec import Meta
from vrae_core.json_values import converted

sys.setswitchinterval(1e-6)
for _ in range(100):
    bounded = [(f"x{i}", Annotated[float, Meta(ge=0, le=1 + i)]) for i in range(6)]
    inner = make_dataclass("Inner", bounded, frozen=True)
    parts = [("a", tuple[inner, ...]), ("b", inner), ("c", dict[str, inner]), ("d", int | None)]
    kind = make_dataclass("Kind", parts, frozen=True)
    one = dict.fromkeys([f"x{i}" for i in range(6)], 0.5)
    values = {"a": [one] * 3, "b": one, "c": {"k": one}, "d": 1}
    threads = [threading.Thread(target=converted, args=(values, kind)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_that_ask_for_a_new_kind_at_once_do_not_crash_the_process():
    subprocess.run([sys.executable, "-c", _AT_ONCE], check=True, cwd=Path(__file__).parents[2])
