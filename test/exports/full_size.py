"""The four networks at 1x3x224x224 with 1000 classes, in three exports each.

    training  as the training code is exported: polynomial sign, weights made in the graph from a flat parameter
    dynamo    the same by the torch.export exporter, weights in an external file, batch axis dynamic
    clean     weights +-s and a plain Sign

Some 50 to 120 MB a file: never checked in. Weights are random, batch norm is calibrated. The exports of a network share
their seed and so their weights, up to rounding.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import torch

import expectations
from activations import Activations, Dynamic
from backbones import ReActNet18, ReActNetA, Style
from data import calibrate, pictures
from exporters import Export, export

SHAPE = (1, 3, 224, 224)
UNIT = Dynamic(reshape="view", reduction=16)
TRAINING = Style(
    Activations(sign="ste_polynomial", threshold="add_expand", shift="add_expand"), weight="flat_hard", head="view"
)
CLEAN = Style()


def dynamic(style: Style, threshold: str) -> Style:
    return replace(style, act=replace(style.act, threshold=threshold, shift="sub", dynamic=UNIT))


def stem7(style: Style) -> Style:
    return replace(style, stem="conv7_max")


NETWORKS = {
    "reactnet-a": (lambda s: ReActNetA(s), TRAINING, CLEAN),
    "reactnet-18": (lambda s: ReActNet18(s), stem7(TRAINING), stem7(CLEAN)),
    "dybnn-a": (lambda s: ReActNetA(s), dynamic(TRAINING, "sub"), dynamic(CLEAN, "sub")),
    "dybnn-18": (lambda s: ReActNet18(s), stem7(dynamic(TRAINING, "sub")), stem7(dynamic(CLEAN, "sub"))),
}


def write_full_size(out: Path, only: str) -> None:
    from generate import run_onnxruntime, to_json

    torch.set_num_threads(2)
    out.mkdir(parents=True, exist_ok=True)
    x = pictures(SHAPE, 20)
    np.save(out / "input.npy", x.numpy())
    for name, (build, training, clean) in NETWORKS.items():
        for kind, style, how in (
            ("training", training, Export(opset=13)),
            ("dynamo", training, Export("dynamo", 18, external_data=True, dynamic_batch=True)),
            ("clean", clean, Export(opset=13)),
        ):
            stem = f"{name}-{kind}"
            if not fnmatch(stem, only):
                continue
            torch.manual_seed(1)
            model = build(style)
            calibrate(model, SHAPE, 30, batches=2, size=4)
            with torch.no_grad(), expectations.recording() as record:
                y = model(x).numpy()
            path = out / f"{stem}.onnx"
            export(model, x, path, how)
            runtime = run_onnxruntime(path, x)
            np.save(out / f"{stem}.output.npy", runtime)
            report = {
                "name": stem,
                "input": "input.npy",
                "output": f"{stem}.output.npy",
                "smallestMargin": record.margin,
                "torchDiffersBy": float(np.abs(runtime - y).max()),
                "counts": expectations.summary(record),
                "binaryMacs": record.macs("BinaryConv2d", "BinaryDense"),
                "floatMacs": record.macs("Conv2d", "Dense"),
                "dynamicUnitMacs": sum(2 * l["hidden"] * l["channels"] for l in record.layers if l["op"] == "DynamicUnit"),
                "layers": record.layers,
            }
            (out / f"{stem}.json").write_text(to_json(report))
            print(stem, path.stat().st_size, "bytes", {k: v for k, v in report.items() if k not in ("layers", "name")}, flush=True)
