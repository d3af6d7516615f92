"""A short dose of what `make faults` gives in a long one."""

from __future__ import annotations

import doses
import pytest
from kinds import KINDS, WRITERS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_altered_file_is_refused_in_a_sentence_or_read_and_what_is_signed_is_read_as_written(tmp_path, kind):
    assert doses.alter(kind, tmp_path, times=150, seed=4).faults == []


@pytest.mark.parametrize(("name", "file", "write"), WRITERS, ids=[name for name, *_ in WRITERS])
def test_a_full_disk_costs_a_sentence_and_no_old_file(tmp_path, name, file, write):
    assert doses.fill(name, file, write, tmp_path).faults == []
