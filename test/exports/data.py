"""Image-like random inputs: mostly low frequencies, some detail, normalised per picture."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def pictures(shape: tuple[int, int, int, int], seed: int) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    n, c, h, w = shape

    def octave(cells: int) -> Tensor:
        noise = torch.randn(n, c, max(2, cells), max(2, cells), generator=g)
        return F.interpolate(noise, size=(h, w), mode="bilinear", align_corners=True)

    x = octave(3) + 0.5 * octave(8) + 0.1 * torch.randn(n, c, h, w, generator=g)
    mean = x.mean(dim=(2, 3), keepdim=True)
    return (x - mean) / x.std(dim=(2, 3), keepdim=True) + 0.3 * torch.randn(n, c, 1, 1, generator=g)


def calibrate(model: torch.nn.Module, shape: tuple[int, int, int, int], seed: int, batches: int = 4, size: int = 16) -> None:
    """Lets batch normalization see some pictures; without, activations collapse behind the first layers."""
    for m in model.modules():
        if isinstance(m, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            m.momentum = None
            m.reset_running_stats()
    model.train()
    with torch.no_grad():
        for i in range(batches):
            model(pictures((size, *shape[1:]), seed + i))
    model.eval()
