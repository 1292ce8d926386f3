"""Exporters and what people do to a file afterwards. In: an eval-mode module and its input. Out: NAME.onnx."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import onnx
import torch
from torch import Tensor, nn

import edits


@dataclass(frozen=True)
class Export:
    exporter: str = "torchscript"  # torchscript | dynamo
    opset: int = 13
    folding: bool = True  # the TorchScript exporter's constant folding
    keep_bn: bool = False  # TrainingMode.PRESERVE: batch norm is not fused into a convolution
    dynamic_batch: bool = False
    external_data: bool = False
    simplify: bool = False  # onnx-simplifier
    metadata: bool = False  # keep the dynamo exporter's stack traces (paths replaced)
    edits: tuple[Callable[[onnx.ModelProto], None], ...] = ()


def export(model: nn.Module, x: Tensor, path: Path, how: Export) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        {"torchscript": _torchscript, "dynamo": _dynamo}[how.exporter](model, x, path, how)
    proto = onnx.load(str(path), load_external_data=True)
    if how.simplify:
        import onnxsim

        proto, ok = onnxsim.simplify(proto)
        assert ok
    edits.scrub_paths(proto, keep_traces=how.metadata)
    for edit in how.edits:
        edit(proto)
    save(proto, path, how.external_data)


def save(proto: onnx.ModelProto, path: Path, external: bool) -> None:
    for stale in (path, path.with_name(path.name + ".data")):
        stale.unlink(missing_ok=True)
    if external:
        data = path.name + ".data"
        onnx.save(proto, str(path), save_as_external_data=True, location=data, size_threshold=256)
        path.with_name(data).chmod(0o644)
    else:
        onnx.save(proto, str(path))


def _torchscript(model, x, path, how):
    torch.onnx.export(
        model, (x,), str(path), dynamo=False, opset_version=how.opset, do_constant_folding=how.folding,
        training=torch.onnx.TrainingMode.PRESERVE if how.keep_bn else torch.onnx.TrainingMode.EVAL,
        input_names=["input"], output_names=["output"],
        dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}} if how.dynamic_batch else None,
    )


def _dynamo(model, x, path, how):
    torch.onnx.export(
        model, (x,), str(path), dynamo=True, opset_version=how.opset, external_data=False, verbose=False,
        dynamic_shapes=({0: torch.export.Dim("batch")},) if how.dynamic_batch else None, optimize=how.folding,
    )
