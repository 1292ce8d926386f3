"""ReActNet's two backbones, of any width and depth, with static (ReActNet) or dynamic (DyBNN) activations.

Stem, 1x1 downsampling of the ResNet and classifier are float, all other convolutions binary.
"""

from dataclasses import dataclass
from typing import Callable

import torch
from torch import Tensor, nn

from .layers import BinaryConv2d, DyPReLU, DySign, RPReLU, RSign, global_average


@dataclass(frozen=True)
class Activations:
    """How a network binarizes and how it bends: each makes a layer for a number of channels."""

    sign: Callable[[int], nn.Module]
    prelu: Callable[[int], nn.Module]


STATIC = Activations(RSign, RPReLU)
DYNAMIC = Activations(DySign, DyPReLU)


class BinaryUnit(nn.Module):
    """sign -> binary convolution -> batch norm, C channels to C or, in the ResNet, to another number."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, act: Activations):
        super().__init__()
        self.sign = act.sign(in_channels)
        self.conv = BinaryConv2d(in_channels, out_channels, kernel_size, stride)
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(self.sign(x)))


class MobileBlock(nn.Module):
    """    x -> sign -> 3x3 binary, stride -> BN -> + -> prelu -> y
          \\______ 2x2 average pool if stride 2 ___/

           y -> sign -> 1x1 binary -> BN -> + -> prelu              as many channels as before
          \\_______________________________/

           y -> sign -+-> 1x1 binary -> BN -> + y -+
                      +-> 1x1 binary -> BN -> + y -+-> concat -> prelu      twice as many
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, act: Activations):
        super().__init__()
        if out_channels not in (in_channels, 2 * in_channels):
            raise ValueError(f"a block keeps or doubles its channels; {in_channels} -> {out_channels} does neither")
        self.spatial = BinaryUnit(in_channels, in_channels, 3, stride, act)
        self.shortcut = nn.AvgPool2d(2, 2) if stride == 2 else nn.Identity()
        self.prelu1 = act.prelu(in_channels)
        self.sign2 = act.sign(in_channels)
        self.pointwise = nn.ModuleList(
            nn.Sequential(BinaryConv2d(in_channels, in_channels, 1), nn.BatchNorm2d(in_channels))
            for _ in range(out_channels // in_channels)
        )
        self.prelu2 = act.prelu(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.prelu1(self.spatial(x) + self.shortcut(x))
        bits = self.sign2(y)
        branches = [pointwise(bits) + y for pointwise in self.pointwise]
        return self.prelu2(branches[0] if len(branches) == 1 else torch.cat(branches, dim=1))


class ResNetUnit(nn.Module):
    """    x -> sign -> 3x3 binary, stride -> BN -> + -> prelu
          \\_ 2x2 average pool, 1x1 float, BN if the shape changes _/

    Two of these are one basic block of ResNet-18.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, act: Activations):
        super().__init__()
        self.spatial = BinaryUnit(in_channels, out_channels, 3, stride, act)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2, 2) if stride == 2 else nn.Identity(),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        self.prelu = act.prelu(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.prelu(self.spatial(x) + self.shortcut(x))


class BinaryNetwork(nn.Module):
    """Float stem -> binary blocks -> global average pool -> float classifier."""

    def __init__(self, stem: nn.Module, blocks: list[nn.Module], out_channels: int, classes: int):
        super().__init__()
        self.stem = stem
        self.blocks = nn.Sequential(*blocks)
        self.classifier = nn.Linear(out_channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(global_average(self.blocks(self.stem(x))))

    def use_binary_weights(self, on: bool) -> None:
        """Off in the recipe's first stage, on in the second and ever after."""
        for module in self.modules():
            if isinstance(module, BinaryConv2d):
                module.binary_weights = on


def mobile(
    act: Activations, *, in_channels: int, stem: tuple[int, int], blocks: list[tuple[int, int]], classes: int
) -> BinaryNetwork:
    """The MobileNetV1-like backbone. `stem` and each of `blocks` are (output channels, stride)."""
    channels, stride = stem
    first = nn.Sequential(nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels))
    layers: list[nn.Module] = []
    for out_channels, stride in blocks:
        layers.append(MobileBlock(channels, out_channels, stride, act))
        channels = out_channels
    return BinaryNetwork(first, layers, channels, classes)


def resnet(
    act: Activations, *, in_channels: int, widths: list[int], depths: list[int], classes: int, small_input: bool = False
) -> BinaryNetwork:
    """The ResNet backbone: `depths[i]` basic blocks of `widths[i]` channels; every stage but the first halves the map.

    `small_input` takes a 3x3 stem of stride 1 in place of the 7x7 of stride 2 with max pool."""
    channels = widths[0]
    if small_input:
        first = nn.Sequential(nn.Conv2d(in_channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))
    else:
        first = nn.Sequential(
            nn.Conv2d(in_channels, channels, 7, 2, 3, bias=False), nn.BatchNorm2d(channels), nn.MaxPool2d(3, 2, 1)
        )
    layers: list[nn.Module] = []
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        for unit in range(2 * depth):
            layers.append(ResNetUnit(channels, width, 2 if stage > 0 and unit == 0 else 1, act))
            channels = width
    return BinaryNetwork(first, layers, channels, classes)


def imagenet_mobile(act: Activations) -> BinaryNetwork:
    """ReActNet-A (STATIC) or DyBNN-A (DYNAMIC): 3 x 224 x 224, 1000 classes, 13 blocks."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    return mobile(act, in_channels=3, stem=(32, 2), blocks=blocks, classes=1000)


def imagenet_resnet18(act: Activations) -> BinaryNetwork:
    """ReActNet-18 (STATIC) or DyBNN-18 (DYNAMIC): 3 x 224 x 224, 1000 classes."""
    return resnet(act, in_channels=3, widths=[64, 128, 256, 512], depths=[2, 2, 2, 2], classes=1000)


def fashion_mobile(act: Activations) -> BinaryNetwork:
    """The small network of this example: 1 x 28 x 28, 10 classes; maps of 14 x 14, then 7 x 7."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 1)]
    return mobile(act, in_channels=1, stem=(32, 2), blocks=blocks, classes=10)


NETWORKS: dict[str, Callable[[], BinaryNetwork]] = {
    "dybnn-a": lambda: imagenet_mobile(DYNAMIC),
    "reactnet-a": lambda: imagenet_mobile(STATIC),
    "dybnn-18": lambda: imagenet_resnet18(DYNAMIC),
    "reactnet-18": lambda: imagenet_resnet18(STATIC),
    "dybnn": lambda: fashion_mobile(DYNAMIC),
    "reactnet": lambda: fashion_mobile(STATIC),
}
