"""LUTs, flip-flops and DSP blocks of the engine's units as Yosys makes them for UltraScale+ (synth_xilinx -family xcup): python measure.py

Needs `pip install pyosys`. A Verilog file here says the same as the C++ unit named in it; resources.ts takes its constants from this table. Yosys does
not pack two small LUTs into one LUT6, as Vivado does: `pairs` is the count with the LUT2 that it left packed in pairs.
"""
import io, os, re, sys, tempfile
from pyosys import libyosys as ys

UNITS = [("dot", "dot"), ("tail", "tail"), ("int8", "int8"), ("muxes", "drain_bit"), ("muxes", "pool_lane"), ("convert", "to_float"), ("convert", "to_fixed")]
here = os.path.dirname(os.path.abspath(__file__))
print(f"{'unit':10} {'LUT':>5} {'pairs':>5} {'FF':>5} {'DSP':>4}")
for file, top in UNITS:
    report = os.path.join(tempfile.mkdtemp(), "stat.txt")
    design = ys.Design()
    for command in (f"read_verilog {here}/{file}.v", f"synth_xilinx -family xcup -flatten -top {top}", f"tee -q -o {report} stat"):
        ys.run_pass("tee -q -o /dev/null " + command if not command.startswith("tee") else command, design)
    text = open(report).read()
    count = {name: int(n) for n, name in re.findall(r"^\s+(\d+)\s+(\S+)\s*$", text, re.M)}
    luts = sum(n for name, n in count.items() if re.fullmatch(r"LUT[1-6]|INV", name))
    flops = sum(n for name, n in count.items() if name.startswith("FD"))
    dsps = sum(n for name, n in count.items() if name.startswith("DSP"))
    print(f"{top:10} {luts:5} {luts - count.get('LUT2', 0) // 2:5} {flops:5} {dsps:4}")
