"""The figures of two models in two columns, and how alike the two see the songs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from explorer.widgets.labels import Label, as_tooltip
from vrae_core.side_by_side import MEANINGS, SHARED_MEANING, SideBySide


class FiguresTable(QFrame):
    """The two models' figures, a line each."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, name in ((1, "A"), (2, "B")):
            grid.addWidget(Label(name, "small"), 0, column, right)
            grid.setColumnMinimumWidth(column, 58)
        self.values: dict[str, tuple[Label, Label]] = {}
        shown = {key: words for key, words in MEANINGS.items() if key not in ("kl", "threshold")}
        for row, (key, (name, meaning)) in enumerate(shown.items(), 1):
            heading = Label(name, "muted")
            heading.setToolTip(meaning)
            self.values[key] = Label("–"), Label("–")
            grid.addWidget(heading, row, 0)
            for column, value in enumerate(self.values[key], 1):
                grid.addWidget(value, row, column, right)
        heading, self.shared, self.residual = Label("Shared neighbours", "muted"), Label("–"), Label("–")
        heading.setToolTip(as_tooltip(SHARED_MEANING[0].upper() + SHARED_MEANING[1:]))
        left_over = Label("Alignment residual", "muted")
        left_over.setToolTip("The share of A's map's spread that B's, laid onto it, does not explain: 0 is one shape")
        self.note = Label("", "small")
        self.note.setWordWrap(True)
        for row, (name, value) in enumerate(((heading, self.shared), (left_over, self.residual)), len(shown) + 1):
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1, 1, 2, right)
        grid.addWidget(self.note, len(shown) + 3, 0, 1, 3)

    def show_figures(self, found: SideBySide | None, residual: float | None) -> None:
        """Show what is known so far; ``residual``: what aligning leaves, None if there is no second model."""
        both = (None, None) if found is None else (found.first, found.second)
        for key, labels in self.values.items():
            for label, figures in zip(labels, both, strict=True):
                label.setText("–" if figures is None else _shown(getattr(figures, key)))
        self.shared.setText("–" if found is None else f"{found.shared_neighbours:.0%}")
        self.residual.setText("–" if residual is None else f"{residual:.0%}")
        if found is not None:
            few = "" if found.measured == found.windows else f", {found.measured:,} of them measured"
            self.note.setText(f"By chance {found.shared_by_chance:.1%} are shared. {found.windows:,} windows{few}.")
        else:
            self.note.setText("" if residual is None else "Being measured…")


def _shown(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if isinstance(value, float) else str(value)
