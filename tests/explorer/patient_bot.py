"""A bot that is in no hurry."""

# ruff: noqa: N802 - Qt's own names

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

PATIENCE = 120_000  # milliseconds; nothing here takes as many, but what waits 5 s would fail on a busy machine


class PatientBot(QtBot):
    """Waits for as long as the busiest machine may need: only what never comes fails."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE, **others: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **others)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE, **others: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **others)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE) -> Any:
        return super().waitExposed(widget, timeout=timeout)
