"""The ways people write sign(x) so that a gradient can pass.

Each form takes x and an optional threshold alpha and returns +1 where x >= alpha (or x > alpha, see STRICT), else -1.
All of them are what a forward pass computes: none is an autograd.Function, except `autograd_function`.
"""

from __future__ import annotations

import torch
from torch import Tensor


def _minus(x: Tensor, alpha: Tensor | None) -> Tensor:
    return x if alpha is None else x - alpha


def _zero(alpha: Tensor | None):
    return 0 if alpha is None else alpha


def sign(x, alpha=None):
    return torch.sign(_minus(x, alpha))


def where_ge(x, alpha=None):
    return torch.where(x >= _zero(alpha), 1.0, -1.0)


def where_gt(x, alpha=None):
    return torch.where(x > _zero(alpha), 1.0, -1.0)


def where_lt(x, alpha=None):
    """The branches the other way round: -1 where x < 0."""
    return torch.where(x < _zero(alpha), -1.0, 1.0)


def where_le(x, alpha=None):
    return torch.where(x <= _zero(alpha), -1.0, 1.0)


def where_not_lt(x, alpha=None):
    return torch.where(torch.logical_not(x < _zero(alpha)), 1.0, -1.0)


def where_flipped(x, alpha=None):
    """The threshold on the left: 0 <= x."""
    return torch.where(torch.le(torch.as_tensor(_zero(alpha), dtype=x.dtype), x), 1.0, -1.0)


def where_ones_like(x, alpha=None):
    return torch.where(x >= _zero(alpha), torch.ones_like(x), -torch.ones_like(x))


def cast_ge(x, alpha=None):
    return (x >= _zero(alpha)).float() * 2 - 1


def cast_gt(x, alpha=None):
    return 2 * (x > _zero(alpha)).type(torch.float32) - 1


def cast_lt(x, alpha=None):
    return 1 - 2 * (x < _zero(alpha)).to(x.dtype)


def cast_minus_half(x, alpha=None):
    return ((x >= _zero(alpha)).float() - 0.5) * 2


def cast_difference(x, alpha=None):
    return (x >= _zero(alpha)).float() - (x < _zero(alpha)).float()


def sign_then_nudge(x, alpha=None):
    """The second sign turns the first one's 0 into +1."""
    return torch.sign(torch.sign(_minus(x, alpha)) + 0.01)


def sign_where_zero(x, alpha=None):
    s = torch.sign(_minus(x, alpha))
    return torch.where(s == 0, torch.ones_like(s), s)


def sign_plus_is_zero(x, alpha=None):
    s = torch.sign(_minus(x, alpha))
    return s + (s == 0).float()


def ste_clip(x, alpha=None):
    """sign forwards, the slope of a clip backwards; the sum stays in the graph."""
    x = _minus(x, alpha)
    soft = torch.clamp(x, -1.0, 1.0)
    return torch.sign(x).detach() - soft.detach() + soft


def ste_clip_where(x, alpha=None):
    """The same with the hard half as a comparison, and (hard - soft).detach() + soft."""
    x = _minus(x, alpha)
    soft = torch.nn.functional.hardtanh(x)
    return (torch.where(x >= 0, 1.0, -1.0) - soft).detach() + soft


def ste_identity(x, alpha=None):
    x = _minus(x, alpha)
    return x + (torch.sign(x) - x).detach()


def ste_polynomial(x, alpha=None):
    """The piecewise polynomial of Bi-Real net's and ReActNet's training code: sign - poly + poly.

    poly = -1 | x*x + 2x | -x*x + 2x | 1 with borders at -1, 0, 1, blended by masks that are cast to float.
    """
    x = _minus(x, alpha)
    hard = torch.sign(x)
    below_minus_one = (x < -1).type(torch.float32)
    below_zero = (x < 0).type(torch.float32)
    below_one = (x < 1).type(torch.float32)
    left = (-1) * below_minus_one + (x * x + 2 * x) * (1 - below_minus_one)
    middle = left * below_zero + (-x * x + 2 * x) * (1 - below_zero)
    soft = middle * below_one + 1 * (1 - below_one)
    return hard.detach() - soft.detach() + soft


def ste_polynomial_where(x, alpha=None):
    """The same polynomial blended by torch.where."""
    x = _minus(x, alpha)
    inner = torch.where(x < 0, x * x + 2 * x, 2 * x - x * x)
    soft = torch.where(x < -1, -torch.ones_like(x), torch.where(x < 1, inner, torch.ones_like(x)))
    return (torch.sign(x) - soft).detach() + soft


class _SignFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= 1)


def autograd_function(x, alpha=None):
    return _SignFunction.apply(_minus(x, alpha))


SIGNS = {
    f.__name__: f
    for f in (
        sign, where_ge, where_gt, where_lt, where_le, where_not_lt, where_flipped, where_ones_like, cast_ge, cast_gt,
        cast_lt, cast_minus_half, cast_difference, sign_then_nudge, sign_where_zero, sign_plus_is_zero, ste_clip,
        ste_clip_where, ste_identity, ste_polynomial, ste_polynomial_where, autograd_function,
    )
}

# Forms that give -1 where x equals the threshold.
STRICT = {"where_gt", "where_le", "cast_gt"}
