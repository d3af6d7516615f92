"""What is heard: a point of the map, or a piece along a path, decoded, made into notes and handed to the player."""

from __future__ import annotations

from dataclasses import replace

import numpy.typing as npt
from PySide6.QtCore import Signal

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from explorer.qt.messages import Messages
from explorer.session.playing.decoded import Decoded, PieceSettings
from explorer.session.playing.player_watch import PlayerWatch
from explorer.session.playing.pressing import DecodedPress, Hand, Press, on_map, phrase_heard, point
from explorer.session.playing.running_on import RunningOn, is_long
from explorer.session.playing.settings import PlayingSettings
from explorer.session.playing.versions import Scored, Version, scored
from explorer.session.songs.atlas import Atlas
from vrae_core.corpus.sampling import NO_PROGRAMS
from vrae_core.music.difference import Difference
from vrae_core.music.pieces import BEGINNING
from vrae_core.music.score import Score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import BoolArray, FloatArray


class Playback(PlayingSettings):
    """Decodes what is pointed at, newest first, and plays it."""

    heard_changed = Signal()  # another point or piece, or other notes of it
    state_changed = Signal(str)  # the transport: one of player.State
    moved = Signal(float)  # the play-head, in steps, while it plays

    def __init__(self, messages: Messages, player: Player) -> None:
        super().__init__(player)
        self.atlas: Atlas | None = None
        self.heard: Decoded | None = None
        self._notes: Scored | None = None  # of what is heard
        self._hand = Hand(messages, player)
        self._hand.decoded.connect(self._decoded)
        self._running_on = RunningOn(messages)
        self._running_on.decoded.connect(self._extend)
        self._watch = PlayerWatch(player)
        self._watch.moved.connect(self.moved)
        self._watch.state_changed.connect(self.state_changed)
        self._watch.ticked.connect(self._look_ahead)

    # --- pointing

    def show_atlas(self, atlas: Atlas) -> None:
        """Point into another atlas from now on; another model brings its own threshold."""
        before, self.atlas = self.atlas, atlas
        if before is None or before.model is not atlas.model:
            self._hand.begin()
            self._forget()
            self.player.stop()
            self.threshold = atlas.model.threshold
            self.settings_changed.emit()
        elif self.heard is not None:
            self.player.morph(self._make_notes(on_map(self.heard, before, atlas)))
        self.heard_changed.emit()
        self._watch.look()

    def play_at(self, place: npt.ArrayLike, window: int | None = None) -> None:
        """Hear a map point from its start; ``window`` if it is that window's own place."""
        self._press(place, window)

    def _press(self, place: npt.ArrayLike, window: int | None, z: FloatArray | None = None) -> None:
        """Begin with the first steps, decoded here and now, in a millisecond.

        Another thread would have to wait for the interpreter until the window is painted.  They are played in a phrase
        that is silent from there on; the whole follows in another, with the same start, for phrases never change.
        """
        self._hand.begin()
        self._seed += 1
        if self.atlas is not None:
            self._hand.press(self._point(self.atlas, place, window, z, BEGINNING))
            self._watch.look()

    def play_window(self, window: int) -> None:
        """Hear a window as the model decodes it."""
        if self.atlas is not None and window < len(self.atlas.map.points):
            self.play_at(self.atlas.map.points[window], window)

    def morph_to(self, place: npt.ArrayLike, window: int | None = None) -> None:
        """Move what is heard to another map point, in time: the music goes on where it is."""
        if self.atlas is not None:
            self._hand.drag(self._point(self.atlas, place, window))

    def play_z(self, z: FloatArray, at: FloatArray) -> None:
        """Hear a latent point (J,) from its start; ``at`` is where the map shows it."""
        self._press(at, None, z)

    def morph_to_z(self, z: FloatArray, at: FloatArray) -> None:
        """Move what is heard to a latent point, in time."""
        if self.atlas is not None:
            self._hand.drag(self._point(self.atlas, at, None, z=z))

    def play_piece(self, piece: Decoded, atlas: Atlas) -> None:
        """Hear something decoded elsewhere, of an atlas, from its start; nothing if another model is shown by now."""
        if (shown := self._shown(piece, atlas)) is not None:
            self._hand.begin()
            self.player.play(self._make_notes(shown))
            self._show_heard()

    def play_notes(self, phrase: Phrase) -> None:
        """Hear notes once that are no place of the map."""
        self._hand.begin()
        self._forget()
        self.player.at_end = AtEnd.STOP
        self.player.play(phrase)
        self.heard_changed.emit()
        self._watch.look()

    def play_again(self, heard: Decoded, atlas: Atlas, settings: PieceSettings, version: Version) -> None:
        """Hear something from its start as it once sounded."""
        self.take_settings(settings)
        if version is not self._wanted_version(heard.window):  # what would be heard so anyway is no choice
            self.chosen_version = version
        self.play_piece(heard, atlas)

    def show_piece(self, piece: Decoded, atlas: Atlas, chosen: Version | None) -> None:
        """Let something decoded elsewhere, of an atlas, be what is heard, without playing it yet.

        chosen: the version that somebody chose; None: nobody has.
        """
        if (shown := self._shown(piece, atlas)) is not None:
            self._hand.begin()
            self.player.stop()
            self.chosen_version = chosen
            self.player.morph(self._make_notes(shown))
            self._show_heard()

    def _shown(self, piece: Decoded, atlas: Atlas) -> Decoded | None:
        """What was decoded of an atlas, on the one that is shown; None if that is another model's."""
        if self.atlas is None or atlas.model is not self.atlas.model:
            return None
        return on_map(piece, atlas, self.atlas)

    @property
    def gesture(self) -> object:
        """The press, with its drag, or the piece that is heard: another object for each."""
        return self._hand.gesture

    def begin_morph(self) -> None:
        """What is morphed to from now on is something new, to go back from."""
        self._hand.begin()

    def restart(self) -> None:
        """Hear once more, from its start, what is heard."""
        if self.heard is not None:
            self.player.play(self._make_notes(self.heard))
            self._watch.look()

    def _point(
        self, atlas: Atlas, place: npt.ArrayLike, window: int | None, z: FloatArray | None = None, steps_now: int = 0
    ) -> Press:
        settings, version = self.piece_settings(), self._wanted_version(window)
        pointed = point(atlas, place, window, z, self._hand.gesture, settings, version, steps_now)
        return replace(pointed, through=self.through)

    def _decoded(self, request: Press, decoded: DecodedPress) -> None:
        """Show what the player has been given already."""
        assert self.atlas is not None
        self.heard, self._notes = on_map(decoded.heard, request.atlas, self.atlas), decoded.scored
        now = self.piece_settings(), self._wanted_version(self.heard.window), self.through
        if (request.settings, request.version, request.through) != now:  # a slider has moved since
            self.player.morph(self._make_notes(self.heard))
        self._show_heard()

    def _show_heard(self) -> None:
        self.player.at_end = self.at_end  # what was heard before may have run on to its end
        self.heard_changed.emit()
        self._watch.look()
        self._look_ahead()

    def _extend(self, heard: Decoded, longer: Decoded) -> None:
        if heard is self.heard and self.at_end is AtEnd.RUN_ON:
            self._renew_notes(longer)

    def _look_ahead(self) -> None:
        if self.at_end is AtEnd.RUN_ON and self.through is not None:
            self.player.at_end = AtEnd.LOOP  # it is this model's decoder that can run on
        elif self.at_end is AtEnd.RUN_ON and self.heard is not None and self.atlas is not None:
            if is_long(self.heard):
                self.player.at_end = AtEnd.STOP
            self._running_on.look_ahead(self.atlas.model, self.heard, self.player.position)

    def _make_notes(self, heard: Decoded) -> Phrase:
        assert self.atlas is not None
        settings, version = self.piece_settings(), self._wanted_version(heard.window)
        self.heard, self._notes = heard, scored(heard, self.atlas, settings, version, self.through)
        return phrase_heard(self._notes, heard, settings)

    def _renew_notes(self, heard: Decoded) -> None:
        """Other notes of what is heard, from the next step on."""
        self.player.morph(self._make_notes(heard))
        self.heard_changed.emit()

    # --- the transport

    def toggle(self) -> None:
        """Pause, or play on; from the start after a stop.  What is played on loan ends."""
        if self.player.state is State.PLAYING:
            self.player.pause()
        elif self.player.borrowed is not None:
            self.player.give_back()
        elif self.heard is not None or self.player.state is State.PAUSED:  # notes that are no place of the map
            self.player.resume()
        self._watch.look()

    def stop(self) -> None:
        """Silence, and back to the start; ends a hold."""
        self.player.stop()
        self.set_hold(False)
        self._watch.look()

    def panic(self) -> None:
        """Silence at once, even what would still ring out."""
        self.player.panic()
        self.set_hold(False)
        self._watch.look()

    def clear(self) -> None:
        """Silence, and nothing is pointed at any more."""
        self._hand.begin()
        self._forget()
        self.stop()
        self.heard_changed.emit()

    def _forget(self) -> None:
        self.heard = self._notes = self.chosen_version = None

    # --- the song beside the model

    @property
    def version(self) -> Version:
        """What is heard: of anything but a window's own point there is only the model's version."""
        return Version.MODEL if self._notes is None else self._notes.version

    @property
    def difference(self) -> Difference | None:
        """Of the model and the song, where a window's own point is heard."""
        return None if self._notes is None else self._notes.difference

    @property
    def original_unasked(self) -> bool:
        """Whether the song itself is heard because the model does not know it, and nobody has chosen."""
        return self.chosen_version is None and self.version is Version.ORIGINAL

    def set_version(self, version: Version) -> None:
        """Hear a window's original, the model's reconstruction or their difference; the music goes on where it is.

        Whatever window is heard next is heard so too.
        """
        if self.difference is not None and version is not self.version:
            self.chosen_version = version
            self._renew()

    def hear_what_is_known(self) -> None:
        """It is known by now which songs the model knows: let what is heard be the version that is wanted then."""
        heard = None if self.difference is None else self.heard
        if heard is not None and self._wanted_version(heard.window) is not self.version:
            self._renew()

    def toggle_original(self) -> None:
        """A/B: from the model's version, or the difference, to the original, and from that to the model's."""
        self.set_version(Version.MODEL if self.version is Version.ORIGINAL else Version.ORIGINAL)

    def toggle_difference(self) -> None:
        """Hear and see the difference, or the model's version again."""
        self.set_version(Version.MODEL if self.version is Version.DIFFERENCE else Version.DIFFERENCE)

    # --- what a setting changes of it

    def set_at_end(self, at_end: AtEnd) -> None:
        """What follows the end of what is heard; what the decoder has run on for ends with running on."""
        super().set_at_end(at_end)
        if self.heard is not None and self.heard.ran_on and at_end is not AtEnd.RUN_ON:
            self._renew_notes(self.heard.without_run_on())
        self._look_ahead()

    def _renew(self) -> None:
        if self.heard is not None:
            self._renew_notes(self.heard)
        super()._renew()

    # --- what others may want to know

    @property
    def score(self) -> Score | None:
        """The notes of what is heard, as they are played, or None if nothing is."""
        return None if self._notes is None else self._notes.score

    @property
    def roll(self) -> BoolArray | None:
        """The notes of what is heard, (steps, P), or None if nothing is."""
        return None if self.score is None else self.score.roll

    @property
    def is_silent(self) -> bool:
        """Whether the model has no note at all for what is pointed at."""
        return self.score is not None and self.version is Version.MODEL and not self.score.roll.any()

    @property
    def has_parts(self) -> bool:
        """Whether the model tells melody, chords, bass and drums apart."""
        return self.atlas is not None and self.atlas.corpus.grid.parts

    @property
    def sound_heard(self) -> Sound:
        """The sound with the instruments that play: the nearest song's, where parts are to be played so."""
        return self.piece_settings().sound_of(NO_PROGRAMS if self.heard is None else self.heard.programs)

    @property
    def tempo_heard(self) -> float:
        """Beats per minute at the place in the music that is heard: its own, if nobody has set another."""
        if self.player.tempo is not None or self.heard is None:
            return self.player.tempo_now
        return self.heard.time.tempo_at(int(self.player.position))

    def piece_settings(self) -> PieceSettings:
        """How probabilities become notes now."""
        pitches = self.atlas.model.pitches if self.atlas is not None else ()
        return PieceSettings(self.threshold, self.temperature, self._seed, self.player.tempo, self.sound, pitches)
