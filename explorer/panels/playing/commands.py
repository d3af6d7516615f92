"""The commands of what is heard: the transport, what was heard before, the song beside the model, the song's windows."""

from __future__ import annotations

from collections.abc import Callable

from explorer.actions import Command, CommandGroup
from explorer.audio.sequencer import AtEnd
from explorer.session.path.wandering import Wandering
from explorer.session.playing.history import History
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library

MOUSE_HABITS = (("Pull at “Drag as MIDI”", "Drag what is playing into a DAW"),)


def transport(playback: Playback, clear: Callable[[], object]) -> CommandGroup:
    """Play, pause, stop."""
    return CommandGroup((
        Command("toggle", "Play/Pause", "Space", "Play or pause the music", playback.toggle),
        Command("stop", "Stop", "Ctrl+.", "Stop and return to the start", playback.stop),
        Command("clear", "Stop and clear", "Esc", "Stop, and clear the selection or, if there is none, the path", clear),
        Command("panic", "All notes off", "Ctrl+Shift+.", "Silence everything at once, even notes that still ring", playback.panic),
    ))  # fmt: skip


def hold(playback: Playback) -> CommandGroup:
    """Whether time stands still."""
    return CommandGroup((
        Command("hold", "Hold", "H", "Stop time; the current notes keep sounding", playback.set_hold, checked=lambda: playback.player.hold),
    ), (playback.settings_changed,))  # fmt: skip


def at_end(playback: Playback) -> CommandGroup:
    """What follows the end."""
    return CommandGroup((
        Command("once", "Play once", "", "Stop at the end", lambda _on: playback.play_once(), checked=lambda: playback.at_end is AtEnd.STOP),
        Command("loop", "Loop", "L", "Start again at the end", lambda _on: playback.loop(), checked=lambda: playback.at_end is AtEnd.LOOP),
        Command("run_on", "Continue past the end", "R", "Let the decoder play on past the end, as a medley", lambda _on: playback.run_on(), checked=lambda: playback.at_end is AtEnd.RUN_ON),
    ), (playback.settings_changed,))  # fmt: skip


def heard_before(history: History) -> CommandGroup:
    """Back and forward."""
    return CommandGroup((
        Command("back", "Back", "Alt+Left", "Play what was playing before, exactly as it was", history.back, lambda: history.can_go_back),
        Command("forward", "Forward", "Alt+Right", "Return to what played after it", history.forward, lambda: history.can_go_forward),
    ), (history.changed,))  # fmt: skip


def versions(playback: Playback) -> CommandGroup:
    """The song's own notes, the model's, their difference."""

    def of_a_window() -> bool:
        return playback.difference is not None

    return CommandGroup((
        Command("toggle_original", "Original/Model", "A", "Switch between the song's own notes and the model's", playback.toggle_original, of_a_window),
        Command("toggle_difference", "Difference", "Shift+A", "Hear and see what the model misses and adds", playback.toggle_difference, of_a_window),
    ), (playback.heard_changed,))  # fmt: skip


def along_song(
    library: Library, next_: Callable[[], object], previous: Callable[[], object], play_song: Callable[[], object]
) -> CommandGroup:
    """From window to window of the song that is heard."""
    return CommandGroup((
        Command("next_window", "Next window", "N", "Play the next window of the song", next_, library.has_map),
        Command("previous_window", "Previous window", "Shift+N", "Play the previous window of the song", previous, library.has_map),
        Command("play_song", "Play song from here", "Shift+Return", "Play the song window after window, as the model or as the song itself", play_song, library.has_map, on_map=True),
    ), (library.atlas_changed,))  # fmt: skip


def sound(show: Callable[[], object]) -> CommandGroup:
    """The card of instruments."""
    return CommandGroup((Command("sound", "Sound…", "S", "Choose instruments, scale and velocities", show),))


def wander(wandering: Wandering) -> CommandGroup:
    """Whether the music wanders by itself."""
    return CommandGroup((
        Command("wander", "Wander", "W", "Let the music wander over the map by itself; a click or Esc stops it", wandering.set_running, checked=lambda: wandering.running),
    ), (wandering.changed,))  # fmt: skip
