"""The two-stage recipe of ReActNet and DyBNN, on a small picture set.

    python -m dybnn.train --network dybnn --out runs/dybnn-0 [--seed 0] [--epochs 8 16]

Stage 1: binary activations, real weights, weight decay 1e-5 on the weights of convolutions and FCs.
Stage 2: both binary, starting from stage 1, no weight decay at all.
Both: Adam, learning rate falling in a straight line from 5e-4 to 0, batches of 256, cross-entropy.

Writes OUT/log.txt, OUT/stage1.pt and OUT/stage2.pt. A checkpoint is always the stage's last epoch: none is picked by
looking at the test pictures.
"""

import argparse
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import backbones, data
from .evaluate import accuracy, logits_pytorch


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Weight decay is for the weights of convolutions and the classifier, never for activations' parameters (that
    would pull thresholds to 0), batch norm or biases."""
    decayed, free = [], []
    for name, parameter in model.named_parameters():
        of_activation = any(part in name for part in ("sign", "prelu"))
        (decayed if parameter.ndim > 1 and not of_activation else free).append(parameter)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def train_stage(
    model: backbones.BinaryNetwork,
    pictures: Tensor,
    labels: Tensor,
    *,
    epochs: int,
    learning_rate: float,
    weight_decay: float,
    batch: int,
    shift: int,
    compiled: bool,
    generator: torch.Generator,
    after_epoch,
) -> None:
    steps_per_epoch = len(labels) // batch
    steps = epochs * steps_per_epoch
    optimizer = torch.optim.Adam(parameter_groups(model, weight_decay), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    forward = torch.compile(model) if compiled else model
    for epoch in range(epochs):
        model.train()
        start, total_loss = time.perf_counter(), 0.0
        order = torch.randperm(len(labels), generator=generator)[: steps_per_epoch * batch]
        for chosen in order.split(batch):
            x = data.to_float(data.augment(pictures[chosen], generator, shift))
            loss = F.cross_entropy(forward(x.contiguous(memory_format=torch.channels_last)), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total_loss += loss.item()
        after_epoch(epoch + 1, total_loss / steps_per_epoch, time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=["dybnn", "reactnet"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=data.DEBIAN_FASHION_MNIST, help="folder of the four IDX files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, nargs=2, default=[8, 16], metavar=("STAGE1", "STAGE2"))
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--shift", type=int, default=1, help="augmentation: pixels to move by, both ways")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="fuse pointwise operations by torch.compile: faster")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    log = (args.out / "log.txt").open("a", buffering=1)

    def say(line: str) -> None:
        print(line, flush=True)
        log.write(line + "\n")

    pictures, labels = data.load("train", args.data)
    test_pictures, test_labels = data.load("t10k", args.data)
    model = backbones.NETWORKS[args.network]().to(memory_format=torch.channels_last)
    say(f"{args.network}: {sum(p.numel() for p in model.parameters())} parameters, seed {args.seed}")

    for stage, epochs in enumerate(args.epochs, start=1):
        model.use_binary_weights(stage == 2)

        def after_epoch(epoch: int, loss: float, seconds: float) -> None:
            seen = accuracy(logits_pytorch(model, test_pictures), test_labels)
            say(f"stage {stage} epoch {epoch:2}/{epochs}  loss {loss:.4f}  test {seen:.2f} %  {seconds:.0f} s")
            checkpoint = {"network": args.network, "seed": args.seed, "stage": stage, "epoch": epoch}
            torch.save(checkpoint | {"state": model.state_dict()}, args.out / f"stage{stage}.pt")

        train_stage(
            model,
            pictures,
            labels,
            epochs=epochs,
            learning_rate=args.learning_rate,
            weight_decay=1e-5 if stage == 1 else 0.0,
            batch=args.batch,
            shift=args.shift,
            compiled=args.compile,
            generator=generator,
            after_epoch=after_epoch,
        )


if __name__ == "__main__":
    main()
