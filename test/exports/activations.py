"""The ways people write RSign, RPReLU, DySign and DyPReLU.

A shift (threshold alpha, or RPReLU's gamma and zeta) is a module that maps the feature map to something that is added to
it or compared with it. Static shifts are parameters, dynamic ones come from `Generator`: GAP, FC, FC.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from expectations import note, note_margin
from signs import SIGNS, STRICT


@dataclass(frozen=True)
class Dynamic:
    """How the unit GAP, FC, FC is written."""

    fc: str = "linear"  # linear | matmul | conv
    gap: str = "adaptive"  # adaptive | mean | mean_flat | mean_twice | avgpool
    reshape: str = "flatten"  # how N,C,1,1 becomes N,C and back: see Generator.flat and unflat
    between: str = "none"  # see FUNCTIONS
    after: str = "none"
    bias: bool = True
    reduction: int = 4
    sharing: str = "own"  # own | split (one unit of 2C makes gamma and zeta) | block (alphas and gamma have one unit)
    one_gap: bool = False  # gamma's and zeta's unit read one pooled map
    norm: bool = False  # batch norm between the FCs
    static_part: bool = False  # a learned number per channel is added to what the FCs make


@dataclass(frozen=True)
class Activations:
    """How binarization and RPReLU are written."""

    sign: str = "sign"
    threshold: str = "add"  # add | sub | add_reversed | add_expand | compare | none; how alpha meets x
    shift: str = "add"  # add | sub | add_reversed | add_expand; how RPReLU's shifts meet x
    parameter: str = "1c11"  # 1c11 | c11 | c_view; the shape that a learned shift is stored in
    prelu: str = "prelu"  # see PRELUS
    move_in: bool = True
    move_out: bool = True
    dynamic: Dynamic | None = None


# ---- shifts ---------------------------------------------------------------------------------------------------------

def static_value(channels: int, shape: str, spread: float = 0.3) -> nn.Parameter:
    value = torch.randn(1, channels, 1, 1) * spread
    return nn.Parameter(value.reshape({"1c11": (1, -1, 1, 1), "c11": (-1, 1, 1), "c_view": (-1,)}[shape]))


def shifted(x: Tensor, value: Tensor, form: str) -> Tensor:
    """x + value in the ways it is written. `sub` stores the value negated."""
    if form == "add":
        return x + value
    if form == "sub":
        return x - value
    if form == "add_reversed":
        return value + x
    if form == "add_expand":
        return x + value.expand_as(x)
    raise ValueError(form)


class Static(nn.Module):
    """One learned number per channel."""

    dynamic = False

    def __init__(self, channels, style: Activations):
        super().__init__()
        self.value = static_value(channels, style.parameter)

    def forward(self, x):
        return self.value.view(1, -1, 1, 1) if self.value.dim() == 1 else self.value


FUNCTIONS = {
    "none": lambda: nn.Identity(),
    "relu": lambda: nn.ReLU(inplace=True),
    "sigmoid": lambda: nn.Sigmoid(),
    "hard_sigmoid": lambda: nn.Hardsigmoid(),
    "relu6_sigmoid": lambda: HardSigmoidByRelu6(),
    "hard_swish": lambda: nn.Hardswish(),
    "relu6_swish": lambda: HardSwishByRelu6(),
    "swish": lambda: nn.SiLU(),
    "swish_by_sigmoid": lambda: SwishBySigmoid(),
    "centred_sigmoid": lambda: CentredSigmoid(),
}


class HardSigmoidByRelu6(nn.Module):
    """MobileNetV3 code: relu6(x + 3) / 6."""

    def forward(self, x):
        return F.relu6(x + 3) / 6


class HardSwishByRelu6(nn.Module):
    def forward(self, x):
        return x * (F.relu6(x + 3.0) / 6.0)


class SwishBySigmoid(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


class CentredSigmoid(nn.Module):
    """Dynamic ReLU's code: 2 sigmoid(x) - 1."""

    def forward(self, x):
        return 2 * torch.sigmoid(x) - 1


class MatMul(nn.Module):
    """A dense layer as people without nn.Linear write it: x @ w (+ b)."""

    def __init__(self, cin, cout, bias):
        super().__init__()
        self.w = nn.Parameter(torch.randn(cin, cout) / cin**0.5)
        self.b = nn.Parameter(torch.randn(cout) * 0.2) if bias else None

    def forward(self, x):
        y = torch.matmul(x, self.w)
        return y if self.b is None else y + self.b


class Generator(nn.Module):
    """p = f2(W2 f1(W1 GAP(x) + c1) + c2), shaped N,C,1,1: alpha, gamma or zeta, made anew for every input."""

    dynamic = True

    def __init__(self, channels: int, style: Dynamic, out: int | None = None):
        super().__init__()
        self.style = style
        self.channels = channels
        self.out = channels if out is None else out
        hidden = max(1, channels // style.reduction)
        dense = {
            "linear": lambda i, o: nn.Linear(i, o, bias=style.bias),
            "matmul": lambda i, o: MatMul(i, o, style.bias),
            "conv": lambda i, o: nn.Conv2d(i, o, 1, bias=style.bias),
        }[style.fc]
        self.squeeze = dense(channels, hidden)
        norm = nn.BatchNorm2d if style.fc == "conv" else nn.BatchNorm1d
        self.norm = norm(hidden) if style.norm else nn.Identity()
        self.f1 = FUNCTIONS[style.between]()
        self.expand = dense(hidden, self.out)
        self.f2 = FUNCTIONS[style.after]()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.static_part = static_value(self.out, "1c11") if style.static_part else None

    def gap(self, x: Tensor) -> Tensor:
        if self.style.gap == "adaptive":
            return self.pool(x)
        if self.style.gap == "mean":
            return x.mean(dim=(2, 3), keepdim=True)
        if self.style.gap == "mean_flat":
            return x.mean([2, 3])
        if self.style.gap == "mean_twice":
            return x.mean(3, keepdim=True).mean(2, keepdim=True)
        if self.style.gap == "avgpool":
            return F.avg_pool2d(x, (int(x.shape[2]), int(x.shape[3])))
        raise ValueError(self.style.gap)

    def flat(self, g: Tensor, x: Tensor) -> Tensor:
        if self.style.fc == "conv" or g.dim() == 2:
            return g
        return {
            "flatten": lambda: torch.flatten(g, 1),
            "view": lambda: g.view(x.size(0), -1),
            "view_sizes": lambda: g.view(x.size(0), x.size(1)),
            "squeeze": lambda: g.squeeze(-1).squeeze(-1),
            "squeeze_twice": lambda: g.squeeze(3).squeeze(2),
            "reshape": lambda: g.reshape(-1, self.channels),
            "index": lambda: g[:, :, 0, 0],
        }[self.style.reshape]()

    def unflat(self, p: Tensor, x: Tensor) -> Tensor:
        if self.style.fc == "conv":
            return p
        return {
            "flatten": lambda: p.view(x.size(0), -1, 1, 1),
            "view": lambda: p.view(x.size(0), self.out, 1, 1),
            "view_sizes": lambda: p.view(*p.size(), 1, 1),
            "squeeze": lambda: p.unsqueeze(-1).unsqueeze(-1),
            "squeeze_twice": lambda: p.unsqueeze(2).unsqueeze(3),
            "reshape": lambda: p.reshape(-1, self.out, 1, 1),
            "index": lambda: p[:, :, None, None],
        }[self.style.reshape]()

    def pooled(self, x: Tensor) -> Tensor:
        return self.flat(self.gap(x), x)

    def forward(self, x: Tensor, pooled: Tensor | None = None) -> Tensor:
        g = self.pooled(x) if pooled is None else pooled
        p = self.unflat(self.f2(self.expand(self.f1(self.norm(self.squeeze(g))))), x)
        if self.static_part is not None:
            p = p + self.static_part
        for _ in range(self.out // self.channels):  # one for each parameter that is made
            note(
                "DynamicUnit", p, channels=self.channels,
                hidden=max(1, self.channels // self.style.reduction), between=self.style.between, after=self.style.after,
            )
        return p


def shift_source(channels: int, style: Activations) -> nn.Module:
    return Generator(channels, style.dynamic) if style.dynamic else Static(channels, style)


# ---- RSign, DySign --------------------------------------------------------------------------------------------------

class RSign(nn.Module):
    """+-1 by comparison with a threshold; DySign where the style is dynamic."""

    def __init__(self, channels: int, style: Activations):
        super().__init__()
        self.style = style
        self.f = SIGNS[style.sign]
        self.alpha = None if style.threshold == "none" else shift_source(channels, style)

    def forward(self, x: Tensor, alpha: Tensor | None = None) -> Tensor:
        """`alpha`, where given, is a parameter that a unit shared by several users has made."""
        dynamic = alpha is not None or (self.alpha is not None and self.alpha.dynamic)
        if alpha is None and self.alpha is not None:
            alpha = self.alpha(x)
        if alpha is None:
            y = self.f(x)
            note_margin(x)
        elif self.style.threshold == "compare":
            y = self.f(x, alpha)
            note_margin(x, alpha)
        else:
            z = shifted(x, alpha, self.style.threshold)
            y = self.f(z)
            note_margin(z)
        compare = ">" if self.style.sign in STRICT else ">="
        return note("RSign", y, threshold="dynamic" if dynamic else "static", compare=compare)


# ---- RPReLU, DyPReLU ------------------------------------------------------------------------------------------------

class Slope(nn.Module):
    """PReLU(x) with a slope per channel, or one for all, in the ways it is written."""

    def __init__(self, channels: int, form: str):
        super().__init__()
        self.form = form
        shared = form.endswith("_shared")
        count = 1 if shared else channels
        value = 0.25 + 0.1 * torch.rand(count)
        if form == "prelu_wild":
            value = torch.linspace(-0.7, 1.9, count)  # learned slopes do go below 0 and above 1
        if form.startswith("prelu"):
            self.act = nn.PReLU(count)
            self.act.weight.data.copy_(value)
        elif form == "leaky_shared":
            self.act = nn.LeakyReLU(value.item())
        else:
            self.slope = nn.Parameter(value.reshape(1, count, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        form = self.form.removesuffix("_shared")
        if form.startswith("prelu") or form == "leaky":
            return self.act(x)
        a = self.slope
        if form == "where_gt":
            return torch.where(x > 0, x, a * x)
        if form == "where_ge":
            return torch.where(x >= 0, x, a * x)
        if form == "where_lt":
            return torch.where(x < 0, x * a, x)
        if form == "relu_pair":
            return F.relu(x) - a * F.relu(-x)
        if form == "max_min":
            return torch.clamp(x, min=0) + a * torch.clamp(x, max=0)
        if form == "maximum":
            return torch.maximum(x, a * x)
        if form == "mask":
            positive = (x > 0).float()
            return positive * x + (1 - positive) * a * x
        if form == "abs":
            return 0.5 * ((1 + a) * x + (1 - a) * torch.abs(x))
        raise ValueError(form)


class RPReLU(nn.Module):
    """PReLU(x - gamma) + zeta; DyPReLU where the style is dynamic."""

    def __init__(self, channels: int, style: Activations):
        super().__init__()
        self.style = style
        self.channels = channels
        dynamic = style.dynamic
        self.split = dynamic is not None and dynamic.sharing == "split"
        gamma_is_given = dynamic is not None and dynamic.sharing == "block"
        if self.split:
            self.unit = Generator(channels, dynamic, out=2 * channels)
        else:
            self.gamma = shift_source(channels, style) if style.move_in and not gamma_is_given else None
            self.zeta = shift_source(channels, style) if style.move_out else None
        if style.prelu.startswith("direct"):
            self.slope = nn.Parameter(0.25 + 0.1 * torch.rand(1, channels, 1, 1))
        else:
            self.act = Slope(channels, style.prelu)

    def shifts(self, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        if self.split:
            both = self.unit(x)
            if self.style.dynamic.fc == "conv":
                return both.chunk(2, dim=1)
            return torch.split(both, self.channels, dim=1)
        if self.style.dynamic is not None and self.style.dynamic.one_gap:
            pooled = self.gamma.pooled(x)
            return self.gamma(x, pooled), self.zeta(x, pooled)
        gamma = None if self.gamma is None else self.gamma(x)
        return gamma, None if self.zeta is None else self.zeta(x)

    def forward(self, x: Tensor, gamma: Tensor | None = None) -> Tensor:
        """`gamma`, where given, is a parameter that a unit shared by several users has made."""
        dynamic = gamma is not None or self.style.dynamic is not None
        own_gamma, zeta = self.shifts(x)
        gamma = own_gamma if gamma is None else gamma
        y = self.direct(x, gamma, zeta) if self.style.prelu.startswith("direct") else self.composed(x, gamma, zeta)
        return note("RPReLU", y, shifts="dynamic" if dynamic else "static")

    def composed(self, x, gamma, zeta):
        z = x if gamma is None else shifted(x, gamma, self.style.shift)
        z = self.act(z)
        return z if zeta is None else shifted(z, zeta, "add" if self.style.shift == "sub" else self.style.shift)

    def direct(self, x, gamma, zeta):
        """The paper's formula, both branches written out."""
        above = x >= gamma if self.style.prelu == "direct_ge" else x > gamma
        if self.style.prelu == "direct_blend":
            above = above.float()
            d = x - gamma
            return above * (d + zeta) + (1 - above) * (self.slope * d + zeta)
        return torch.where(above, x - gamma + zeta, self.slope * (x - gamma) + zeta)
