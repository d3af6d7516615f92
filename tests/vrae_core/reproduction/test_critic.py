"""A critic that knows how the songs go on."""

import numpy as np

from vrae_core.progress import finish
from vrae_core.reproduction.critic import Critic


def test_a_critic_is_less_surprised_by_the_songs_than_by_the_same_steps_in_any_order(corpus, monkeypatch):
    monkeypatch.setattr("vrae_core.reproduction.critic.UPDATES", 60)
    critic = finish(Critic.taught(corpus))
    windows = corpus.windows()
    chance = np.random.default_rng(0)
    shuffled = np.stack([chance.permutation(window) for window in windows])
    assert critic.nats(windows) < critic.nats(shuffled) - 0.5


def test_a_critic_that_was_taught_longer_is_less_surprised(corpus, monkeypatch):
    surprises = []
    for updates in (1, 60):
        monkeypatch.setattr("vrae_core.reproduction.critic.UPDATES", updates)
        surprises.append(finish(Critic.taught(corpus)).nats(corpus.windows()))
    assert surprises[1] < surprises[0]


def test_the_same_seed_gives_the_same_critic(corpus, monkeypatch):
    monkeypatch.setattr("vrae_core.reproduction.critic.UPDATES", 5)
    windows = corpus.windows()
    first, second, other = (finish(Critic.taught(corpus, seed)).nats(windows) for seed in (1, 1, 2))
    assert first == second != other
