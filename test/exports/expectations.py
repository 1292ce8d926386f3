"""What a network must be once it is raised, written down by the network itself while PyTorch runs it.

In: calls of `note` and `note_margin` from the modules' forward methods. Out: a Record. Nothing here is read from the
ONNX file, so the expectations are independent of exporter and compiler. Outside of `recording` the calls do nothing, so
an exporter that traces the same forward methods sees none of this.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor

KINDS = (
    "BinaryConv2d", "BinaryDense", "RSign", "RPReLU", "DynamicUnit", "Conv2d", "Dense", "AvgPool", "MaxPool",
    "GlobalAvgPool", "Add", "Concat", "Relu", "Clip", "Mul", "Softmax", "BatchNorm",
)


@dataclass
class Record:
    layers: list[dict] = field(default_factory=list)
    margin: float = float("inf")
    zeros: int = 0  # values exactly at their threshold

    def count(self, kind: str, **fields) -> int:
        return sum(
            layer["op"] == kind and all(layer.get(k) == v for k, v in fields.items()) for layer in self.layers
        )

    def macs(self, *kinds: str) -> int:
        return sum(layer.get("macs", 0) for layer in self.layers if layer["op"] in kinds)


_record: Record | None = None


@contextmanager
def recording():
    global _record
    _record = Record()
    try:
        yield _record
    finally:
        _record = None


def note(op: str, y: Tensor, **fields) -> Tensor:
    """One layer of the raised network, in the order of execution. `out` is its shape without the batch axis."""
    if _record is not None:
        assert op in KINDS, op
        _record.layers.append({"op": op, "out": list(y.shape[1:]), **fields})
    return y


def note_conv(op: str, y: Tensor, weight_shape, **fields) -> Tensor:
    """A convolution or dense layer, with its multiply-accumulates per sample."""
    if _record is not None:
        pixels = prod(y.shape[2:])
        note(op, y, macs=pixels * prod(weight_shape), **fields)
    return y


def note_margin(x: Tensor, threshold: Tensor | None = None) -> None:
    """How near a compared value came to its threshold. A runtime whose rounding error is smaller flips nothing."""
    if _record is not None:
        distance = (x if threshold is None else x - threshold).abs()
        _record.zeros += int((distance == 0).sum())
        _record.margin = min(_record.margin, distance[distance > 0].min().item())


def summary(record: Record) -> dict:
    return {
        "binaryConv": record.count("BinaryConv2d"),
        "binaryDense": record.count("BinaryDense"),
        "rsignStatic": record.count("RSign", threshold="static"),
        "rsignDynamic": record.count("RSign", threshold="dynamic"),
        "rpreluStatic": record.count("RPReLU", shifts="static"),
        "rpreluDynamic": record.count("RPReLU", shifts="dynamic"),
        "dynamicUnits": record.count("DynamicUnit"),
        "conv": record.count("Conv2d"),
        "dense": record.count("Dense"),
        "avgPool": record.count("AvgPool"),
        "maxPool": record.count("MaxPool"),
        "globalAvgPool": record.count("GlobalAvgPool"),
        "add": record.count("Add"),
        "concat": record.count("Concat"),
        "softmax": record.count("Softmax"),
    }
