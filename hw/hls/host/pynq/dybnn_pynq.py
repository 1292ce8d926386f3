"""Runs a generated network on a board with PYNQ 2.7 or later.

    from dybnn_pynq import Network
    network = Network("NAME.json", "NAME.bit")
    logits = network.run(pictures)      # float32 [n, channels, height, width] -> [n, classes]

NAME.json says where everything lies; it stands beside NAME_program.bin and NAME_weights0/1.bin. NAME.bit needs NAME.hwh beside it.
What can be done without a board (placing pictures, reading results) is functions of arrays alone, and tested so; pynq is imported last.

    python3 dybnn_pynq.py NAME.json --bit NAME.bit --input input.npy --output output.npy [--expect golden/output.npy]
"""
import argparse
import json
import os
import re
import time

import numpy as np


class Layout:
    """NAME.json, checked for what this driver must know."""

    FORMAT = 1

    def __init__(self, description):
        if description.get("format") != self.FORMAT:
            raise ValueError("the layout is of another version of this driver")
        self.name = description["name"]
        self.port_bytes = description["portBytes"]
        self.steps = description["steps"]
        self.pictures = description["pictures"]
        self.maps_words = description["mapsWords"]
        self.picture_words = description["pictureWords"]
        self.output_floats = description["outputFloats"]
        self.program_bytes = description["programBytes"]
        self.weights_bytes = description["weightsBytes"]
        self.softmax = description["softmax"]
        self.inputs = description["inputs"]
        self.outputs = description["outputs"]
        self.registers = description["registers"]
        self.input_shape = tuple(description["inputShape"][1:])
        self.output_shape = tuple(description["outputShape"][1:])

    def maps_bytes(self, runs):
        """Bytes that each port needs for the maps of so many runs in one call."""
        return (self.maps_words + (runs - 1) * self.picture_words) * self.port_bytes


def to_int16(x, fraction):
    """Clause 11.3: sat(floor(x * 2^fraction + 1/2)). x has 24 bits, so float64 is exact enough."""
    scaled = np.floor(np.ldexp(x.astype(np.float64), fraction) + 0.5)
    return np.clip(scaled, -32768, 32767).astype("<i2")


def words_of_picture(layout, place, picture):
    """A picture as the words of its place: int16 [words, lanes]."""
    channels, height, width = place["channels"], place["height"], place["width"]
    lanes = layout.port_bytes  # 2 * port_bytes / 2 int16
    values = to_int16(np.asarray(picture, dtype=np.float32).reshape(channels, height, width), place["fraction"])
    rows = np.zeros((height, place["rowWords"] * lanes), dtype="<i2")
    pixels = rows[:, : width * place["pixelLanes"]].reshape(height, width, place["pixelLanes"])
    pixels[:, :, :channels] = values.transpose(1, 2, 0)
    rows[:, : width * place["pixelLanes"]] = pixels.reshape(height, -1)
    return rows.reshape(height * place["rowWords"], lanes)


def place_picture(layout, run, index, picture, maps0, maps1):
    """Picture `index` of run `run` to its place; maps0 and maps1 are uint8 arrays, one a port."""
    place = layout.inputs[index]
    words = words_of_picture(layout, place, picture)
    half = layout.port_bytes // 2
    start = (place["address"] + run * layout.picture_words) * layout.port_bytes
    size = len(words) * layout.port_bytes
    maps0[start : start + size] = np.ascontiguousarray(words[:, :half]).view(np.uint8).reshape(-1)
    maps1[start : start + size] = np.ascontiguousarray(words[:, half:]).view(np.uint8).reshape(-1)


def read_result(layout, run, index, maps0, maps1, output):
    """The result of picture `index` of run `run`, channels first; output is a float32 array."""
    place = layout.outputs[index]
    channels, height, width = place["channels"], place["height"], place["width"]
    if place["kind"] == "vector":
        start = run * layout.output_floats + place["address"]
        result = np.array(output[start : start + channels * height * width], dtype=np.float32)
    else:
        start = place["address"] * layout.port_bytes
        size = height * width * place["pixelWords"] * layout.port_bytes
        halves = [np.asarray(m[start : start + size]).view("<i2").reshape(-1, layout.port_bytes // 2) for m in (maps0, maps1)]
        pixels = np.concatenate(halves, axis=1).reshape(height * width, -1)[:, :channels]
        result = np.ldexp(pixels.T.astype(np.float32), -place["fraction"]).astype(np.float32).reshape(-1)
    return softmax(result) if layout.softmax else result


def exp(x):
    """Clause 9.3, each operation rounded once to float32."""
    f = np.float32
    t = np.clip(x.astype(np.float32), f(-87), f(88))
    k = np.floor(t * f(1.44269504088896341) + f(0.5)).astype(np.float32)
    r = (t - k * f(0.693359375)) - k * f(-2.1219444e-4)
    p = np.full_like(r, f(1.98756915e-4))
    for c in (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        p = p * r + f(c)
    z = (p * (r * r) + r) + f(1)
    return np.ldexp(z, k.astype(np.int32)).astype(np.float32)


def softmax(x):
    """Clause 9.5."""
    e = exp(x - x.max())
    total = np.float32(0)
    for value in e:
        total = np.float32(total + value)
    return (e / total).astype(np.float32)


def batches(layout, pictures, runs):
    """Pictures as lists of runs, each of layout.pictures of them; the last one again where there are too few."""
    size = layout.pictures
    padded = list(pictures) + [pictures[-1]] * (-len(pictures) % size)
    every = [padded[i : i + size] for i in range(0, len(padded), size)]
    return [every[i : i + runs] for i in range(0, len(every), runs)]


START, DONE = 1 << 0, 1 << 1  # bits of the control register at 0x00 (UG1399, S_AXILITE Control Register Map)


class Network:
    """The network in the board's fabric. `runs`: how many runs a call of the engine may do without the processor."""

    def __init__(self, layout_file, bit_file, runs=8, timeout=10.0):
        from pynq import Overlay, allocate

        folder = os.path.dirname(os.path.abspath(layout_file))
        with open(layout_file, encoding="utf-8") as file:
            self.layout = layout = Layout(json.load(file))
        # A result that is a map is overwritten by the next run.
        self.runs = runs if all(o["kind"] == "vector" for o in layout.outputs) else 1
        self.timeout = timeout
        self.overlay = Overlay(bit_file)
        self.engine = self.overlay.engine
        self._check_registers()
        self.program = self._load(allocate, folder, "program", layout.program_bytes)
        self.weights = [self._load(allocate, folder, "weights%d" % p, layout.weights_bytes) for p in (0, 1)]
        self.maps = [allocate(shape=(layout.maps_bytes(self.runs),), dtype=np.uint8) for _ in (0, 1)]
        self.output = allocate(shape=(max(1, self.runs * layout.output_floats),), dtype=np.float32)
        for name, buffer in (
            ("weights0", self.weights[0]),
            ("weights1", self.weights[1]),
            ("in0", self.maps[0]),
            ("in1", self.maps[1]),
            ("out0", self.maps[0]),
            ("out1", self.maps[1]),
            ("program", self.program),
            ("output", self.output),
        ):
            self._write64(name, buffer.device_address)
        self._write("first_step", 0)
        self._write("last_step", layout.steps)
        self._write("input_words", layout.picture_words)
        self._write("output_words", layout.output_floats)
        self.seconds = 0.0

    def _load(self, allocate, folder, what, size):
        path = os.path.join(folder, "%s_%s.bin" % (self.layout.name, what))
        data = np.fromfile(path, dtype=np.uint8)
        if data.size != size:
            raise ValueError("%s: %d bytes, expected %d" % (path, data.size, size))
        buffer = allocate(shape=(size,), dtype=np.uint8)
        buffer[:] = data
        buffer.flush()
        return buffer

    def _check_registers(self):
        """The .hwh names the core's registers: they must be where the layout says."""
        found = getattr(self.engine, "_registers", None) or {}
        for name, register in found.items():
            # The lower half of an address ends in _1; a keyword of Verilog gets _r.
            expected = self.layout.registers.get(re.sub(r"(_r)?(_1)?$", "", name))
            if expected is not None and register["address_offset"] != expected:
                raise ValueError("register %s is at 0x%x, expected 0x%x: another core" % (name, register["address_offset"], expected))

    def _write(self, name, value):
        self.engine.write(self.layout.registers[name], value)

    def _write64(self, name, value):
        offset = self.layout.registers[name]
        self.engine.write(offset, value & 0xFFFFFFFF)
        self.engine.write(offset + 4, value >> 32)

    def _start_and_wait(self, runs):
        self._write("runs", runs)
        since = time.monotonic()
        self.engine.write(0, START)
        while not self.engine.read(0) & DONE:  # cleared by reading
            if time.monotonic() - since > self.timeout:
                raise TimeoutError("the engine did not finish within %g s" % self.timeout)
        self.seconds += time.monotonic() - since

    def run(self, pictures):
        """float32 [n, channels, height, width] -> float32 [n, ...] as the ONNX model declares its output. `seconds`: spent in the engine."""
        layout = self.layout
        pictures = np.asarray(pictures, dtype=np.float32).reshape((-1,) + layout.input_shape)
        if pictures.size == 0 or not np.isfinite(pictures).all():
            raise ValueError("pictures must be finite numbers, and at least one")
        self.seconds = 0.0
        results = []
        for batch in batches(layout, pictures, self.runs):
            for run, run_pictures in enumerate(batch):
                for index, picture in enumerate(run_pictures):
                    place_picture(layout, run, index, picture, *self.maps)
            for buffer in self.maps:
                buffer.flush()
            self.output.flush()  # no dirty line may be written back over what the engine writes
            self._start_and_wait(len(batch))
            for buffer in (self.output, *self.maps):
                buffer.invalidate()
            for run in range(len(batch)):
                for index in range(layout.pictures):
                    results.append(read_result(layout, run, index, *self.maps, self.output))
        return np.stack(results[: len(pictures)]).reshape((len(pictures),) + layout.output_shape)

    def close(self):
        for buffer in (self.program, *self.weights, *self.maps, self.output):
            buffer.freebuffer()


def main():
    parser = argparse.ArgumentParser(description="Runs pictures through the engine.")
    parser.add_argument("layout", help="NAME.json")
    parser.add_argument("--bit", required=True, help="NAME.bit, with NAME.hwh beside it")
    parser.add_argument("--input", required=True, help=".npy of float32, one or more pictures")
    parser.add_argument("--output", help=".npy to write")
    parser.add_argument("--expect", help=".npy to compare with, bit for bit")
    options = parser.parse_args()
    network = Network(options.layout, options.bit)
    logits = network.run(np.load(options.input))
    print("%d pictures, %.3f ms each in the engine" % (len(logits), 1e3 * network.seconds / len(logits)))
    print("largest:", logits.reshape(len(logits), -1).argmax(axis=1).tolist())
    if options.output:
        np.save(options.output, logits)
    if options.expect:
        expected = np.load(options.expect).astype(np.float32)
        equal = sum(a.tobytes() == b.tobytes() for a, b in zip(logits, expected))
        print("%d passed, %d failed" % (equal, len(expected) - equal))
        return 0 if equal == len(expected) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
