"""JSON from outside: parsed, and checked against the types that a file's values must have.

A type says its bounds itself, as in ``Annotated[int, Meta(ge=1, le=16_384)]``; msgspec checks them, and what it finds
is said here in words.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from msgspec import Meta

T = TypeVar("T")

Share = Annotated[float, Meta(ge=0, le=1)]
Whole = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
Natural = Annotated[int, Meta(ge=1, le=(1 << 63) - 1)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\ud800-\udfff]*\Z")]  # half a pair of surrogates is none

# msgspec looks at a kind the first time that it is asked for; two threads that ask for it at once crash the process.
_ONE_AT_A_TIME = threading.RLock()
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table of names and values",
}
_BOUNDS = {">=": "at least ", "<=": "at most ", ">": "more than ", "<": "less than ", "": ""}


def parsed(text: bytes | str) -> Any:
    """The values that a JSON text holds.  Raises: ValueError, in words, if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its text is not JSON") from None


def converted(values: Any, kind: type[T]) -> T:
    """Parsed values as ``kind``: each of the type and within the bounds that it says.

    What has a default may be missing, and names that ``kind`` has not are passed over.
    Raises: ValueError whose text names the key, and completes the sentence "… is damaged: ".
    """
    try:
        with _ONE_AT_A_TIME:
            return msgspec.convert(values, kind)
    except msgspec.ValidationError as problem:
        raise ValueError(_printable(_in_words(str(problem)))) from None


def valid_parts(values: Any, kind: type[Any]) -> dict[str, Any]:
    """Those of a dataclass's fields that a table has as they must be, each converted; none if it is no table."""
    types = get_type_hints(kind, include_extras=True)
    good: dict[str, Any] = {}
    for name in types.keys() & values.keys() if isinstance(values, dict) else ():
        with suppress(ValueError):
            good[name] = converted(values[name], types[name])
    return good


def refuse_missing(values: Mapping[str, Any], kind: type[Any]) -> None:
    """Raises: ValueError if a table has not all that a dataclass has, though that has a default."""
    if missing := kind.__dataclass_fields__.keys() - values.keys():
        raise ValueError(f"{min(missing)} is missing")


def refuse_unknown(values: Mapping[str, Any], kind: type[Any]) -> None:
    """Raises: ValueError if a table holds a name that a dataclass has not."""
    if unknown := sorted(set(values) - set(kind.__dataclass_fields__)):
        raise ValueError(f"it has settings that this program does not know: {_printable(', '.join(unknown[:3]))}")


def _in_words(problem: str) -> str:
    """What msgspec says, as "Expected `int` >= 1 - at `$.model.window`", as "window must be at least 1"."""
    said, _, path = problem.partition(" - at `")
    key = _key(path)
    for pattern, sentence in _SENTENCES.items():
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return sentence(key, *found.groups())
    return f"{key} is not what it must be" if "`" in said else said  # by a type that checks itself


_SENTENCES: dict[str, Callable[..., str]] = {
    r"Object missing required field `(.*)`": lambda key, name: (
        f"{name} is missing{'' if key == 'it' else f' in {key}'}"
    ),
    r"Expected `\w+` (<|>|<=|>=) (\S+)": lambda key, sign, bound: f"{key} must be {_BOUNDS[sign]}{_number(bound)}",
    r"Expected `\w+` of length (<=|>=|) ?(\d+)(?:, got .*)?": (
        lambda key, sign, bound: f"{key} must have {_BOUNDS[sign]}{_number(bound)} entries or letters"
    ),
    r"Expected `([^`]*)`, got `(\w+)`": lambda key, kinds, kind: f"{key} must be {_kinds(kinds)}, not {_kinds(kind)}",
    r"Invalid enum value (.*)": lambda key, value: f"{key} is {value[:40]}, which it cannot be",
    r"Number out of range": lambda key: f"{key} is out of range",
}


def _key(path: str) -> str:
    """The key that "$.songs[1].transpose" ends in: "transpose in number 2 of songs"."""
    key = ""
    for name, number in re.findall(r"\.([^.\[`]+)|\[(\d+|\.{3})\]", path):
        if name:
            key = f"{name} in {key}" if " of " in key else name
        else:
            key = f"{'one' if number == '...' else f'number {int(number) + 1}'} of {key or 'the list'}"
    return key or "it"


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))


def _number(text: str) -> str:
    return f"{int(text):,}" if text.lstrip("-").isdecimal() else f"{float(text):,g}"


def _printable(words: str) -> str:
    """What can be shown in one line, whatever was in the file."""
    return "".join(letter if letter.isprintable() else "?" for letter in words[:200])
