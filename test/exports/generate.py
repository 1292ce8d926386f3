"""Writes the fixtures, or the four networks at full size.

    python generate.py                  all fixtures, into fixtures/
    python generate.py --only 'sign-*'  some of them
    python generate.py --list           their names and what each shows
    python generate.py --full DIR       ReActNet-A, ReActNet-18, DyBNN-A, DyBNN-18 at 1x3x224x224

A fixture is NAME.onnx, NAME.json (what the raised network must be, see expectations.py) and NAME.output.npy (what ONNX
Runtime computes from the input that the .json names).
"""

from __future__ import annotations

import argparse
import json
import zlib
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

import expectations
from cases import CASES, Case
from data import calibrate, pictures
from exporters import export

FIXTURES = Path(__file__).parent / "fixtures"

# Rounding moves an activation of size 1 by some 1e-6. A network whose smallest distance to any threshold is above this
# flips no sign in any float runtime, so its output can be compared within a tolerance.
SAFE_MARGIN = 3e-5


def main() -> None:
    args = arguments()
    torch.set_num_threads(1)
    if args.list:
        for case in CASES:
            print(f"{case.name:40} {case.what}")
    elif args.full:
        from full_size import write_full_size

        write_full_size(args.full, args.only or "*")
    else:
        failed: list[str] = []
        for case in CASES:
            if fnmatch(case.name, args.only or "*"):
                try:
                    write_fixture(case, args.out)
                except Exception as problem:  # the others are wanted all the same
                    failed.append(case.name)
                    print(f"{case.name:40} FAILED {type(problem).__name__}: {str(problem)[:300]}")
        if failed:
            raise SystemExit(f"{len(failed)} failed: {' '.join(failed)}")
        if fnmatch("refused", args.only or "*"):
            from refused import write_refused

            write_refused(args.out / "refused")


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", metavar="GLOB")
    p.add_argument("--list", action="store_true")
    p.add_argument("--full", metavar="DIR", type=Path)
    p.add_argument("--out", metavar="DIR", type=Path, default=FIXTURES)
    return p.parse_args()


def seed_of(text: str) -> int:
    return zlib.crc32(text.encode())


def shared_input(shape: tuple[int, ...]) -> torch.Tensor:
    return pictures(shape, seed_of(f"input {shape}"))


def write_fixture(case: Case, out: Path) -> None:
    x = shared_input(case.shape)
    model, record, y = safe_model(case, x)
    path = out / f"{case.name}.onnx"
    export(model, x, path, case.export)
    runtime = run_onnxruntime(path, x)
    expected = y.numpy()
    scale = max(1.0, float(np.abs(expected).max()))
    assert runtime.shape == expected.shape, (runtime.shape, expected.shape)
    assert np.abs(runtime - expected).max() < 1e-4 * scale, f"ONNX Runtime and PyTorch differ by {np.abs(runtime - expected).max()}"
    input_path = out / "inputs" / ("x".join(map(str, case.shape)) + ".npy")
    input_path.parent.mkdir(parents=True, exist_ok=True)
    np.save(input_path, x.numpy())
    np.save(out / f"{case.name}.output.npy", runtime)
    (out / f"{case.name}.json").write_text(to_json(description(case, path, record)))
    print(f"{case.name:40} {path.stat().st_size:7} bytes  margin {record.margin:.1e}")


def safe_model(case: Case, x: torch.Tensor):
    """The first seed whose network keeps its distance from every threshold."""
    for attempt in range(200):
        torch.manual_seed(seed_of(f"{case.name} {attempt}"))
        model = case.build()
        calibrate(model, case.shape, seed_of(case.name))
        with torch.no_grad(), expectations.recording() as record:
            y = model(x)
        if record.margin >= SAFE_MARGIN and (record.zeros > 0) == case.zeros and bool(torch.isfinite(y).all()):
            return model, record, y
    raise SystemExit(f"{case.name}: no seed keeps a margin of {SAFE_MARGIN}; the last had {record.margin}")


def run_onnxruntime(path: Path, x: torch.Tensor) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source: Path | bytes = path
    model = onnx.load(path, load_external_data=False)
    if model.ir_version > 10:  # newer than ONNX Runtime takes; the meaning is the same
        model.ir_version = 10
        source = model.SerializeToString()
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]


def to_json(fields: dict) -> str:
    """One line a field, and one a layer: small, and a change shows in a diff."""
    def line(value) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n ]"
        return json.dumps(value)

    return "{\n " + ",\n ".join(f"{json.dumps(k)}: {line(v)}" for k, v in fields.items()) + "\n}\n"


def description(case: Case, path: Path, record: expectations.Record) -> dict:
    model = onnx.load(path, load_external_data=False)
    how = case.export
    return {
        "name": case.name,
        "what": case.what,
        "made": {
            "exporter": how.exporter, "torch": torch.__version__.split("+")[0], "opset": model.opset_import[0].version,
            "irVersion": model.ir_version, "constantFolding": how.folding, "dynamicBatch": how.dynamic_batch,
            "externalData": how.external_data, "simplified": how.simplify,
        },
        "input": "inputs/" + "x".join(map(str, case.shape)) + ".npy",
        "output": f"{case.name}.output.npy",
        "smallestMargin": record.margin,
        **({"zerosAtThreshold": record.zeros} if record.zeros else {}),
        "counts": expectations.summary(record),
        "binaryMacs": record.macs("BinaryConv2d", "BinaryDense"),
        "floatMacs": record.macs("Conv2d", "Dense"),
        **case.extra,
        "layers": record.layers,
    }


if __name__ == "__main__":
    main()
