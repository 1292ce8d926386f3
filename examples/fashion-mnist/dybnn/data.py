"""IDX files (Fashion-MNIST, MNIST, ...), gzip or not, as tensors in memory."""

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


def read_idx(path: Path) -> np.ndarray:
    """IDX: two zero bytes, the type (8 = uint8), the rank, each dimension as a big-endian uint32, then the data."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or kind != 8:
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    shape = struct.unpack_from(f">{rank}I", data, 4)
    body = np.frombuffer(data, np.uint8, offset=4 + 4 * rank)
    if body.size != math.prod(shape):
        raise ValueError(f"{path}: header says {shape}, but {body.size} bytes follow")
    return body.reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """The inverse of read_idx. The gzip header carries no time and no name, so the same data gives the same file."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    data = header + np.ascontiguousarray(array, np.uint8).tobytes()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def load(part: str, root: Path = DEBIAN_FASHION_MNIST) -> tuple[Tensor, Tensor]:
    """`part` is "train" or "t10k". Gives uint8 pictures N x 1 x H x W and int64 labels N."""

    def find(name: str) -> np.ndarray:
        for path in (root / name, root / f"{name}.gz"):
            if path.exists():
                return read_idx(path)
        raise FileNotFoundError(
            f"no {name} or {name}.gz in {root}; on Debian: apt install dataset-fashion-mnist; elsewhere: --data DIR"
        )

    pictures, labels = find(f"{part}-images-idx3-ubyte"), find(f"{part}-labels-idx1-ubyte")
    if len(pictures) != len(labels):
        raise ValueError(f"{root}: {len(pictures)} pictures of {part}, but {len(labels)} labels")
    return torch.tensor(pictures[:, None]), torch.tensor(labels.astype(np.int64))


def to_float(pictures: Tensor) -> Tensor:
    """What every network here takes: pixels scaled to 0..1. The stem's batch norm does the rest, so nothing but this
    has to be repeated by whoever runs the exported network."""
    return pictures.float() / 255


def augment(pictures: Tensor, generator: torch.Generator, shift: int) -> Tensor:
    """Half of a batch mirrored, each picture moved by up to `shift` pixels both ways, black where nothing moved in."""
    n, _, height, width = pictures.shape
    mirrored = torch.rand(n, generator=generator) < 0.5
    pictures = torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures)
    windows = torch.nn.functional.pad(pictures, [shift] * 4).unfold(2, height, 1).unfold(3, width, 1)
    dy, dx = torch.randint(2 * shift + 1, (2, n), generator=generator)
    return windows[torch.arange(n), :, dy, dx]
