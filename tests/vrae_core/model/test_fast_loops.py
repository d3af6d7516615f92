"""The fast loops of training against the plain ones, which state the equations, and against finite differences."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from vrae_core.model import fast_loops
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.vrae import VRAE

COLUMNS, WINDOWS, STEPS = 5, 4, 7
PAPER = ModelConfig(window=STEPS, hop=STEPS, latent=2, hidden=6, encoder_hidden=6)
SHAPES = {
    "tanh": PAPER,
    "gru": replace(PAPER, cell="gru", encoder_hidden=4, z_every_step=True, reversed_input=True),
    "lstm": replace(PAPER, cell="lstm", context=3, z_every_step=True),
    "authors": replace(PAPER, silent_start=True),
    "silent lstm": replace(PAPER, cell="lstm", silent_start=True),
}


@pytest.fixture(params=SHAPES)
def config(request):
    return SHAPES[request.param]


def model_of(config, precision=torch.float64):
    """A model of doubles, but for the float32 and bfloat16 that products may be in."""
    model = VRAE.new(config, np.full(COLUMNS, 0.2, np.float32), seed=3)
    kind = torch.float64 if precision is torch.float64 else torch.float32
    weights = {name: weight.detach().to(kind).requires_grad_() for name, weight in model.weights.items()}
    return VRAE(config, weights, precision)


def plain_of(model):
    """The same model, which goes through the loops of the equations."""
    plain = VRAE(
        model.config, {n: w.detach().clone().requires_grad_() for n, w in model.weights.items()}, model.precision
    )
    plain._loops.states, plain._loops.decode = plain._states, plain._decode
    return plain


def bound(model, teacher_forcing=0.0):
    kind = model.weights["output.bias"].dtype
    source = torch.Generator().manual_seed(1)
    x = (torch.rand(WINDOWS, STEPS, COLUMNS, generator=source) < 0.3).to(kind)
    found = model.bound(x, torch.randn(WINDOWS, 2, generator=source).to(kind), teacher_forcing)
    return (found.reconstruction - found.kl.sum(dim=1)).mean()


@pytest.mark.parametrize("teacher_forcing", [0.0, 0.3, 1.0, torch.tensor(0.3)])
def test_bound_and_gradients_are_those_of_the_equations(config, teacher_forcing):
    fast = model_of(config)
    plain = plain_of(fast)
    found, expected = bound(fast, teacher_forcing), bound(plain, teacher_forcing)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    found.backward()
    expected.backward()
    for name, weight in plain.weights.items():
        torch.testing.assert_close(fast.weights[name].grad, weight.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("precision", "near"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_so_are_they_where_products_are_rounded(config, precision, near):
    fast = model_of(config, precision)
    plain = plain_of(fast)
    bound(fast).backward()
    bound(plain).backward()
    for name, weight in plain.weights.items():
        assert (fast.weights[name].grad - weight.grad).norm() <= near * weight.grad.norm(), name


def test_the_gradients_are_those_of_finite_differences(config):
    model, source, step = model_of(config), torch.Generator().manual_seed(2), 1e-6
    bound(model, 0.3).backward()
    for name, weight in model.weights.items():
        way = step * torch.randn(weight.shape, generator=source, dtype=weight.dtype)
        with torch.no_grad():
            weight.add_(way)
            above = bound(model, 0.3)
            weight.sub_(way, alpha=2)
            below = bound(model, 0.3)
            weight.add_(way)
        found = (weight.grad * way).sum()
        torch.testing.assert_close(found, (above - below) / 2, rtol=1e-5, atol=1e-13, msg=name)


def test_a_decoder_that_is_told_the_past_is_taught_as_the_equations_say(config):
    fast = model_of(config)
    plain = plain_of(fast)
    x = torch.rand(WINDOWS, STEPS, COLUMNS, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    z = torch.randn(WINDOWS, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    for steps in (1, STEPS):
        found, expected = (model.predict(x[:, :steps], *model.start(z)) for model in (fast, plain))
        torch.testing.assert_close(found, expected)
        found.pow(2).sum().backward()
        expected.pow(2).sum().backward()
    for name, weight in plain.weights.items():
        if weight.grad is not None:
            torch.testing.assert_close(fast.weights[name].grad, weight.grad)


def test_one_update_after_another_has_the_gradients_of_the_first(config):
    model = model_of(config, torch.float32)
    found = []
    for _ in range(3):
        for weight in model.weights.values():
            weight.grad = None
        bound(model).backward()
        found.append({name: weight.grad.clone() for name, weight in model.weights.items()})
    for name, gradient in found[0].items():
        assert torch.equal(gradient, found[1][name])
        assert torch.equal(gradient, found[2][name])


def test_two_bounds_at_once_do_not_share_what_their_steps_keep(config):
    model = model_of(config)
    bound(model).backward()
    first, second = bound(model), bound(model, 0.5)
    for weight in model.weights.values():
        weight.grad = None
    (first + second).backward()
    plain = plain_of(model)
    (bound(plain) + bound(plain, 0.5)).backward()
    for name, weight in plain.weights.items():
        torch.testing.assert_close(model.weights[name].grad, weight.grad, rtol=1e-9, atol=1e-12)


def test_nobody_goes_back_twice_through_one_loop(config):
    model = model_of(config)
    found = bound(model)
    found.backward(retain_graph=True)
    with pytest.raises(RuntimeError):
        found.backward()


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_an_update_holds_on_to_nothing_once_its_gradients_are_there(precision, monkeypatch):
    loops = []

    class Noted(fast_loops._Loop):
        def __init__(self, *args):
            super().__init__(*args)
            loops.append(weakref.ref(self))

    monkeypatch.setattr(fast_loops, "_Loop", Noted)
    model = model_of(PAPER, precision)
    found = bound(model)
    found.backward()
    del found
    assert loops
    assert not [loop for loop in loops if loop() is not None]
