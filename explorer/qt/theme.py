"""The look: two palettes of the same structure, and the one stylesheet made from them.

Widgets that paint themselves ask their own QPalette, so a change of theme reaches them like any other:
Window is a panel, Base the darkest ground (map and rolls), AlternateBase what lies on it (cards),
Button a field, Mid a hairline, PlaceholderText muted words, Accent the one accent, Highlight a chosen button.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

FONT_FAMILIES = ["Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "Cantarell", "DejaVu Sans"]
FONT_PIXELS = 13


@dataclass(frozen=True)
class Theme:
    """Colours as hexadecimal sRGB: three tones of surface, three of text, one accent, three states."""

    ground: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    chosen: str
    on_chosen: str
    good: str
    warning: str
    bad: str


DARK = Theme(
    ground="#101217",
    panel="#191c23",
    raised="#262a34",
    line="#333845",
    text="#eceef2",
    muted="#a3a9b6",
    faint="#8b93a2",
    accent="#5bc4f1",
    on_accent="#0b1620",
    chosen="#2a6b8c",
    on_chosen="#ffffff",
    good="#86d889",
    warning="#f3c15a",
    bad="#f2867c",
)
LIGHT = Theme(
    ground="#fbfbfd",
    panel="#eff1f5",
    raised="#dfe3ea",
    line="#cbd0da",
    text="#181b21",
    muted="#4f5664",
    faint="#5d6473",
    accent="#086a9e",
    on_accent="#ffffff",
    chosen="#086a9e",
    on_chosen="#ffffff",
    good="#1e7330",
    warning="#8a5a00",
    bad="#b3261e",
)
THEMES = {"dark": DARK, "light": LIGHT}


def qpalette(theme: Theme) -> QPalette:
    """The theme as Qt's roles (see the head of this file for which is which)."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.ground,
        role.AlternateBase: theme.raised,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.faint,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.warning,
        role.Highlight: theme.chosen,
        role.HighlightedText: theme.on_chosen,
        role.Link: theme.accent,
        role.Accent: theme.accent,
        role.Mid: theme.line,
        role.Midlight: theme.line,
        role.Light: theme.raised,
        role.Dark: theme.muted,
        role.Shadow: theme.ground,
    }
    palette = QPalette()
    for each_role, colour in colours.items():
        palette.setColor(each_role, QColor(colour))
    for each_role in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each_role, QColor(theme.faint))
    return palette


def apply_theme(app: QApplication, name: str) -> None:
    """Give the whole application the "dark" or "light" look; anything else means dark."""
    theme = THEMES.get(name, DARK)
    if not app.styleSheet():  # the first time; each of these makes every widget look at itself again
        app.setStyle(QStyleFactory.create("Fusion"))
        font = app.font()
        font.setFamilies(FONT_FAMILIES)
        font.setPixelSize(FONT_PIXELS)
        app.setFont(font)
    app.setPalette(qpalette(theme))
    app.setStyleSheet(_STYLESHEET.substitute(vars(theme)))


_STYLESHEET = Template("""
QMainWindow, QDialog { background: $panel; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
QMenuBar { background: $panel; padding: 2px 8px; }
QMenuBar::item { padding: 5px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $panel; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 5px; }
QMenu::item:selected { background: $chosen; color: $on_chosen; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }

QLabel[look="caps"] { color: $muted; font-size: 11px; letter-spacing: 1px; }
QLabel[look="title"] { font-size: 16px; font-weight: 600; }
QLabel[look="muted"] { color: $muted; }
QLabel[look="small"] { color: $muted; font-size: 11px; }
QLabel[look="small"]:disabled { color: $faint; }
QLabel[look="figure"] { font-size: 20px; font-weight: 600; }
QLabel[look="warning"] { color: $warning; }
QLabel[look="bad"] { color: $bad; }
QLabel[look="good"] { color: $good; }

QTabBar { background: $panel; }
QTabBar::tab { color: $muted; background: transparent; padding: 8px 3px 7px 3px; margin: 0 13px;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected:focus { color: $accent; background: $raised; }

QPushButton, QToolButton { background: $raised; border: 1px solid transparent; border-radius: 6px;
    padding: 6px 12px; color: $text; }
QFileDialog QToolButton { padding: 5px; }
QPushButton:hover, QToolButton:hover { border-color: $line; }
QPushButton:checked, QToolButton:checked { background: $chosen; color: $on_chosen; }
QPushButton:disabled, QToolButton:disabled { color: $faint; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:checked:focus, QToolButton:checked:focus { border-color: $text; }
QPushButton[look="main"], QToolButton[look="main"] { background: $accent; color: $on_accent;
    font-weight: 600; padding: 8px 16px; }
QPushButton[look="main"]:hover, QToolButton[look="main"]:hover,
QPushButton[look="main"]:focus, QToolButton[look="main"]:focus { border-color: $text; }
QPushButton[look="main"]:disabled { background: $raised; color: $faint; }
QPushButton[look="plain"], QToolButton[look="plain"] { background: transparent; padding: 6px 8px; }
QPushButton[look="plain"]:hover, QToolButton[look="plain"]:hover { background: $raised; }
QPushButton[look="plain"]:checked, QToolButton[look="plain"]:checked { color: $accent; background: transparent; }
QPushButton[look="link"] { background: transparent; color: $warning; text-align: left; padding: 4px 0; }
QPushButton[look="link"]:hover { color: $text; }
QPushButton[look="play"] { background: $accent; border: 2px solid $accent; border-radius: 22px; padding: 0; }
QPushButton[look="play"]:hover, QPushButton[look="play"]:focus { border-color: $text; }
QPushButton[look="segment"] { background: transparent; color: $muted; border-radius: 5px; padding: 4px 6px; }
QPushButton[look="segment"]:hover { color: $text; border-color: transparent; }
QPushButton[look="segment"]:checked { background: $chosen; color: $on_chosen; }
QPushButton[look="segment"]:disabled { color: $faint; }
QPushButton[look="segment"]:disabled:checked { background: transparent; border-color: $line; }
QPushButton[look="segment"]:focus { border-color: $accent; }
QPushButton[look="segment"]:checked:focus { border-color: $text; }
QPushButton[look="choice"] { background: transparent; text-align: left; padding: 5px 10px; }
QPushButton[look="choice"]:hover { background: $raised; }
QPushButton[look="choice"]:checked { background: $chosen; color: $on_chosen; }
QPushButton[look="choice"]:disabled:checked { background: $raised; color: $faint; }
QPushButton[look="toggle"] { color: $muted; padding: 5px 0; }
QPushButton[look="toggle"]:checked { color: $on_chosen; }
QFrame[look="segments"] { background: $raised; border: none; border-radius: 7px; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QComboBox, QSpinBox {
    background: $raised; border: 1px solid transparent; border-radius: 6px; padding: 5px 9px;
    min-height: 18px; color: $text;
    selection-background-color: $chosen; selection-color: $on_chosen; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { border-color: $accent; }
QComboBox:disabled, QSpinBox:disabled, QLineEdit:disabled { color: $faint; }
QLineEdit[wrong="true"] { border-color: $bad; }
QSpinBox::up-button, QSpinBox::down-button { width: 24px; border: none; background: transparent; }
QSpinBox::up-arrow, QSpinBox::down-arrow { image: none; }
QComboBox[look="long"] { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $line; padding: 4px; outline: none;
    selection-background-color: $chosen; selection-color: $on_chosen; }

QListView QLineEdit { padding: 2px 6px; min-height: 0; }
QListView { background: transparent; border: none; outline: none; }
QTableView { background: transparent; border: none; outline: none; gridline-color: transparent;
    selection-background-color: $raised; selection-color: $text; }
QTableView::item { padding: 0 6px; border: none; }
QTableView::item:selected { background: $raised; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $muted; font-size: 11px; border: none;
    border-bottom: 1px solid $line; padding: 5px 6px; }
QHeaderView::section:hover { color: $text; }
QTableCornerButton::section { background: transparent; border: none; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 4px; min-height: 28px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 4px; min-width: 28px; margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox { spacing: 9px; border: 1px solid transparent; border-radius: 5px; padding: 2px 6px 2px 1px; }
QCheckBox:focus { border-color: $accent; }
QCheckBox::indicator:unchecked { background: $raised; border: 1px solid $faint; border-radius: 3px;
    width: 12px; height: 12px; }
QFrame[look="card"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame[look="popover"] { background: $panel; border: 1px solid $line; }
QLabel[look="hint"] { background: $raised; border-radius: 14px; padding: 6px 16px; margin-bottom: 18px; }
QFrame[look="message"] { background: $raised; border: 1px solid $line; border-left: 3px solid $accent;
    border-radius: 6px; }
QFrame[look="message"][kind="warning"] { border-left-color: $warning; }
QFrame[look="message"][kind="error"] { border-left-color: $bad; }
QFrame[look="hairline"] { background: $line; border: none; }
""")
