"""Accuracy over the test pictures: checkpoints (.pt) by PyTorch, graphs (.onnx) by ONNX Runtime.

    python -m dybnn.evaluate MODEL... [--data DIR]

Where several are named, it also says on how many pictures each agrees with the first.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import backbones, data


def load_checkpoint(path: Path) -> backbones.BinaryNetwork:
    """What train.py wrote, ready for inference."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = backbones.NETWORKS[checkpoint["network"]]()
    model.load_state_dict(checkpoint["state"])
    model.use_binary_weights(checkpoint["stage"] == 2)
    return model.eval()


@torch.no_grad()
def logits_pytorch(model: nn.Module, pictures: Tensor, batch: int = 500) -> Tensor:
    was_training = model.training
    model.eval()
    out = torch.cat([model(data.to_float(part)) for part in pictures.split(batch)])
    model.train(was_training)
    return out


def logits_onnxruntime(path: Path, pictures: Tensor, batch: int = 500) -> Tensor:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    parts = [session.run(None, {name: data.to_float(part).numpy()})[0] for part in pictures.split(batch)]
    return torch.from_numpy(np.concatenate(parts))


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """In percent."""
    return 100 * (logits.argmax(1) == labels).double().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=data.DEBIAN_FASHION_MNIST)
    args = parser.parse_args()
    pictures, labels = data.load("t10k", args.data)
    first: Tensor | None = None
    for path in args.models:
        if path.suffix == ".onnx":
            runtime, logits = "ONNX Runtime", logits_onnxruntime(path, pictures)
        else:
            runtime, logits = "PyTorch", logits_pytorch(load_checkpoint(path), pictures)
        line = f"{path}: {accuracy(logits, labels):.2f} % of {len(labels)} by {runtime}"
        if first is None:
            first = logits.argmax(1)
        else:
            line += f", {(logits.argmax(1) == first).sum().item()} as the first"
        print(line)


if __name__ == "__main__":
    main()
