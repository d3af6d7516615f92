"""What the map shows under and over its dots: song threads, posteriors, a decoded field."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.preferences import Preferences
from vrae_core.decoded_field import MEASURES

CHOICES = {
    "threads": ("off", "heard", "lit"),
    "ellipses": ("off", "pointed", "lit"),
    "field": ("off", *MEASURES),
}


class Layers(QObject):
    """Three choices; each verb makes one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.threads, self.ellipses, self.field = "heard", "off", "off"

    def switches(self) -> dict[str, bool]:
        """By the name of its verb, whether each choice is made."""
        return {f"{what}_{one}": getattr(self, what) == one for what, all_ in CHOICES.items() for one in all_}

    def choose(self, what: str, one: str) -> None:
        """Make one of the ``CHOICES``; anything else changes nothing."""
        if one in CHOICES[what]:
            setattr(self, what, one)
        self.changed.emit()

    def threads_off(self) -> None:
        """No threads."""
        self.choose("threads", "off")

    def threads_heard(self) -> None:
        """The thread of the song that is heard, or that alone shows its colour."""
        self.choose("threads", "heard")

    def threads_lit(self) -> None:
        """The threads of all songs that show their colour, if they are few."""
        self.choose("threads", "lit")

    def ellipses_off(self) -> None:
        """No posteriors."""
        self.choose("ellipses", "off")

    def ellipses_pointed(self) -> None:
        """The posterior of the window that is heard, and of the one under the mouse."""
        self.choose("ellipses", "pointed")

    def ellipses_lit(self) -> None:
        """Those of all windows that show their colour, if they are few."""
        self.choose("ellipses", "lit")

    def field_off(self) -> None:
        """Nothing behind the dots."""
        self.choose("field", "off")

    def field_density(self) -> None:
        """How many notes sound at once."""
        self.choose("field", "density")

    def field_register(self) -> None:
        """How high they are."""
        self.choose("field", "register")

    def field_originality(self) -> None:
        """How unlike any window of the songs."""
        self.choose("field", "originality")

    def remember(self, preferences: Preferences) -> None:
        """Hand over what is chosen, for the next run."""
        preferences.map_threads, preferences.map_ellipses = self.threads, self.ellipses
        preferences.map_field = self.field

    def restore(self, preferences: Preferences) -> None:
        """Take up what was chosen in an earlier run."""
        self.choose("threads", preferences.map_threads)
        self.choose("ellipses", preferences.map_ellipses)
        self.choose("field", preferences.map_field)
