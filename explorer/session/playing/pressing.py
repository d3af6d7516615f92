"""A hand on the map: a press begins music, a drag morphs it; decoded and handed to the player in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player
from explorer.qt.background import NewestWins
from explorer.qt.messages import Messages
from explorer.session.playing.decoded import PAPER_TIME, Decoded, PieceSettings
from explorer.session.playing.versions import Scored, Through, Version, scored
from explorer.session.songs.atlas import Atlas
from vrae_core.corpus.voices import DRUMS
from vrae_core.midi.channels import DRUM_CHANNEL
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.score import Score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import FloatArray


@dataclass(frozen=True, eq=False)
class Press:
    """A place on the map that is to be heard, and all that is needed for it."""

    atlas: Atlas
    gesture: Gesture
    settings: PieceSettings
    version: Version  # that is wanted if it is a window's own place
    beginning: Decoded  # the steps that are decoded already, perhaps none
    steps: Iterator[FloatArray]  # (1, P) each: what is still to decode
    through: Through | None = None

    def scored(self, heard: Decoded) -> Scored:
        """What was decoded as notes."""
        return scored(heard, self.atlas, self.settings, self.version, self.through)


class DecodedPress(NamedTuple):
    """What the player was given."""

    heard: Decoded
    scored: Scored


def point(
    atlas: Atlas,
    place: npt.ArrayLike,
    window: int | None,
    z: FloatArray | None,
    gesture: Gesture,
    settings: PieceSettings,
    version: Version,
    steps_now: int,
) -> Press:
    """Point at a place on the map, (2,), and decode its first steps at once.

    window: the one whose own place it is; z: (J,), where neither that nor the place says it.
    """
    model, at = atlas.model, np.asarray(place, np.float32)
    if z is None:
        z = atlas.posterior.mu[window] if window is not None else atlas.z_at(at)
    steps = islice(model.decoding(z[None]), model.config.window)
    first = np.concatenate([np.zeros((0, len(model.pitches)), np.float32), *islice(steps, steps_now)])
    time, programs = atlas.played_at(z, window)
    beginning = Decoded(
        first,
        model.pitches,
        z[None],
        at[None],
        window,
        time=time,
        programs=programs,
    )
    return Press(atlas, gesture, settings, version, beginning, steps)


def beginning_of(pointed: Press) -> Phrase:
    """The steps that are decoded already in a phrase as long as the window, silent from there on.

    A song's own notes need no decoding: they are all there.
    """
    heard = pointed.beginning
    notes = pointed.scored(heard)
    phrase = phrase_heard(notes, heard, pointed.settings)
    silent = pointed.atlas.model.config.window - len(heard.probabilities)
    return phrase if notes.original is not None else phrase.then_silence(silent)


def decode(pointed: Press) -> DecodedPress | None:
    """Decode the rest and hand the whole to the player; None if the hand has left meanwhile."""
    heard = pointed.beginning
    is_press = len(heard.probabilities) > 0
    rest: list[FloatArray] = []
    for row in pointed.steps:
        if is_press and pointed.gesture.is_overtaken(pointed):  # a drag is not: a quick one would stay unheard
            return None
        rest.append(row)
    heard = replace(heard, probabilities=np.concatenate([heard.probabilities, *rest]))
    notes = pointed.scored(heard)
    is_wanted = pointed.gesture.hand_over(phrase_heard(notes, heard, pointed.settings))
    return DecodedPress(heard, notes) if is_wanted else None


def phrase_heard(notes: Scored, heard: Decoded, settings: PieceSettings) -> Phrase:
    """What the player needs of what is heard: the song as its file has it, or the score."""
    if notes.original is not None:
        return notes.original
    return phrase_of(notes.score, heard.time, settings.sound_of(heard.programs))


def phrase_of(score: Score, time: PieceTime = PAPER_TIME, sound: Sound | None = None) -> Phrase:
    """What the player needs of a score.

    sound: whose instruments play its parts, if it has any; of a score without parts the player's own play.
    """
    time = time.lasting(len(score.roll))
    if not score.has_parts:
        return Phrase(score.heard, score.pitches, score.velocities, score.voices, time.steps_per_beat, time.tempos)
    channels = np.where(score.voices == DRUMS, DRUM_CHANNEL, score.voices)
    melody, chords, bass, kit = (voice.program for voice in (sound or Sound()).band)
    programs = {0: melody, 1: chords, 2: bass, DRUM_CHANNEL: kit}
    return Phrase(score.heard, score.pitches, score.velocities, channels, time.steps_per_beat, time.tempos, programs)


def on_map(heard: Decoded, before: Atlas, atlas: Atlas) -> Decoded:
    """The same on another map of its model: its z lie elsewhere there, and windows have other numbers."""
    if atlas is before:
        return heard
    same_windows = atlas.corpus.has_windows_of(before.corpus)
    if same_windows and atlas.map is before.map:
        return replace(heard, called="")
    moved = on_other_map(heard, same_windows, atlas)
    if moved.window is None and not same_windows and not set(_songs_of(heard, before)) <= set(atlas.corpus.names):
        return replace(moved, called=name_of(heard, before))
    return moved


def name_of(heard: Decoded, atlas: Atlas, step: float = 0.0) -> str:
    """What to call the place that is heard at a step: "Korobeiniki · bar 12", or "Among Korobeiniki"."""
    window = heard.window_at(step)
    if window is not None:
        return atlas.title(window)
    return heard.called or atlas.place_name(heard.place_at(step))


def _songs_of(heard: Decoded, atlas: Atlas) -> list[str]:
    """Those that ``name_of`` names."""
    if heard.window is not None:
        return [atlas.song_name(heard.window)]
    return [name for name, _share in atlas.shares(heard.places[0])[:2]]


def on_other_map(heard: Decoded, same_windows: bool, atlas: Atlas) -> Decoded:
    """What was heard on a map of which is known only whether its windows are those of ``atlas``."""
    heard = replace(heard, called="" if same_windows else heard.called)
    if heard.windows is not None and heard.window is not None and same_windows:
        return replace(heard, places=atlas.song_places(heard.window, heard.own_steps))
    places = np.array([atlas.map.point_of(z) for z in heard.zs])
    if heard.windows is not None:
        return replace(heard, places=places, window=None, windows=None)
    window = heard.window if same_windows else window_at(atlas, places[0])
    return replace(heard, places=places, window=window)


def window_at(atlas: Atlas, place: FloatArray) -> int | None:
    """The window whose own place on the map this is, if it is one's."""
    windows, distances = atlas.map.nearest(place, 1)
    return int(windows[0]) if distances[0] < 1e-6 * (1 + atlas.extent) else None


class Gesture:
    """Lets the thread that decodes give the player what a press and its drag make, so that a busy window delays none.

    Once ``end`` has returned nothing more of the gesture reaches the player.  The lock is held for an append only.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._lock = threading.Lock()
        self._over = False
        self._newest: object = None

    def point_at(self, newest: object) -> None:
        """Whatever was pointed at before is overtaken."""
        self._newest = newest

    def is_overtaken(self, pointed_at: object) -> bool:
        """Whether the hand is elsewhere by now."""
        return self._over or pointed_at is not self._newest

    def hand_over(self, phrase: Phrase) -> bool:
        """Let the music go on with a phrase; False if the gesture is over."""
        with self._lock:
            if not self._over:
                self._player.morph(phrase)
            return not self._over

    def end(self) -> None:
        """Let nothing more through: something else is heard now."""
        with self._lock:
            self._over, self._newest = True, None  # which holds an atlas, and the history this


class Hand(QObject):
    """Points at what is to be heard; the newest is decoded."""

    decoded = Signal(object, object)  # a Press and its DecodedPress, which the player has already

    def __init__(self, messages: Messages, player: Player) -> None:
        super().__init__()
        self._player = player
        self.gesture = Gesture(player)
        self._decoder = NewestWins(decode)
        self._decoder.answered.connect(self._answered)
        self._decoder.failed.connect(lambda _request, sentence: messages.say(sentence, "error"))

    def begin(self) -> None:
        """Something new is heard from now on: nothing that was pointed at before reaches the player any more."""
        self.gesture.end()
        self.gesture = Gesture(self._player)

    def press(self, pointed: Press) -> None:
        """Begin with the steps that are decoded already."""
        self._player.play(beginning_of(pointed))
        self.drag(pointed)

    def drag(self, pointed: Press) -> None:
        """Let the music go on, in time, with what is pointed at."""
        self._player.give_back()  # whoever moves what is heard wants to hear it
        self.gesture.point_at(pointed)
        self._decoder.ask(pointed)

    def _answered(self, pointed: Press, decoded: DecodedPress | None) -> None:
        if decoded is not None and pointed.gesture is self.gesture:
            self.decoded.emit(pointed, decoded)
