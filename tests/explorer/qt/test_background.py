"""Jobs in threads, as the window sees them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from explorer.qt import background
from explorer.qt.background import NewestWins, Worker
from vrae_core.errors import CorpusError
from vrae_core.progress import Progress


@pytest.fixture(autouse=True)
def nothing_goes_on(qtbot: QtBot) -> Iterator[None]:
    yield
    background.cancel_all()
    qtbot.waitUntil(lambda: not background.anything_running())


def counting(steps: int) -> Generator[Progress, None, int]:
    for step in range(steps):
        yield Progress(step, steps)
    return steps


class Endless:
    """A job that goes on until it is closed, and knows where."""

    def __init__(self) -> None:
        self.steps = 0
        self.closed_in: int | None = None

    def run(self) -> Generator[int, None, None]:
        try:
            while True:
                self.steps += 1
                yield self.steps
                time.sleep(0.001)
        finally:
            self.closed_in = threading.get_ident()


def gathered(worker: Worker) -> list[tuple[str, object]]:
    """A list that fills with what the worker signals."""
    signals: list[tuple[str, object]] = []
    worker.progressed.connect(lambda value: signals.append(("progressed", value)))
    worker.returned.connect(lambda value: signals.append(("returned", value)))
    worker.failed.connect(lambda sentence: signals.append(("failed", sentence)))
    worker.finished.connect(lambda: signals.append(("finished", None)))
    return signals


def test_a_job_returns_its_result_after_its_last_progress(qtbot: QtBot) -> None:
    worker = Worker(counting(3))
    signals = gathered(worker)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    assert signals[-3:] == [("progressed", Progress(2, 3)), ("returned", 3), ("finished", None)]
    assert not worker.running


def test_a_fast_job_does_not_flood_the_window(qtbot: QtBot) -> None:
    worker = Worker(counting(50_000))
    signals = gathered(worker)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    assert sum(name == "progressed" for name, _ in signals) < 500
    assert signals[-3] == ("progressed", Progress(49_999, 50_000))


def test_the_newest_progress_is_shown_while_a_slow_step_goes_on(qtbot: QtBot) -> None:
    go_on = threading.Event()

    def job() -> Generator[str, None, None]:
        yield "opening"
        yield "the slow part"
        go_on.wait(60)

    worker = Worker(job())
    signals = gathered(worker)
    worker.start()
    qtbot.waitUntil(lambda: ("progressed", "the slow part") in signals)
    go_on.set()
    qtbot.waitSignal(worker.finished).wait()


def test_progress_of_another_kind_is_never_skipped(qtbot: QtBot) -> None:
    def job() -> Generator[object, None, None]:
        yield "the corpus"
        yield from range(100)
        yield "the end"

    worker = Worker(job())
    signals = gathered(worker)
    with qtbot.waitSignal(worker.finished):
        worker.start()
    shown = [value for name, value in signals if name == "progressed"]
    assert shown[0] == "the corpus"
    assert shown[-2:] == [99, "the end"]


def test_signals_arrive_in_the_thread_of_the_window_even_for_a_lambda(qtbot: QtBot) -> None:
    seen: set[int] = set()
    worker = Worker(counting(3))
    for signal in (worker.progressed, worker.returned):
        signal.connect(lambda _: seen.add(threading.get_ident()))
    newest = NewestWins(lambda request: request)
    newest.answered.connect(lambda *_: seen.add(threading.get_ident()))
    with qtbot.waitSignals([worker.finished, newest.answered]):
        worker.start()
        newest.ask(1)
    assert seen == {threading.get_ident()}


def test_cancelling_closes_the_job_in_its_own_thread_and_returns_nothing(qtbot: QtBot) -> None:
    job = Endless()
    worker = Worker(job.run())
    signals = gathered(worker)
    worker.start()
    qtbot.waitUntil(lambda: job.steps > 3)
    with qtbot.waitSignal(worker.finished):
        worker.cancel()
    assert job.closed_in not in (None, threading.get_ident())
    assert {name for name, _ in signals} <= {"progressed", "finished"}


def test_a_paused_job_stands_still_and_goes_on_when_resumed(qtbot: QtBot) -> None:
    job = Endless()
    worker = Worker(job.run())
    worker.start()
    qtbot.waitUntil(lambda: job.steps > 3)
    worker.pause()
    assert worker.paused
    stood_at = job.steps
    qtbot.wait(70)
    assert job.steps <= stood_at + 1, "the step that was under way"
    worker.resume()
    qtbot.waitUntil(lambda: job.steps > stood_at)
    worker.cancel()


def test_a_paused_job_can_be_cancelled(qtbot: QtBot) -> None:
    job = Endless()
    worker = Worker(job.run())
    worker.start()
    qtbot.waitUntil(lambda: job.steps > 3)
    worker.pause()
    with qtbot.waitSignal(worker.finished):
        worker.cancel()
    assert job.closed_in is not None


def test_an_error_meant_for_the_user_is_told_in_its_own_words(qtbot: QtBot) -> None:
    def job() -> Generator[None, None, None]:
        yield
        raise CorpusError("the songs are too short")

    worker = Worker(job())
    with qtbot.waitSignal(worker.failed) as failed:
        worker.start()
    assert failed.args == ["the songs are too short"]


def test_a_fault_of_ours_is_told_plainly_and_logged_in_full(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def job() -> Generator[None, None, None]:
        yield
        raise KeyError("pitch")

    worker = Worker(job())
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(worker.failed) as failed:
        worker.start()
    assert "a fault in VRAE Explorer" in failed.args[0]
    assert "Traceback" in caplog.text


def test_a_job_that_fails_to_close_says_so_even_when_cancelled(qtbot: QtBot) -> None:
    def job() -> Generator[None, None, None]:
        try:
            while True:
                yield
        finally:
            raise CorpusError("the checkpoint cannot be written")

    worker = Worker(job())
    with qtbot.waitSignal(worker.progressed):
        worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.cancel()
    assert failed.args == ["the checkpoint cannot be written"]


def test_a_worker_nobody_holds_runs_to_its_end(qtbot: QtBot) -> None:
    results: list[int] = []

    def begin() -> None:
        worker = Worker(counting(1000))
        worker.returned.connect(results.append)
        worker.start()

    begin()
    qtbot.waitUntil(lambda: results == [1000])


def test_only_the_newest_of_the_waiting_requests_is_answered(qtbot: QtBot) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: int) -> int:
        begun.set()
        go_on.wait(60)
        return request * 10

    newest = NewestWins(slow)
    answers: list[tuple[int, int]] = []
    newest.answered.connect(lambda request, result: answers.append((request, result)))
    newest.ask(1)
    begun.wait(60)
    for request in range(2, 100):
        newest.ask(request)
    go_on.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers == [(1, 10), (99, 990)]


def test_a_request_that_fails_is_told_and_the_next_is_answered(qtbot: QtBot) -> None:
    def halve(request: int) -> int:
        if request % 2:
            raise CorpusError("odd")
        return request // 2

    newest = NewestWins(halve)
    with qtbot.waitSignal(newest.failed) as failed:
        newest.ask(3)
    assert failed.args == [3, "odd"]
    with qtbot.waitSignal(newest.answered) as answered:
        newest.ask(4)
    assert answered.args == [4, 2]


def test_many_requests_from_a_hand_never_lose_the_last(qtbot: QtBot) -> None:
    newest = NewestWins(lambda request: request)
    answers: list[int] = []
    newest.answered.connect(lambda request, _: answers.append(request))
    for request in range(2000):
        newest.ask(request)
        if request % 50 == 0:
            qtbot.wait(1)
    qtbot.waitUntil(lambda: bool(answers) and answers[-1] == 1999)
    assert answers == sorted(answers)


def test_everything_can_be_ended_together(qtbot: QtBot) -> None:
    workers = [Worker(Endless().run()) for _ in range(3)]
    newest = NewestWins(lambda request: request)
    newest.ask(1)
    for worker in workers:
        worker.start()
    assert background.anything_running()
    background.cancel_all()
    assert background.wait_for_all(60)
    assert not background.anything_running()


def test_what_was_never_asked_does_not_begin_once_all_has_been_ended(qtbot: QtBot) -> None:
    newest = NewestWins(lambda request: request)
    background.cancel_all()
    newest.ask(1)
    assert not newest.running
    assert not background.anything_running()


def test_waiting_for_a_job_that_does_not_yield_gives_up_in_time(qtbot: QtBot) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def stubborn() -> Generator[None, None, None]:
        begun.set()
        go_on.wait(60)
        yield

    Worker(stubborn()).start()
    begun.wait(60)
    background.cancel_all()
    ended = background.wait_for_all(0.01)
    go_on.set()
    assert not ended
    assert background.wait_for_all(60)
