"""The layers of ReActNet (arXiv 2003.03488) and DyBNN (arXiv 2110.05185).

x is a feature map of C channels, i a channel, GAP the global average pool, FC a fully connected layer.

    RSign     b = +1 if x_i >= alpha_i, else -1                      alpha learned
    RPReLU    y = x_i - gamma_i + zeta_i           if x_i > gamma_i
                  beta_i (x_i - gamma_i) + zeta_i  otherwise         gamma, zeta, beta learned
    DySign    RSign  with alpha = FC[C/r -> C](FC[C -> C/r](GAP(x))), made anew for every input
    DyPReLU   RPReLU with gamma and zeta each made in that way; beta learned and fixed
    binary convolution    weights s_o * sign(w), s_o = mean of |w| over output channel o

In training mode the two sign functions pass gradients straight through. In eval mode nothing of that is left, so what
an exporter traces is the formulas above and no more.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def sign(x: Tensor) -> Tensor:
    """+1 where x >= 0, else -1. Unlike torch.sign there is no third value at 0: one bit could not hold it."""
    return torch.where(x >= 0, 1.0, -1.0)


class SignActivationSTE(torch.autograd.Function):
    """sign(x) forwards; backwards the slope of ReActNet's piecewise polynomial.

    The polynomial is -1 | 2x + x^2 | 2x - x^2 | +1 with borders at -1, 0 and 1: a parabola from each side that meets
    sign at -1 and 1. Its slope is 2 - 2|x| inside and 0 outside.
    """

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return sign(x)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return grad * (2 - 2 * x.abs()).clamp(min=0)


class SignWeightSTE(torch.autograd.Function):
    """s_o * sign(w) forwards; backwards the slope of clip(w, -1, 1). s_o is taken for a constant, as in ReActNet."""

    @staticmethod
    def forward(ctx, w: Tensor) -> Tensor:
        ctx.save_for_backward(w)
        return sign(w) * weight_scale(w)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        (w,) = ctx.saved_tensors
        return grad * (w.abs() <= 1)


def weight_scale(w: Tensor) -> Tensor:
    """s_o: the mean of |w| over everything that feeds output channel o."""
    return w.abs().mean(dim=(1, 2, 3), keepdim=True)


class BinaryConv2d(nn.Module):
    """A convolution without bias, padded with zeros so that stride 1 keeps the size. Its input is already +-1.

    `binary_weights` is False in the recipe's first stage, where only the activations are binary.

    The weights start far smaller than is usual. Batch norm follows every one of these convolutions, so their size does
    not change what is computed; but Adam moves a weight by about the learning rate at each step, whatever its size, so
    the size says how many steps a weight needs to change its sign.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1):
        super().__init__()
        self.stride = stride
        self.padding = kernel_size // 2
        self.binary_weights = True
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        nn.init.normal_(self.weight, std=0.002)

    def effective_weight(self) -> Tensor:
        """The weight that the convolution multiplies with."""
        if not self.binary_weights:
            return self.weight
        if self.training:
            return SignWeightSTE.apply(self.weight)
        return sign(self.weight) * weight_scale(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.effective_weight(), stride=self.stride, padding=self.padding)


class StaticParameter(nn.Module):
    """One learned number per channel, the same for every input: C -> 1 x C x 1 x 1."""

    def __init__(self, channels: int):
        super().__init__()
        self.value = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, pooled: Tensor | None) -> Tensor:
        return self.value


def hidden_width(channels: int, reduction: int = 16) -> int:
    """C/r, but never under 4: with the 32 or 64 channels of a small network C/16 would leave 2 or 4 numbers to say
    everything that the thresholds are made from. From 64 channels on this is exactly C/16."""
    return max(channels // reduction, min(4, channels))


class DynamicParameter(nn.Module):
    """One number per channel and input: N x C (the pooled map) -> N x C x 1 x 1.

    The second FC starts at zero, so that before training this equals StaticParameter. Its bias is then the static
    part, and its weight is what an input adds.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.squeeze = nn.Linear(channels, hidden_width(channels))
        self.expand = nn.Linear(hidden_width(channels), channels)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)

    def forward(self, pooled: Tensor) -> Tensor:
        return self.expand(self.squeeze(pooled))[:, :, None, None]


def global_average(x: Tensor) -> Tensor:
    """N x C x H x W -> N x C."""
    return x.mean(dim=(2, 3))


class RSign(nn.Module):
    """+-1 by comparison with a threshold per channel."""

    def __init__(self, channels: int):
        super().__init__()
        self.alpha = StaticParameter(channels)

    def threshold(self, x: Tensor) -> Tensor:
        return self.alpha(None)

    def forward(self, x: Tensor) -> Tensor:
        alpha = self.threshold(x)
        if self.training:
            return SignActivationSTE.apply(x - alpha)
        return torch.where(torch.ge(x, alpha), 1.0, -1.0)


class DySign(RSign):
    """RSign whose threshold is made from the input's own channel means."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.alpha = DynamicParameter(channels)

    def threshold(self, x: Tensor) -> Tensor:
        return self.alpha(global_average(x))


class RPReLU(nn.Module):
    """PReLU with a learned slope, moved by gamma before and by zeta after."""

    def __init__(self, channels: int):
        super().__init__()
        self.gamma = StaticParameter(channels)
        self.zeta = StaticParameter(channels)
        self.beta = nn.Parameter(torch.full((channels,), 0.25))

    def shifts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.gamma(None), self.zeta(None)

    def forward(self, x: Tensor) -> Tensor:
        gamma, zeta = self.shifts(x)
        return F.prelu(x - gamma, self.beta) + zeta


class DyPReLU(RPReLU):
    """RPReLU whose two shifts are made from the input's own channel means. The slope stays fixed."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.gamma = DynamicParameter(channels)
        self.zeta = DynamicParameter(channels)

    def shifts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        pooled = global_average(x)
        return self.gamma(pooled), self.zeta(pooled)
