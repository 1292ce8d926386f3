"""For host.test.ts: the same as host-place.c, with the driver's pure functions."""
import json
import sys

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[2])
import dybnn_pynq as driver  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    layout = driver.Layout(json.load(file))
runs = int(sys.argv[3])
maps_bytes = layout.maps_bytes(runs)
index = np.arange(maps_bytes)
maps = [(7 * index + 3).astype(np.uint8), (11 * index + 5).astype(np.uint8)]
index = np.arange(4 * runs * layout.output_floats)
output = np.where(index % 4 == 3, np.array([0x3E, 0x40, 0xC0, 0x41])[index // 4 % 4], 13 * index + 1).astype(np.uint8).view("<f4")
pictures = np.frombuffer(sys.stdin.buffer.read(), dtype="<f4").reshape((-1,) + layout.input_shape)
batch = [pictures[i : i + layout.pictures] for i in range(0, len(pictures), layout.pictures)]
for run, run_pictures in enumerate(batch):
    for p, picture in enumerate(run_pictures):
        driver.place_picture(layout, run, p, picture, *maps)
for m in maps:
    sys.stdout.buffer.write(m.tobytes())
for run in range(runs):
    for p in range(layout.pictures):
        sys.stdout.buffer.write(driver.read_result(layout, run, p, *maps, output).astype("<f4").tobytes())
