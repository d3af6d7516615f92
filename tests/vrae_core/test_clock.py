"""Times and lengths in words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vrae_core.clock import clock, duration


def test_times_are_written_as_people_write_them() -> None:
    times = [clock(seconds) for seconds in (0, 0.05, 42.5, 67.5, 600, 3725)]
    assert times == ["0:00.0", "0:00.1", "0:42.5", "1:07.5", "10:00.0", "1:02:05.0"]
    assert [clock(seconds, 0) for seconds in (0, 42.4, 42.5, 67.5, 3725)] == ["0:00", "0:42", "0:43", "1:08", "1:02:05"]


def test_no_minute_has_sixty_seconds_and_no_hour_sixty_minutes() -> None:
    times = [clock(seconds) for seconds in (59.94, 59.96, 119.96, 3599.96)]
    assert times == ["0:59.9", "1:00.0", "2:00.0", "1:00:00.0"]
    assert [clock(seconds, 0) for seconds in (59.4, 59.5, 119.7, 3599.9)] == ["0:59", "1:00", "2:00", "1:00:00"]


@given(st.floats(0, 1e6), st.sampled_from([0, 1]))
def test_a_time_reads_back_to_the_precision_it_is_written_with(seconds: float, decimals: int) -> None:
    text = clock(seconds, decimals)
    assert re.fullmatch(r"(\d+:[0-5]\d|[1-5]?\d):[0-5]\d" + r"\.\d" * decimals, text)
    read = 0.0
    for part in text.split(":"):
        read = 60 * read + float(part)
    assert abs(read - seconds) <= 0.5 / 10**decimals + 1e-6


def test_a_length_is_told_with_its_unit() -> None:
    assert [duration(seconds) for seconds in (0, 42.5, 750, 3725)] == ["0:00 min", "0:43 min", "12:30 min", "1:02:05 h"]
