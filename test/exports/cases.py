"""Every fixture, in one table: what it shows, the network, the exporter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from torch import nn

import edits
from activations import Activations, Dynamic
from backbones import BinaryMlp, PlainBnn, ReActNet18, ReActNetA, Style
from exporters import Export

SAFE_MARGIN = 3e-5


@dataclass(frozen=True)
class Case:
    name: str
    what: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...] = (1, 3, 16, 16)
    export: Export = field(default_factory=Export)
    margin: float = SAFE_MARGIN
    torch_differs: bool = False
    extra: dict = field(default_factory=dict)


def net_a(act=None, plan=(8, ((8, 1),)), cin=3, classes=10, **style):
    return lambda: ReActNetA(Style(act=act or Activations(), **style), plan, cin, classes)


def net_18(act=None, blocks=((8, 1), (12, 2)), stem_channels=8, cin=3, classes=10, **style):
    return lambda: ReActNet18(Style(act=act or Activations(), **style), blocks, cin, classes, stem_channels)


CASES: list[Case] = []


def case(name: str, what: str, build, shape=(1, 3, 16, 16), export=None, **more) -> None:
    assert all(c.name != name for c in CASES), name
    CASES.append(Case(name, what, build, shape, export or Export(), **more))


# ---- the whole of it, small -----------------------------------------------------------------------------------------

TRAINING = Activations(sign="ste_polynomial", threshold="add_expand", shift="add_expand")
A_PLAN = (8, ((8, 1), (16, 2)))

case("reactnet-a-training", "ReActNet-A as its training code exports it", net_a(TRAINING, A_PLAN, weight="flat_hard"))
case("reactnet-a-clean", "ReActNet-A with weights +-s and a plain Sign", net_a(None, A_PLAN))
case("reactnet-18-training", "ReActNet-18 as its training code exports it",
     net_18(TRAINING, weight="flat_hard", stem="conv7_max"), (1, 3, 32, 32))
case("reactnet-18-clean", "ReActNet-18 with weights +-s and a plain Sign", net_18(stem="conv7_max"), (1, 3, 32, 32))
case("dybnn-a-training", "DyBNN-A on ReActNet's training code",
     net_a(Activations(sign="ste_polynomial", threshold="sub", dynamic=Dynamic(reshape="view", between="relu")), A_PLAN,
           weight="flat_hard"))
case("dybnn-a-clean", "DyBNN-A with weights +-s and Where(x >= alpha)",
     net_a(Activations(sign="where_ge", threshold="compare", shift="sub", dynamic=Dynamic()), A_PLAN))
case("dybnn-18-training", "DyBNN-18 on ReActNet's training code",
     net_18(Activations(sign="ste_polynomial", threshold="add", dynamic=Dynamic(reshape="view")), weight="flat_hard",
            stem="conv7_max"), (1, 3, 32, 32))
case("dybnn-18-clean", "DyBNN-18 with weights +-s",
     net_18(Activations(threshold="sub", shift="sub", dynamic=Dynamic()), stem="conv7_max"), (1, 3, 32, 32))
case("plain-cnn", "convolution, batch norm, sign, repeated; binary fully connected", lambda: PlainBnn(Style()), (1, 1, 12, 12))
case("plain-mlp", "binary fully connected layers only", lambda: BinaryMlp(), (1, 1, 8, 8))
case("dynamo-a-training", "the torch.export exporter on ReActNet's training code", net_a(TRAINING, weight="flat_hard"),
     export=Export("dynamo", 18))
case("dynamo-dybnn", "the torch.export exporter on DyBNN", net_a(Activations(threshold="sub", shift="sub", dynamic=Dynamic())),
     export=Export("dynamo", 18))
case("no-folding-dybnn-batch-axis", "Shape, Gather, Unsqueeze, Concat, Reshape around every FC",
     net_a(Activations(threshold="sub", dynamic=Dynamic(reshape="view_sizes"))), export=Export(opset=11, folding=False, dynamic_batch=True))
