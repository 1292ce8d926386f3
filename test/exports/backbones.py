"""Networks of any width, depth and resolution: ReActNet-A (MobileNetV1-like), ReActNet-18 (ResNet-18-like), and small
binary networks without shortcuts. With `Activations.dynamic` they are DyBNN-A and DyBNN-18.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from activations import Activations, Generator, RPReLU, RSign
from expectations import note, note_conv, note_margin
from signs import SIGNS
from weights import NOT_BINARY, WEIGHTS, initial_weight


@dataclass(frozen=True)
class Style:
    """How everything that is not an activation is written."""

    act: Activations = field(default_factory=Activations)
    prelu_act: Activations | None = None  # where RPReLU is written otherwise than the signs
    prelu: bool = True  # False: Bi-Real net, which has none
    weight: str = "folded"
    bn: str = "plain"  # plain | negative | zero: scales of some channels; affine: written as x * s + b
    conv_bias: bool = False  # binary convolutions carry a bias
    separate_pad: bool = False  # binary convolutions are padded by a Pad in front, asymmetrically at stride 2
    pool: str = "avg2"  # see SHORTCUT_POOLS
    stem: str = "conv3"  # see stem()
    dilation: int = 1
    head: str = "flatten"  # flatten | view | mean | conv | avgpool | bn_flatten
    softmax: bool = False
    dropout: float = 0.0
    clutter: bool = False  # Identity, contiguous and casts to the type that is already there


# ---- float layers ---------------------------------------------------------------------------------------------------

class Conv(nn.Conv2d):
    def forward(self, x):
        y = super().forward(x)
        return note_conv(
            "Conv2d", y, self.weight.shape, kernel=self.kernel_size[0], stride=self.stride[0], groups=self.groups
        )


class Dense(nn.Linear):
    def forward(self, x):
        return note_conv("Dense", super().forward(x), self.weight.shape)


class AffineNorm(nn.Module):
    """Batch normalization that somebody has turned into two tensors."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(1, channels, 1, 1) + 0.5)
        self.shift = nn.Parameter(torch.randn(1, channels, 1, 1) * 0.2)

    def forward(self, x):
        return x * self.scale + self.shift


def batch_norm(channels: int, form: str = "plain") -> nn.Module:
    if form == "affine":
        return AffineNorm(channels)
    bn = nn.BatchNorm2d(channels)
    nn.init.uniform_(bn.weight, 0.5, 1.5)
    nn.init.normal_(bn.bias, 0, 0.2)
    with torch.no_grad():
        if form == "negative":
            bn.weight[::3] *= -1
        if form == "zero":
            bn.weight[channels // 2] = 0
    return bn


class AvgPool(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()
        self.pool = nn.AvgPool2d(*args, **kwargs)

    def forward(self, x):
        return note("AvgPool", self.pool(x))


class PaddedAvgPool(nn.Module):
    """A separate F.pad in front of the pool."""

    def forward(self, x):
        return note("AvgPool", F.avg_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 2))


SHORTCUT_POOLS = {
    "avg2": lambda: AvgPool(2, 2),
    "avg2_ceil": lambda: AvgPool(2, 2, ceil_mode=True, count_include_pad=False),
    "avg3_include_pad": lambda: AvgPool(3, 2, padding=1),
    "avg3_exclude_pad": lambda: AvgPool(3, 2, padding=1, count_include_pad=False),
    "avg3_f_pad": PaddedAvgPool,
}


def add(x: Tensor, y: Tensor) -> Tensor:
    return note("Add", x + y)


def stem(form: str, cin: int, cout: int) -> nn.Sequential:
    """The first, float, layers. `cout` channels come out."""
    if form == "conv3":
        return nn.Sequential(Conv(cin, cout, 3, 2, 1, bias=False), batch_norm(cout))
    if form == "conv3_stride1":
        return nn.Sequential(Conv(cin, cout, 3, 1, 1, bias=False), batch_norm(cout))
    if form == "conv3_relu":
        return nn.Sequential(Conv(cin, cout, 3, 1, 1), batch_norm(cout), Relu())
    if form == "conv7_max":
        return nn.Sequential(Conv(cin, cout, 7, 2, 3, bias=False), batch_norm(cout), MaxPool(3, 2, 1))
    if form == "conv5_max2":
        return nn.Sequential(Conv(cin, cout, 5, 1, 2, bias=False), batch_norm(cout), MaxPool(2, 2, 0))
    if form == "depthwise":
        return nn.Sequential(
            Conv(cin, cout, 1, bias=False), batch_norm(cout), Conv(cout, cout, 3, 2, 1, groups=cout, bias=False),
            batch_norm(cout),
        )
    if form == "grouped":
        return nn.Sequential(Conv(cin, cout, 1), Conv(cout, cout, 3, 2, 1, groups=2, bias=False), batch_norm(cout))
    if form == "asymmetric":
        return nn.Sequential(AsymmetricPad(), Conv(cin, cout, 3, 2, 0, bias=False), batch_norm(cout))
    if form == "conv3_max_ceil":
        return nn.Sequential(Conv(cin, cout, 3, 1, 1, bias=False), batch_norm(cout), MaxPool(3, 2, 0, ceil_mode=True))
    raise ValueError(form)


class AsymmetricPad(nn.Module):
    """TensorFlow's SAME for stride 2: one row and column more at the end."""

    def forward(self, x):
        return F.pad(x, (0, 1, 0, 1))


class Relu(nn.Module):
    def forward(self, x):
        return note("Relu", F.relu(x))


class MaxPool(nn.Module):
    def __init__(self, kernel, stride, padding, ceil_mode=False):
        super().__init__()
        self.pool = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)

    def forward(self, x):
        return note("MaxPool", self.pool(x))


class Head(nn.Module):
    """Pool, classify."""

    def __init__(self, channels: int, classes: int, style: Style):
        super().__init__()
        self.style = style
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.bn = batch_norm(channels) if style.head == "bn_flatten" else nn.Identity()
        self.drop = nn.Dropout(style.dropout) if style.dropout else nn.Identity()
        self.fc = Conv(channels, classes, 1) if style.head == "conv" else Dense(channels, classes)

    def forward(self, x):
        x = self.bn(x)
        if self.style.head == "mean":
            g = x.mean((2, 3))
        elif self.style.head == "avgpool":
            g = F.avg_pool2d(x, (int(x.shape[2]), int(x.shape[3]))).squeeze(-1).squeeze(-1)
        else:
            g = self.pool(x)
            if self.style.head in ("flatten", "bn_flatten"):
                g = torch.flatten(g, 1)
            elif self.style.head == "view":
                g = g.view(g.size(0), -1)
        note("GlobalAvgPool", g)
        y = self.fc(self.drop(g))
        if self.style.head == "conv":
            y = y.flatten(1)
        return note("Softmax", F.softmax(y, dim=1)) if self.style.softmax else y


def binary_conv(style: Style, cin: int, cout: int, kernel: int, stride: int = 1, **kw) -> nn.Module:
    return (WEIGHTS | NOT_BINARY)[style.weight](cin, cout, kernel, stride, bias=style.conv_bias, separate_pad=style.separate_pad, **kw)


class Clutter(nn.Module):
    """What does nothing and is exported all the same."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.identity = nn.Identity()

    def forward(self, x):
        return self.drop(self.identity(x.double().float().contiguous() * 1.0 + 0.0))


# ---- ReActNet-A -----------------------------------------------------------------------------------------------------

class MobileBlock(nn.Module):
    """RSign, 3x3, BN, + shortcut, RPReLU; then RSign, 1x1 (twice and Concat where channels double), BN, + shortcut, RPReLU."""

    def __init__(self, cin: int, cout: int, stride: int, style: Style):
        super().__init__()
        act = style.act
        self.shared_unit = act.dynamic is not None and act.dynamic.sharing == "block"
        self.clutter = Clutter() if style.clutter else nn.Identity()
        self.unit = Generator(cin, act.dynamic) if self.shared_unit else None
        self.sign1 = RSign(cin, act) if not self.shared_unit else SharedSign(act)
        self.conv3 = binary_conv(style, cin, cin, 3, stride, dilation=style.dilation)
        self.bn1 = batch_norm(cin, style.bn)
        self.pool = SHORTCUT_POOLS[style.pool]() if stride == 2 else nn.Identity()
        prelu_act = style.prelu_act or act
        self.prelu1 = RPReLU(cin, prelu_act)
        self.sign2 = RSign(cin, act) if not self.shared_unit else SharedSign(act)
        self.doubles = cout == 2 * cin
        assert self.doubles or cout == cin
        self.conv1a = binary_conv(style, cin, cin, 1)
        self.bn2a = batch_norm(cin, style.bn)
        if self.doubles:
            self.conv1b = binary_conv(style, cin, cin, 1)
            self.bn2b = batch_norm(cin, style.bn)
        own = prelu_act if not self.shared_unit else replace_sharing(act)
        self.prelu2 = RPReLU(cout, own)

    def forward(self, x):
        x = self.clutter(x)
        p = self.unit(x) if self.unit else None
        y = self.bn1(self.conv3(self.sign1(x, p)))
        y = add(self.pool(x), y)
        y = self.prelu1(y, gamma=p)
        b = self.sign2(y, p)
        z = add(self.bn2a(self.conv1a(b)), y)
        if self.doubles:
            z2 = add(self.bn2b(self.conv1b(b)), y)
            z = note("Concat", torch.cat([z, z2], dim=1))
        return self.prelu2(z)


class SharedSign(RSign):
    """A sign whose threshold comes from a unit that others use too."""

    def __init__(self, act):
        nn.Module.__init__(self)
        self.style, self.f, self.alpha = act, SIGNS[act.sign], None


def replace_sharing(act: Activations) -> Activations:
    return replace(act, dynamic=replace(act.dynamic, sharing="own"))


# (channels out, stride) of each block; the stem's channels come first.
REACTNET_A = (32, ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
                   (512, 1), (1024, 2), (1024, 1)))


class ReActNetA(nn.Module):
    def __init__(self, style: Style, plan=REACTNET_A, cin: int = 3, classes: int = 1000):
        super().__init__()
        channels, blocks = plan
        self.stem = stem(style.stem, cin, channels)
        self.blocks = nn.ModuleList()
        for cout, stride in blocks:
            self.blocks.append(MobileBlock(channels, cout, stride, style))
            channels = cout
        self.head = Head(channels, classes, style)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


# ---- ReActNet-18 ----------------------------------------------------------------------------------------------------

class ResidualBlock(nn.Module):
    """RSign, 3x3, BN, + shortcut, RPReLU: one shortcut per convolution."""

    def __init__(self, cin: int, cout: int, stride: int, style: Style):
        super().__init__()
        self.sign = RSign(cin, style.act)
        self.conv = binary_conv(style, cin, cout, 3, stride, dilation=style.dilation)
        self.bn = batch_norm(cout, style.bn)
        self.clutter = Clutter() if style.clutter else nn.Identity()
        self.down = nn.Identity()
        if stride != 1 or cin != cout:
            if style.pool == "strided":
                self.down = nn.Sequential(Conv(cin, cout, 1, stride, bias=False), batch_norm(cout))
            else:
                pool = [SHORTCUT_POOLS[style.pool]()] if stride == 2 else []
                self.down = nn.Sequential(*pool, Conv(cin, cout, 1, bias=False), batch_norm(cout))
        self.prelu = RPReLU(cout, style.prelu_act or style.act) if style.prelu else nn.Identity()

    def forward(self, x):
        x = self.clutter(x)
        y = self.bn(self.conv(self.sign(x)))
        return self.prelu(add(y, self.down(x)))


REACTNET_18 = ((64, 1),) * 4 + ((128, 2),) + ((128, 1),) * 3 + ((256, 2),) + ((256, 1),) * 3 + ((512, 2),) + ((512, 1),) * 3


class ReActNet18(nn.Module):
    def __init__(self, style: Style, blocks=REACTNET_18, cin: int = 3, classes: int = 1000, stem_channels: int = 64):
        super().__init__()
        channels = stem_channels
        self.stem = stem(style.stem, cin, channels)
        self.layers = nn.Sequential()
        for cout, stride in blocks:
            self.layers.append(ResidualBlock(channels, cout, stride, style))
            channels = cout
        self.head = Head(channels, classes, style)

    def forward(self, x):
        return self.head(self.layers(self.stem(x)))


# ---- binary networks without shortcuts ------------------------------------------------------------------------------

class PlainSign(nn.Module):
    """Binarization at 0; what stands in front folds into an integer compare."""

    def __init__(self, form: str):
        super().__init__()
        self.f = SIGNS[form]

    def forward(self, x):
        note_margin(x)
        return note("RSign", self.f(x), threshold="static", compare=">=")


class BinaryDense(nn.Module):
    """A fully connected layer with weights +-s (or +-1) whose input is binary."""

    def __init__(self, cin, cout, form: str):
        super().__init__()
        w = initial_weight((cout, cin))
        self.form = form
        if form.startswith("folded"):
            w = torch.sign(w) * w.abs().mean(1, keepdim=True)
        if form == "plus_minus_one":
            w = torch.sign(w)
        self.weight = nn.Parameter(w)
        self.bias = nn.Parameter(torch.randn(cout) * 0.3) if form == "folded_bias" else None

    def forward(self, x):
        w = self.weight
        if self.form in ("sign", "matmul"):
            w = torch.sign(w)
        if self.form == "ste":
            soft = w.clamp(-1, 1)
            w = (torch.sign(w) * w.abs().mean(1, keepdim=True) - soft).detach() + soft
        y = torch.matmul(x, w.t()) if self.form == "matmul" else F.linear(x, w, self.bias)
        return note_conv("BinaryDense", y, self.weight.shape)


class BatchNorm1d(nn.BatchNorm1d):
    def __init__(self, channels):
        super().__init__(channels)
        nn.init.uniform_(self.weight, 0.5, 1.5)
        nn.init.normal_(self.bias, 0, 0.2)


class PlainBnn(nn.Module):
    """Conv (float), BN, sign; (binary conv, BN[, max pool], sign) repeated; binary FC, BN, sign; FC."""

    def __init__(self, style: Style, widths=(6, 9), pools=(True, True), cin=1, size=12, classes=10, fc=(8,),
                 fc_form="folded", last_binary=False, flatten="flatten", kernel=3, stride=1, padding=None, hardtanh=False):
        super().__init__()
        around = style.dilation * (kernel // 2) if padding is None else padding
        sign = style.act.sign
        layers: list[nn.Module] = [Conv(cin, widths[0], 3, 1, 1, bias=False), batch_norm(widths[0], style.bn), PlainSign(sign)]
        for a, b, pool in zip(widths[:-1], widths[1:], pools):
            layers += [binary_conv(style, a, b, kernel, stride, padding=around, dilation=style.dilation), batch_norm(b, style.bn)]
            size = (size + 2 * around - style.dilation * (kernel - 1) - 1) // stride + 1
            if pool:
                layers.append(MaxPool(2, 2, 0))
                size //= 2
            if hardtanh:
                layers.append(nn.Hardtanh(inplace=True))
            layers.append(PlainSign(sign))
        self.features = nn.Sequential(*layers)
        self.flatten = flatten
        dense: list[nn.Module] = []
        channels = widths[-1] * size * size
        for width in fc:
            dense += [BinaryDense(channels, width, fc_form), BatchNorm1d(width), PlainSign(sign)]
            channels = width
        last = BinaryDense(channels, classes, fc_form) if last_binary else Dense(channels, classes)
        self.classifier = nn.Sequential(*dense, last, *([BatchNorm1d(classes)] if last_binary else []))

    def forward(self, x):
        x = self.features(x)
        x = x.view(x.size(0), -1) if self.flatten == "view" else torch.flatten(x, 1)
        return self.classifier(x)


class XnorOrder(nn.Module):
    """XNOR-Net's order: batch norm, sign, binary convolution, ReLU, max pool; the sign belongs to what follows."""

    def __init__(self, style: Style, widths=(6, 8), cin=1, classes=5):
        super().__init__()
        self.stem = nn.Sequential(Conv(cin, widths[0], 3, 1, 1), batch_norm(widths[0]), Relu())
        layers: list[nn.Module] = []
        for a, b in zip(widths[:-1], widths[1:]):
            layers += [batch_norm(a), PlainSign(style.act.sign), binary_conv(style, a, b, 3), Relu(), MaxPool(3, 2, 1)]
        self.features = nn.Sequential(*layers)
        self.head = Head(widths[-1], classes, style)

    def forward(self, x):
        return self.head(self.features(self.stem(x)))


class BinaryMlp(nn.Module):
    """Only fully connected layers, on a flattened picture."""

    def __init__(self, size=8, widths=(33, 20), classes=10, form="ste", sign="sign", cin=1):
        super().__init__()
        layers: list[nn.Module] = [Dense(cin * size * size, widths[0]), BatchNorm1d(widths[0]), PlainSign(sign)]
        for a, b in zip(widths[:-1], widths[1:]):
            layers += [BinaryDense(a, b, form), BatchNorm1d(b), PlainSign(sign)]
        layers.append(BinaryDense(widths[-1], classes, form))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x.flatten(1))


def near_binary_stem(noise: float) -> nn.Module:
    """A float convolution on the picture itself whose weights look binary: +-s, or +-s with noise. It stays float."""
    net = ReActNet18(Style(), ((6, 1),), classes=5, stem_channels=6)
    weight = net.stem[0].weight
    with torch.no_grad():
        scale = weight.abs().mean(dim=(1, 2, 3), keepdim=True)
        weight.copy_(torch.sign(weight) * scale * (1 + noise * torch.randn_like(weight)))
    return net
