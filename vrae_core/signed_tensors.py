"""safetensors files that are signed whole: one flipped bit anywhere, in a setting or a weight, is noticed.

The metadata begin with the SHA-256 of the whole file, taken while 64 zeros stand in its place.  Files of before have
none; they are known by the metadata they had, so that a damaged file is not taken for one of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from typing import Any

import safetensors
import safetensors.numpy

SIGNATURE = "content_sha256"
_BEFORE, _UNSIGNED = f'"{SIGNATURE}":"'.encode(), b"0" * 64


def signed_tensors(tensors: Mapping[str, Any], metadata: Mapping[str, str]) -> bytes:
    """Arrays and what is said of them as a safetensors file, the same bytes for the same content."""
    data = safetensors.numpy.save(dict(tensors))
    end = 8 + int.from_bytes(data[:8], "little")
    header = {"__metadata__": {SIGNATURE: _UNSIGNED.decode(), **metadata}, **json.loads(data[8:end])}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight bytes
    length = len(text).to_bytes(8, "little")
    at = text.index(_BEFORE) + len(_BEFORE)
    sha = hashlib.sha256(length + text)
    sha.update(memoryview(data)[end:])
    return b"".join((length, text[:at], sha.hexdigest().encode(), text[at + 64 :], memoryview(data)[end:]))


def tensors_of(data: bytes) -> dict[str, Any]:
    """The arrays of a safetensors file.  Raises: ValueError, in words."""
    try:
        return safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError):
        raise ValueError("its tensors are not as its header says") from None


def is_signed(data: bytes, metadata: Mapping[str, str], of_before: Set[str]) -> bool:
    """Whether a file is signed.  Raises: ValueError, in words, if it is not as it was saved.

    of_before: the metadata that files had before there were signatures.
    """
    said = metadata.get(SIGNATURE)
    if said is None and metadata.keys() <= of_before:
        return False
    at = data.find(_BEFORE) + len(_BEFORE)
    sha = hashlib.sha256(memoryview(data)[:at])
    sha.update(_UNSIGNED)
    sha.update(memoryview(data)[at + 64 :])
    if said is None or data[at : at + 64] != said.encode() or said != sha.hexdigest():
        raise ValueError("it is not as it was saved")
    return True
