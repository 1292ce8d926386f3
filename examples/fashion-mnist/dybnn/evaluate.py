"""Accuracy over the test pictures, by PyTorch or by ONNX Runtime.

    python -m dybnn.evaluate MODEL.onnx [--data DIR]
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from . import data


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
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, default=data.DEBIAN_FASHION_MNIST)
    args = parser.parse_args()
    pictures, labels = data.load("t10k", args.data)
    print(f"{args.model}: {accuracy(logits_onnxruntime(args.model, pictures), labels):.2f} % of {len(labels)}")


if __name__ == "__main__":
    main()
