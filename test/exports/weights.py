"""The ways people write a binary convolution: s_o * sign(w), s_o the mean of |w| over output channel o.

Every class takes (in, out, kernel, stride, padding, dilation) and has a `forward` that is traced as it stands.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from expectations import note_conv


class BinaryConv2d(nn.Module):
    """What all forms share. A form says how its weight is stored and made."""

    def __init__(self, cin, cout, kernel, stride=1, padding=None, dilation=1, bias=False, separate_pad=False):
        super().__init__()
        self.separate_pad = separate_pad
        self.shape = (cout, cin, kernel, kernel)
        self.stride = stride
        self.padding = dilation * (kernel // 2) if padding is None else padding
        self.dilation = dilation
        self.bias = nn.Parameter(torch.randn(cout) * 0.1) if bias else None
        self.store(initial_weight(self.shape))

    def store(self, w: Tensor) -> None:
        raise NotImplementedError

    def binary_weight(self) -> Tensor:
        raise NotImplementedError

    def conv(self, x: Tensor, w: Tensor) -> Tensor:
        if self.separate_pad and self.padding:
            # What comes from TensorFlow: zeros at the end only, by a Pad of its own.
            total = 2 * self.padding
            before = (total - 1) // 2 if self.stride == 2 else self.padding
            x = F.pad(x, (before, total - before, before, total - before))
            return F.conv2d(x, w, self.bias, stride=self.stride, dilation=self.dilation)
        return F.conv2d(x, w, self.bias, stride=self.stride, padding=self.padding, dilation=self.dilation)

    def noted(self, x: Tensor, y: Tensor) -> Tensor:
        return note_conv(
            "BinaryConv2d", y, self.shape, kernel=self.shape[2], stride=self.stride, dilation=self.dilation
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.noted(x, self.conv(x, self.binary_weight()))


def initial_weight(shape) -> Tensor:
    """Random, and never so near to 0 that a sign could be in doubt."""
    w = torch.randn(shape) * 0.1
    return torch.where(w.abs() < 1e-3, torch.full_like(w, 1e-3), w)


def mean_abs(w: Tensor) -> Tensor:
    return w.abs().mean(dim=(1, 2, 3), keepdim=True)


class Folded(BinaryConv2d):
    """A clean export: the weights are +-s_o already."""

    def store(self, w):
        self.weight = nn.Parameter(torch.sign(w) * mean_abs(w))

    def binary_weight(self):
        return self.weight


class FoldedNoisy(Folded):
    """+-s_o with noise of some units in the last place, as sign - clip + clip leaves it when it is folded in float32."""

    def store(self, w):
        s, soft = mean_abs(w), torch.clamp(w, -1.0, 1.0)
        self.weight = nn.Parameter(s * torch.sign(w) - soft + soft)


class PlusMinusOne(BinaryConv2d):
    """+-1, the scale is in the batch normalization that follows."""

    def store(self, w):
        self.weight = nn.Parameter(torch.sign(w))

    def binary_weight(self):
        return self.weight


class PlusMinusOneThenMul(BinaryConv2d):
    """+-1, then a Mul with s_o."""

    def store(self, w):
        self.weight = nn.Parameter(torch.sign(w))
        self.alpha = nn.Parameter(mean_abs(w).reshape(1, -1, 1, 1))

    def forward(self, x):
        return self.noted(x, self.conv(x, self.weight) * self.alpha)


class PlusMinusOneThenSharedMul(PlusMinusOneThenMul):
    """+-1, then a Mul with one number for the whole layer (XNOR style)."""

    def store(self, w):
        self.weight = nn.Parameter(torch.sign(w))
        self.alpha = nn.Parameter(w.abs().mean())


class FlatHard(BinaryConv2d):
    """ReActNet's training code: a flat parameter viewed to the shape; three means in a row; scale * sign - clip + clip."""

    def store(self, w):
        self.weight = nn.Parameter(w.reshape(-1, 1))

    def real_weight(self):
        return self.weight.view(self.shape)

    def binary_weight(self):
        real = self.real_weight()
        scale = torch.mean(torch.mean(torch.mean(abs(real), dim=3, keepdim=True), dim=2, keepdim=True), dim=1, keepdim=True)
        scale = scale.detach()
        hard = scale * torch.sign(real)
        soft = torch.clamp(real, -1.0, 1.0)
        return hard.detach() - soft.detach() + soft


class Hard(FlatHard):
    """The same with the parameter in its own shape."""

    def store(self, w):
        self.weight = nn.Parameter(w)

    def real_weight(self):
        return self.weight


class SignTimesMean(BinaryConv2d):
    """sign(w) * mean|w|, the mean over three axes at once; no straight-through sum."""

    def store(self, w):
        self.weight = nn.Parameter(w)

    def binary_weight(self):
        return torch.sign(self.weight) * self.weight.abs().mean(dim=(1, 2, 3), keepdim=True)


class WhereTimesMean(SignTimesMean):
    """The sign as a comparison, the mean over the flattened channel."""

    def binary_weight(self):
        w = self.weight
        s = w.abs().view(w.size(0), -1).mean(1).view(-1, 1, 1, 1)
        return torch.where(w >= 0, s, -s)


class SignOnly(SignTimesMean):
    """sign(w) in the graph, the scale in batch normalization."""

    def binary_weight(self):
        return torch.sign(self.weight)


class SignOnlySte(SignTimesMean):
    """sign(w) - clip(w) + clip(w), the scale in batch normalization."""

    def binary_weight(self):
        soft = torch.clamp(self.weight, -1.0, 1.0)
        return torch.sign(self.weight).detach() - soft.detach() + soft


class ScaleAfter(SignTimesMean):
    """conv(x, sign(w)) * mean|w|, both computed in the graph."""

    def forward(self, x):
        s = self.weight.abs().mean(dim=(1, 2, 3)).view(1, -1, 1, 1)
        return self.noted(x, self.conv(x, torch.sign(self.weight)) * s)


class Standardized(SignTimesMean):
    """IR-Net's way: weights centred and divided by their deviation before sign and scale."""

    def binary_weight(self):
        w = self.weight
        flat = w.view(w.size(0), -1)
        centred = w - flat.mean(-1).view(-1, 1, 1, 1)
        unit = centred / centred.view(w.size(0), -1).std(-1).view(-1, 1, 1, 1)
        return torch.sign(unit) * unit.abs().mean(dim=[1, 2, 3], keepdim=True)


class Real(SignTimesMean):
    """Not binary at all: a float convolution that reads +-1."""

    def binary_weight(self):
        return self.weight

    def noted(self, x, y):
        return note_conv("Conv2d", y, self.shape, kernel=self.shape[2], stride=self.stride, groups=1)


class PartlyBinary(Real):
    """+-s but for every third weight: a float convolution."""

    def store(self, w):
        binary = torch.sign(w) * mean_abs(w)
        binary.view(-1)[::3] = w.view(-1)[::3]
        self.weight = nn.Parameter(binary)


WEIGHTS = {
    "folded": Folded,
    "folded_noisy": FoldedNoisy,
    "plus_minus_one": PlusMinusOne,
    "plus_minus_one_mul": PlusMinusOneThenMul,
    "plus_minus_one_shared_mul": PlusMinusOneThenSharedMul,
    "flat_hard": FlatHard,
    "hard": Hard,
    "sign_times_mean": SignTimesMean,
    "where_times_mean": WhereTimesMean,
    "sign_only": SignOnly,
    "sign_only_ste": SignOnlySte,
    "scale_after": ScaleAfter,
    "standardized": Standardized,
}

NOT_BINARY = {"real": Real, "partly_binary": PartlyBinary}
