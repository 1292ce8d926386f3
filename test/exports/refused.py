"""Models that must be refused, each with what its diagnostic must say.

All start from one small ReActNet block, `base` (kept as base.onnx, which compiles), and break one thing. NAME.json lists the diagnostics that must appear:
one of `codes`, naming one of `nodes` (empty: no node is to blame), its text holding every one of `keywords`, case aside.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Diagnostic:
    codes: tuple[str, ...]
    nodes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    name: str
    what: str
    diagnostics: tuple[Diagnostic, ...]
    break_it: Callable[[ModelProto], ModelProto | bytes | None]


REFUSED: list[Refused] = []


def says(codes: str, nodes: str = "", *keywords: str) -> Diagnostic:
    return Diagnostic(tuple(codes.split()), tuple(nodes.split()), keywords)


def refused(what: str, *diagnostics: Diagnostic):
    """Decorates the function that breaks the model; its name is the fixture's."""

    def register(break_it):
        REFUSED.append(Refused(break_it.__name__.replace("_", "-"), what, diagnostics, break_it))
        return break_it

    return register


def write_refused(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for case in REFUSED:
        model = base()
        broken = case.break_it(model)
        broken = model if broken is None else broken
        data = broken if isinstance(broken, bytes) else broken.SerializeToString()
        (out / f"{case.name}.onnx").write_bytes(data)
        fields = {
            "name": case.name,
            "what": case.what,
            "diagnostics": [{"codes": d.codes, "nodes": d.nodes, "keywords": d.keywords} for d in case.diagnostics],
        }
        (out / f"{case.name}.json").write_text(json.dumps(fields, indent=1) + "\n")
    (out / "base.onnx").write_bytes(base().SerializeToString())
    # The weights file of external-short: there, but 16 bytes of the 576 that it should hold.
    (out / "short.bin").write_bytes(bytes(16))
    print(f"{len(REFUSED)} refused models")


# ---- the model that is broken ---------------------------------------------------------------------------------------


def base() -> ModelProto:
    """stem conv, RSign, binary 3x3, shortcut, RPReLU, pool, FC; 4 channels, 6x6 pixels. As it stands it compiles."""
    rng = np.random.default_rng(7)

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32) * 0.3

    signs = np.where(rng.standard_normal((4, 4, 3, 3)) >= 0, 1, -1) * np.float32([0.1, 0.2, 0.3, 0.4]).reshape(4, 1, 1, 1)
    weights = {
        "stem.weight": normal(4, 2, 3, 3), "stem.bias": normal(4), "alpha": normal(1, 4, 1, 1),
        "block.weight": signs.astype(np.float32), "block.bias": normal(4), "gamma": normal(1, 4, 1, 1),
        "slope": np.float32([0.1, 0.2, 0.3, 0.4]).reshape(4, 1, 1), "zeta": normal(1, 4, 1, 1), "fc.weight": normal(3, 4),
        "fc.bias": normal(3),
    }
    nodes = [
        node("Conv", "/stem/conv", "input stem.weight stem.bias", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Add", "/block/bias", "x alpha", "shifted"),
        node("Sign", "/block/sign", "shifted", "b"),
        node("Conv", "/block/conv", "b block.weight block.bias", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Add", "/block/add", "y x", "z"),
        node("Add", "/block/gamma", "z gamma", "z1"),
        node("PRelu", "/block/prelu", "z1 slope", "z2"),
        node("Add", "/block/zeta", "z2 zeta", "z3"),
        node("GlobalAveragePool", "/head/pool", "z3", "g"),
        node("Flatten", "/head/flatten", "g", "f"),
        node("Gemm", "/head/fc", "f fc.weight fc.bias", "output", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 2, 6, 6])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(v, k) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="hand")
    onnx.checker.check_model(model, full_check=True)
    return model


def node(op: str, name: str, inputs: str, outputs: str, **attributes) -> NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), name=name, **attributes)


def find(model, name: str) -> NodeProto:
    return next(n for n in model.graph.node if n.name == name)


def initializer(model, name: str) -> TensorProto:
    return next(t for t in model.graph.initializer if t.name == name)


def set_initializer(model, name: str, array) -> None:
    initializer(model, name).CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), name))


def add_initializer(model, name: str, array) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))


def array_of(model, name: str) -> np.ndarray:
    return numpy_helper.to_array(initializer(model, name)).copy()


def set_attribute(target: NodeProto, name: str, value) -> None:
    for a in [a for a in target.attribute if a.name == name]:
        target.attribute.remove(a)
    target.attribute.append(helper.make_attribute(name, value))


def insert_before(model, name: str, *new: NodeProto) -> None:
    at = [n.name for n in model.graph.node].index(name)
    for n in reversed(new):
        model.graph.node.insert(at, n)


def replace_input(target: NodeProto, old: str, new: str) -> None:
    target.input[:] = [new if i == old else i for i in target.input]


def external(model, name: str, **entries) -> None:
    t = initializer(model, name)
    t.ClearField("raw_data")
    t.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        t.external_data.add(key=key, value=str(value))


# ---- files ----------------------------------------------------------------------------------------------------------


@refused("an empty file", says("DYB101"))
def empty_file(model):
    return b""


@refused("text", says("DYB101"))
def text_file(model):
    return b"Not a model: a paragraph of text under the wrong name.\n"


@refused("a Git LFS pointer", says("DYB101", "", "LFS"))
def lfs_pointer(model):
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"


@refused("two thirds of a model", says("DYB102 DYB101"))
def truncated_file(model):
    data = model.SerializeToString()
    return data[: 2 * len(data) // 3]


@refused("raw_data shorter than the shape", says("DYB102", "block.weight"))
def truncated_tensor(model):
    t = initializer(model, "block.weight")
    t.raw_data = t.raw_data[:100]


@refused("float_data shorter than the shape", says("DYB102", "block.weight"))
def truncated_float_data(model):
    t = initializer(model, "block.weight")
    values = array_of(model, "block.weight").flatten()[:50].tolist()
    t.ClearField("raw_data")
    t.float_data[:] = values


@refused("a weights file that is not there", says("DYB103", "block.weight", "missing.bin"))
def external_missing(model):
    external(model, "block.weight", location="missing.bin", offset=0, length=576)


@refused("a weights file above the model's folder, though it exists", says("DYB103", "block.weight"))
def external_outside(model):
    external(model, "block.weight", location="../reactnet-a-clean.onnx", offset=0, length=576)


@refused("a way out that starts inside", says("DYB103", "block.weight"))
def external_outside_later(model):
    external(model, "block.weight", location="a/../../reactnet-a-clean.onnx", offset=0, length=576)


@refused("an absolute path", says("DYB103", "block.weight"))
def external_absolute(model):
    external(model, "block.weight", location="/etc/hostname", offset=0, length=576)


@refused("a weights file that is too short", says("DYB103", "block.weight"))
def external_short(model):
    external(model, "block.weight", location="short.bin", offset=0, length=576)


@refused("an offset far behind the end", says("DYB103", "block.weight"))
def external_offset(model):
    external(model, "block.weight", location="short.bin", offset=2**62, length=576)


@refused("a length that is not the shape's", says("DYB103 DYB102", "block.weight"))
def external_length(model):
    external(model, "block.weight", location="short.bin", offset=0, length=16)


@refused("external data without a location", says("DYB103", "block.weight"))
def external_nowhere(model):
    external(model, "block.weight", offset=0, length=576)


@refused("dimensions whose product no file can hold", says("DYB105", "block.weight"))
def absurd_dims(model):
    initializer(model, "block.weight").dims[:] = [2**31, 2**31, 3, 3]


@refused("a negative dimension", says("DYB105", "block.weight"))
def negative_dim(model):
    initializer(model, "block.weight").dims[:] = [4, -4, 3, 3]


@refused("two million by two million pixels", says("DYB105", "input"))
def absurd_input(model):
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 2, 2**21, 2**21]))


@refused("an Expand to 2^40 elements", says("DYB105", "/block/expand"))
def absurd_expand(model):
    add_initializer(model, "huge", np.int64([2**20, 2**20]))
    add_initializer(model, "one", np.float32([1]))
    insert_before(model, "/block/bias", node("Expand", "/block/expand", "one huge", "filled"),
                  node("Add", "/block/fill", "x filled", "x_filled"))
    replace_input(find(model, "/block/bias"), "x", "x_filled")


@refused("not a number among the weights", says("DYB108", "stem.weight"))
def nan_weight(model):
    w = array_of(model, "stem.weight")
    w[1, 0, 2, 2] = np.nan
    set_initializer(model, "stem.weight", w)


@refused("infinity among the thresholds", says("DYB108", "alpha"))
def infinite_threshold(model):
    w = array_of(model, "alpha")
    w[0, 2] = np.inf
    set_initializer(model, "alpha", w)


# ---- the graph ------------------------------------------------------------------------------------------------------


@refused("nodes that form a cycle", says("DYB106", "/block/bias /block/sign /block/conv /block/add", "cycle"))
def cycle(model):
    replace_input(find(model, "/block/bias"), "x", "z")


@refused("a node that reads itself", says("DYB106", "/block/sign", "cycle"))
def cycle_of_one(model):
    find(model, "/block/sign").input[0] = "b"


@refused("two nodes make one value", says("DYB106", "/block/zeta", "z2"))
def duplicate_value(model):
    find(model, "/block/zeta").output[0] = "z2"
    replace_input(find(model, "/head/pool"), "z3", "z2")


@refused("two initializers of one name", says("DYB106", "gamma"))
def duplicate_initializer(model):
    add_initializer(model, "gamma", np.zeros((1, 4, 1, 1), np.float32))


@refused("a node makes a value that is an initializer too", says("DYB106", "/block/gamma", "gamma"))
def shadowed_initializer(model):
    find(model, "/block/gamma").output[0] = "gamma"
    replace_input(find(model, "/block/prelu"), "z1", "gamma")


@refused("an input that nothing makes", says("DYB106", "/block/add", "nowhere"))
def dangling_input(model):
    replace_input(find(model, "/block/add"), "x", "nowhere")


@refused("an output that nothing makes", says("DYB106", "output"))
def dangling_output(model):
    find(model, "/head/fc").output[0] = "logits"


@refused("a required input that is left out", says("DYB205 DYB106", "/block/conv"))
def missing_input(model):
    find(model, "/block/conv").input[:] = ["b"]


@refused("too many inputs", says("DYB205 DYB202 DYB106", "/block/sign"))
def surplus_input(model):
    find(model, "/block/sign").input.append("x")


@refused("two inputs", says("DYB109"))
def two_inputs(model):
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 4, 6, 6]))
    insert_before(model, "/head/pool", node("Mul", "/head/mask", "z3 mask", "masked"))
    replace_input(find(model, "/head/pool"), "z3", "masked")


@refused("two outputs", says("DYB109"))
def two_outputs(model):
    model.graph.output.append(helper.make_tensor_value_info("f", TensorProto.FLOAT, [1, 4]))


@refused("an input of rank 3", says("DYB109 DYB205 DYB204", "input /stem/conv"))
def rank_3_input(model):
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, [2, 6, 6]))


@refused("a float64 input", says("DYB109 DYB104", "input", "float64"))
def float64_input(model):
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE


@refused("an int64 input", says("DYB109 DYB104", "input", "int64"))
def int64_input(model):
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64


@refused("an input that is a sequence", says("DYB104", "input", "sequence"))
def sequence_input(model):
    model.graph.input[0].CopyFrom(helper.make_tensor_sequence_value_info("input", TensorProto.FLOAT, [1, 2, 6, 6]))


@refused("height and width that are not fixed", says("DYB204", "input"))
def dynamic_size(model):
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 2, "height", "width"]))


@refused("an input without a shape", says("DYB204 DYB109", "input"))
def shapeless_input(model):
    model.graph.input[0].type.tensor_type.ClearField("shape")


@refused("weights for three channels on four", says("DYB205", "/block/conv"))
def shape_mismatch_conv(model):
    set_initializer(model, "block.weight", array_of(model, "block.weight")[:, :3])


@refused("an Add of 4 and 5 channels", says("DYB205", "/block/gamma"))
def shape_mismatch_add(model):
    set_initializer(model, "gamma", np.zeros((1, 5, 1, 1), np.float32))


@refused("a classifier for five numbers on four", says("DYB205", "/head/fc"))
def shape_mismatch_gemm(model):
    set_initializer(model, "fc.weight", np.ones((3, 5), np.float32))


@refused("a mean over the samples of a batch", says("DYB205 DYB301 DYB202", "/head/mean"))
def batch_mixed(model):
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, [2, 2, 6, 6]))
    insert_before(model, "/head/pool", node("ReduceMean", "/head/mean", "z3", "mean", axes=[0], keepdims=1))
    replace_input(find(model, "/head/pool"), "z3", "mean")


# ---- versions -------------------------------------------------------------------------------------------------------


@refused("an opset that is too old", says("DYB107", "", "opset 8"))
def opset_8(model):
    model.opset_import[0].version = 8


@refused("an opset from the future", says("DYB107", "", "opset 99"))
def opset_99(model):
    model.opset_import[0].version = 99


@refused("no opset", says("DYB107"))
def no_opset(model):
    del model.opset_import[:]


@refused("two versions of ONNX's own operators", says("DYB107", "", "13", "17"))
def two_opsets(model):
    model.opset_import.append(helper.make_opsetid("ai.onnx", 17))


# ---- element types --------------------------------------------------------------------------------------------------


def retype(model, to: int, convert) -> None:
    for t in list(model.graph.initializer):
        t.CopyFrom(convert(t))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = to


@refused("a float16 model", says("DYB104", "", "float16"))
def float16(model):
    retype(model, TensorProto.FLOAT16, lambda t: numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float16), t.name))


@refused("a bfloat16 model", says("DYB104", "", "bfloat16"))
def bfloat16(model):
    def convert(t):
        bits = (numpy_helper.to_array(t).view(np.uint32) >> 16).astype(np.uint16)
        return helper.make_tensor(t.name, TensorProto.BFLOAT16, t.dims, bits.tobytes(), raw=True)
    retype(model, TensorProto.BFLOAT16, convert)


@refused("a Cast to float16 in the middle", says("DYB104", "/block/half", "float16"))
def float16_cast(model):
    insert_before(model, "/block/bias", node("Cast", "/block/half", "x", "x16", to=TensorProto.FLOAT16),
                  node("Cast", "/block/full", "x16", "x32", to=TensorProto.FLOAT))
    replace_input(find(model, "/block/bias"), "x", "x32")


@refused("int32 weights", says("DYB104 DYB205", "/block/conv block.weight", "int32"))
def wrong_type_weights(model):
    set_initializer(model, "block.weight", np.sign(array_of(model, "block.weight")).astype(np.int32))


@refused("float32 plus float64", says("DYB104 DYB205", "/block/gamma", "float64"))
def mixed_types(model):
    set_initializer(model, "gamma", array_of(model, "gamma").astype(np.float64))


@refused("strings", says("DYB104", "labels /head/labels", "string"))
def string_tensor(model):
    model.graph.initializer.append(helper.make_tensor("labels", TensorProto.STRING, [2], [b"cat", b"dog"]))
    model.graph.node.append(node("Identity", "/head/labels", "labels", "names"))


@refused("a sparse initializer", says("DYB104", "", "sparse"))
def sparse_initializer(model):
    values = helper.make_tensor("sparse", TensorProto.FLOAT, [1], [1.0])
    indices = helper.make_tensor("sparse_indices", TensorProto.INT64, [1], [2])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))


@refused("int8 with QuantizeLinear and DequantizeLinear",
         says("DYB207", "/block/quantize", "QuantizeLinear"), says("DYB207", "/block/dequantize", "DequantizeLinear"))
def int8_qdq(model):
    add_initializer(model, "scale", np.float32(0.05))
    add_initializer(model, "zero", np.int8(0))
    insert_before(model, "/block/bias", node("QuantizeLinear", "/block/quantize", "x scale zero", "xq"),
                  node("DequantizeLinear", "/block/dequantize", "xq scale zero", "xd"))
    replace_input(find(model, "/block/bias"), "x", "xd")


@refused("int8 with QLinearConv", says("DYB207", "/block/qconv", "QLinearConv"))
def int8_qlinear(model):
    for name, value in (("s", np.float32(0.05)), ("zp", np.int8(0))):
        add_initializer(model, name, value)
    add_initializer(model, "wq", np.ones((4, 4, 1, 1), np.int8))
    insert_before(model, "/block/bias", node("QuantizeLinear", "/block/quantize", "x s zp", "xq"),
                  node("QLinearConv", "/block/qconv", "xq s zp wq s zp s zp", "yq"),
                  node("DequantizeLinear", "/block/dequantize", "yq s zp", "xd"))
    replace_input(find(model, "/block/bias"), "x", "xd")


# ---- control flow and functions -------------------------------------------------------------------------------------


def _branch(name: str, op: str):
    return helper.make_graph([node(op, f"/{name}/{op.lower()}", "x", name)], name, [],
                             [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 6, 6])])


@refused("If", says("DYB206", "/block/if", "If"))
def control_flow_if(model):
    add_initializer(model, "flag", np.bool_(True))
    insert_before(model, "/block/bias", node("If", "/block/if", "flag", "chosen", then_branch=_branch("then", "Relu"),
                                             else_branch=_branch("else", "Neg")))
    replace_input(find(model, "/block/bias"), "x", "chosen")


def _loop_body():
    return helper.make_graph(
        [node("Identity", "/body/go_on", "go", "go_on"), node("Relu", "/body/relu", "carried", "next")], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("carried", TensorProto.FLOAT, [1, 4, 6, 6])],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("next", TensorProto.FLOAT, [1, 4, 6, 6])])


@refused("Loop", says("DYB206", "/block/loop", "Loop"))
def control_flow_loop(model):
    add_initializer(model, "trips", np.int64(3))
    add_initializer(model, "go_in", np.bool_(True))
    insert_before(model, "/block/bias", node("Loop", "/block/loop", "trips go_in x", "looped", body=_loop_body()))
    replace_input(find(model, "/block/bias"), "x", "looped")


@refused("Scan", says("DYB206", "/block/scan", "Scan"))
def control_flow_scan(model):
    body = helper.make_graph(
        [node("Relu", "/body/relu", "row", "row_out")], "body", [helper.make_tensor_value_info("row", TensorProto.FLOAT, [4, 6, 6])],
        [helper.make_tensor_value_info("row_out", TensorProto.FLOAT, [4, 6, 6])])
    insert_before(model, "/block/bias", node("Scan", "/block/scan", "x", "scanned", body=body, num_scan_inputs=1))
    replace_input(find(model, "/block/bias"), "x", "scanned")


@refused("a local function that calls itself", says("DYB206", "Again", "itself"))
def recursive_function(model):
    own = [helper.make_opsetid("", 13), helper.make_opsetid("local", 1)]
    model.functions.append(helper.make_function(
        "local", "Again", ["a"], ["b"], [helper.make_node("Again", ["a"], ["b"], domain="local", name="again")], own))
    model.opset_import.append(helper.make_opsetid("local", 1))
    insert_before(model, "/block/bias", node("Again", "/block/again", "x", "xa", domain="local"))
    replace_input(find(model, "/block/bias"), "x", "xa")


@refused("local functions that double the graph at each of 24 levels", says("DYB206"))
def exploding_functions(model):
    own = [helper.make_opsetid("", 13), helper.make_opsetid("local", 1)]
    for level in range(24):
        inner = f"F{level + 1}" if level < 23 else None
        call = (lambda a, b, n: helper.make_node(inner, [a], [b], domain="local", name=n)) if inner else (
            lambda a, b, n: helper.make_node("Relu", [a], [b], name=n))
        model.functions.append(helper.make_function("local", f"F{level}", ["a"], ["c"], [call("a", "b", "one"), call("b", "c", "two")], own))
    model.opset_import.append(helper.make_opsetid("local", 1))
    insert_before(model, "/block/bias", node("F0", "/block/many", "x", "xa", domain="local"))
    replace_input(find(model, "/block/bias"), "x", "xa")


# ---- operators and attributes ---------------------------------------------------------------------------------------


def insert_on_x(model, *new: NodeProto) -> None:
    """The nodes read x and make x_new, which the sign then reads."""
    insert_before(model, "/block/bias", *new)
    replace_input(find(model, "/block/bias"), "x", "x_new")


@refused("an operator of somebody's own", says("DYB201", "/block/special", "com.example", "Special"))
def unknown_operator(model):
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    insert_on_x(model, node("Special", "/block/special", "x", "x_new", domain="com.example"))


@refused("one of ONNX's operators that does not occur in such networks", says("DYB201", "/block/lrn", "LRN"))
def unsupported_operator(model):
    insert_on_x(model, node("LRN", "/block/lrn", "x", "x_new", size=3))


@refused("an operator that does not exist", says("DYB201", "/block/convv", "Convv"))
def misspelt_operator(model):
    find(model, "/block/conv").op_type = "Convv"
    find(model, "/block/conv").name = "/block/convv"


@refused("tanh, which the contract does not define", says("DYB201 DYB301", "/block/tanh", "Tanh"))
def tanh(model):
    insert_on_x(model, node("Tanh", "/block/tanh", "x", "x_new"))


@refused("ConvTranspose", says("DYB201", "/block/up", "ConvTranspose"))
def conv_transpose(model):
    add_initializer(model, "up.weight", np.ones((4, 4, 3, 3), np.float32))
    insert_on_x(model, node("ConvTranspose", "/block/up", "x up.weight", "x_new", pads=[1, 1, 1, 1]))


@refused("an attribute that the operator does not have", says("DYB202", "/block/conv", "fancy"))
def unknown_attribute(model):
    set_attribute(find(model, "/block/conv"), "fancy", 1)


@refused("an attribute of the wrong kind", says("DYB202", "/block/conv", "strides"))
def wrong_attribute_kind(model):
    set_attribute(find(model, "/block/conv"), "strides", "two")


@refused("an attribute given twice", says("DYB106 DYB202", "/block/conv", "pads"))
def duplicate_attribute(model):
    find(model, "/block/conv").attribute.append(helper.make_attribute("pads", [0, 0, 0, 0]))


@refused("stride 0", says("DYB202", "/block/conv", "strides"))
def zero_stride(model):
    set_attribute(find(model, "/block/conv"), "strides", [0, 0])


@refused("negative pads", says("DYB202", "/block/conv", "pads"))
def negative_pads(model):
    set_attribute(find(model, "/block/conv"), "pads", [-1, -1, -1, -1])


@refused("a kernel_shape that is not the weights'", says("DYB205 DYB202", "/block/conv", "kernel_shape"))
def wrong_kernel_shape(model):
    set_attribute(find(model, "/block/conv"), "kernel_shape", [5, 5])


@refused("an auto_pad that does not exist", says("DYB202", "/block/conv", "auto_pad"))
def unknown_auto_pad(model):
    set_attribute(find(model, "/block/conv"), "auto_pad", "SAME")


@refused("batch normalization in training mode", says("DYB202", "/block/bn", "training_mode"))
def training_batch_norm(model):
    model.opset_import[0].version = 15
    for name, value in (("bn.s", 1), ("bn.b", 0), ("bn.m", 0), ("bn.v", 1)):
        add_initializer(model, name, np.full(4, value, np.float32))
    insert_on_x(model, node("BatchNormalization", "/block/bn", "x bn.s bn.b bn.m bn.v", "x_new m_new v_new", training_mode=1))


@refused("batch normalization whose variance and epsilon are 0", says("DYB108", "/block/bn"))
def zero_variance(model):
    for name, value in (("bn.s", 1), ("bn.b", 0), ("bn.m", 0), ("bn.v", 0)):
        add_initializer(model, name, np.full(4, value, np.float32))
    insert_on_x(model, node("BatchNormalization", "/block/bn", "x bn.s bn.b bn.m bn.v", "x_new", epsilon=0.0))


@refused("reflected padding", says("DYB202", "/block/pad", "reflect"))
def reflect_pad(model):
    add_initializer(model, "amounts", np.int64([0, 0, 1, 1, 0, 0, 1, 1]))
    conv = find(model, "/block/conv")
    set_attribute(conv, "pads", [0, 0, 0, 0])
    insert_before(model, "/block/conv", node("Pad", "/block/pad", "b amounts", "bp", mode="reflect"))
    conv.input[0] = "bp"


@refused("indices of a max pool that somebody reads", says("DYB201 DYB202 DYB205 DYB301", "/block/pool"))
def max_pool_indices(model):
    insert_on_x(model, node("MaxPool", "/block/pool", "x", "pooled indices", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
                node("Cast", "/block/cast", "indices", "as_float", to=TensorProto.FLOAT),
                node("Add", "/block/sum", "pooled as_float", "x_new"))


@refused("a Softmax along the width of a map", says("DYB202 DYB301", "/block/softmax", "axis"))
def softmax_axis(model):
    insert_on_x(model, node("Softmax", "/block/softmax", "x", "x_new", axis=3))


# ---- near misses of binary networks ---------------------------------------------------------------------------------


@refused("a binary convolution in two groups", says("DYB203", "/block/conv", "group = 2"))
def binary_group_2(model):
    set_initializer(model, "block.weight", array_of(model, "block.weight")[:, :2])
    set_attribute(find(model, "/block/conv"), "group", 2)


@refused("binary weights that are exactly 0", says("DYB303", "/block/conv", "3 of 144"))
def zero_weights(model):
    w = array_of(model, "block.weight")
    w[0, 1, 2, 2] = w[2, 0, 0, 1] = w[3, 3, 1, 1] = 0
    set_initializer(model, "block.weight", w)


@refused("sign(w) of weights that are exactly 0, made in the graph", says("DYB303", "/block/conv", "5 of 144"))
def zero_weights_in_graph(model):
    w = array_of(model, "block.weight")
    w[1, 0, :, 0] = 0
    w[2, 3, 1, 1:] = 0
    set_initializer(model, "block.weight", w)
    add_initializer(model, "scale", np.float32([0.1, 0.2, 0.3, 0.4]).reshape(4, 1, 1, 1))
    insert_before(model, "/block/conv", node("Sign", "/block/weight_sign", "block.weight", "ws"),
                  node("Mul", "/block/weight_scale", "ws scale", "w_binary"))
    replace_input(find(model, "/block/conv"), "block.weight", "w_binary")


@refused("a PReLU whose slope differs by pixel", says("DYB302", "/block/prelu", "slope", "channel"))
def slope_per_pixel(model):
    set_initializer(model, "slope", np.full((4, 6, 6), 0.25, np.float32) + np.arange(36, dtype=np.float32).reshape(6, 6) / 100)


@refused("a PReLU whose slope differs by row", says("DYB302", "/block/prelu", "slope", "channel"))
def slope_per_row(model):
    set_initializer(model, "slope", np.linspace(0.1, 0.4, 6, dtype=np.float32).reshape(1, 6, 1))


@refused("a threshold that differs by pixel", says("DYB302 DYB301", "/block/sign /block/bias", "channel"))
def threshold_per_pixel(model):
    set_initializer(model, "alpha", np.linspace(-1, 1, 4 * 36, dtype=np.float32).reshape(1, 4, 6, 6))


@refused("a shift that differs by pixel", says("DYB302 DYB301", "/block/gamma /block/prelu", "channel"))
def gamma_per_pixel(model):
    set_initializer(model, "gamma", np.linspace(-1, 1, 4 * 36, dtype=np.float32).reshape(1, 4, 6, 6))


@refused("a binarized map padded with -1", says("DYB302 DYB301 DYB202", "/block/pad /block/conv", "pad"))
def pad_minus_one(model):
    add_initializer(model, "amounts", np.int64([0, 0, 1, 1, 0, 0, 1, 1]))
    add_initializer(model, "minus_one", np.float32(-1))
    conv = find(model, "/block/conv")
    set_attribute(conv, "pads", [0, 0, 0, 0])
    insert_before(model, "/block/conv", node("Pad", "/block/pad", "b amounts minus_one", "bp"))
    conv.input[0] = "bp"


@refused("three values in place of two: 0 between -1 and 1", says("DYB301 DYB302 DYB305 DYB202", "/block/ternary /block/conv"))
def ternary_activation(model):
    find(model, "/block/sign").op_type = "Round"
    find(model, "/block/sign").name = "/block/ternary"


# ---- more than one problem ------------------------------------------------------------------------------------------


@refused("an attribute, an operator and a shape are wrong: all are reported",
         says("DYB202", "/stem/conv", "fancy"), says("DYB201", "/block/lrn", "LRN"))
def several_operators(model):
    set_attribute(find(model, "/stem/conv"), "fancy", 1)
    insert_on_x(model, node("LRN", "/block/lrn", "x", "x_new", size=3))


@refused("a missing file, a short tensor and a dangling input: all are reported",
         says("DYB103", "stem.weight", "missing.bin"), says("DYB102", "block.weight"), says("DYB106", "/block/add", "nowhere"))
def several_on_import(model):
    external(model, "stem.weight", location="missing.bin", offset=0, length=288)
    initializer(model, "block.weight").raw_data = b"123"
    replace_input(find(model, "/block/add"), "x", "nowhere")


@refused("two near misses: both are reported", says("DYB303", "/block/conv", "1 of 144"), says("DYB302", "/block/prelu", "slope"))
def several_when_raising(model):
    w = array_of(model, "block.weight")
    w[0, 1, 2, 2] = 0
    set_initializer(model, "block.weight", w)
    set_initializer(model, "slope", np.linspace(0.1, 0.4, 6, dtype=np.float32).reshape(1, 6, 1))
