"""A trained checkpoint as a clean ONNX graph.

    python -m dybnn.export runs/dybnn-0/stage2.pt models/dybnn.onnx [--sign where|sign]

What flows out keeps these true:
- input "input", float32, batch x 1 x 28 x 28, pixels scaled to 0..1; output "logits", float32, batch x 10; the batch
  axis is dynamic;
- every binary convolution is one Conv over one constant whose output channel o holds +-c_o and nothing else: the
  weights are +-s_o when they leave PyTorch, then the exporter folds batch norm into them and into a bias;
- a binarization is GreaterOrEqual and Where, which give +1 at a tie (`--sign where`), or Sub and Sign, which give 0
  there (`--sign sign`);
- a dynamic threshold or shift is ReduceMean, Gemm, Gemm, Unsqueeze; gamma and zeta of one DyPReLU share a ReduceMean;
- nothing of training is left: no straight-through sums, no real weights of binary convolutions.
"""

import argparse
import copy
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from . import data
from .evaluate import load_checkpoint, logits_onnxruntime, logits_pytorch
from .layers import BinaryConv2d, RSign

OPSET = 18


class SubtractAndSign(nn.Module):
    """An RSign or DySign as much training code writes it. At a tie it gives 0, which no bit can hold."""

    def __init__(self, original: RSign):
        super().__init__()
        self.original = original

    def forward(self, x: Tensor) -> Tensor:
        return torch.sign(x - self.original.threshold(x))


def frozen(conv: BinaryConv2d) -> nn.Conv2d:
    """The same convolution over a constant."""
    out_channels, in_channels, kernel_size, _ = conv.weight.shape
    result = nn.Conv2d(in_channels, out_channels, kernel_size, conv.stride, conv.padding, bias=False)
    result.weight.data = conv.eval().effective_weight().detach()
    return result


def clean(model: nn.Module, sign_form: str) -> nn.Module:
    """A copy of the model with nothing in it but what is computed at inference."""
    model = copy.deepcopy(model).eval()
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, BinaryConv2d):
                setattr(parent, name, frozen(child))
            elif isinstance(child, RSign) and sign_form == "sign":
                setattr(parent, name, SubtractAndSign(child))
    return model.eval()


def strip_remarks(proto: onnx.ModelProto) -> None:
    """The exporter notes for each node which line of which file it came from. That is a tenth of a small model."""
    graph = proto.graph
    for item in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del item.metadata_props[:]
        item.doc_string = ""


def export(model: nn.Module, path: Path, *, shape: tuple[int, int, int], sign_form: str = "where") -> None:
    """Writes `path`, weights inside. `shape` is one picture's: channels, height, width."""
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(scratch) / "raw.onnx"
        torch.onnx.export(
            clean(model, sign_form),
            (torch.rand(2, *shape),),
            raw,
            input_names=["input"],
            output_names=["logits"],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
            external_data=False,
            verbose=False,
        )
        proto = onnx.load(raw)
    strip_remarks(proto)
    onnx.checker.check_model(proto, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--sign", choices=["where", "sign"], default="where")
    parser.add_argument("--data", type=Path, default=data.DEBIAN_FASHION_MNIST, help="for the comparison afterwards")
    args = parser.parse_args()

    model = load_checkpoint(args.checkpoint)
    export(model, args.model, shape=(1, 28, 28), sign_form=args.sign)
    pictures, _ = data.load("t10k", args.data)
    ours, theirs = logits_pytorch(model, pictures[:1000]), logits_onnxruntime(args.model, pictures[:1000])
    same = (ours.argmax(1) == theirs.argmax(1)).sum().item()
    apart = (ours - theirs).abs().amax(1)
    print(f"{args.model}: {args.model.stat().st_size} bytes")
    print(f"PyTorch and ONNX Runtime on 1000 pictures: {same} of the same class, logits apart by")
    print(f"median {apart.median():.2g}, 99 % under {apart.quantile(0.99):.2g}, all under {apart.max():.2g}")


if __name__ == "__main__":
    main()
