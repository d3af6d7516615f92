"""Windows held out share no step with those that are learnt from."""

import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import held_out
from vrae_core.errors import CorpusError
from vrae_core.reproduction.hand_over import split


def steps_of(corpus):
    return {step for offset in corpus.offsets for step in range(offset, offset + corpus.window)}


@pytest.mark.parametrize("hop", [5, 10, 20, 30])
def test_every_tenth_window_is_held_out_and_no_step_is_in_both(hop, two_songs):
    corpus = build_corpus(two_songs, 20, hop)
    learnt, unseen = split(corpus)

    assert unseen.offsets.tolist() == held_out(corpus)[1].offsets.tolist()
    assert not steps_of(learnt) & steps_of(unseen)


def test_windows_that_only_touch_are_kept(two_songs):
    corpus = build_corpus(two_songs, 20, 20)
    learnt, unseen = split(corpus)

    assert len(learnt) + len(unseen) == len(corpus)


def test_too_few_windows_or_too_much_overlap_is_said_in_words(two_songs):
    with pytest.raises(CorpusError, match="fewer than ten windows"):
        split(build_corpus(two_songs, 200, 100))
    with pytest.raises(CorpusError, match="overlap so much"):
        split(build_corpus(two_songs, 40, 1))
