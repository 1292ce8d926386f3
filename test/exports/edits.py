"""What other tools, or people, do to an ONNX file that PyTorch has written. Each edit changes the model in place."""

from __future__ import annotations

import re

import onnx
import onnx.numpy_helper
from onnx import helper

_PATH = re.compile(r'File "[^"]*/([^/"]+)"')


def scrub_paths(model: onnx.ModelProto, keep_traces: bool) -> None:
    """The exporter writes where the source code lay. That is nobody's business, and makes files differ by machine."""
    def scrub(text: str) -> str:
        return _PATH.sub(r'File "/home/user/train/\1"', text)

    def visit(holder) -> None:
        for entry in list(holder.metadata_props):
            if keep_traces:
                entry.value = scrub(entry.value)
            else:
                holder.metadata_props.remove(entry)
        holder.doc_string = scrub(holder.doc_string) if keep_traces else ""

    def visit_nodes(nodes) -> None:
        for node in nodes:
            visit(node)
            for a in node.attribute:
                if a.HasField("g"):
                    visit_nodes(a.g.node)

    for f in model.functions:
        visit(f)
        visit_nodes(f.node)
    visit(model.graph)
    visit(model)
    visit_nodes(model.graph.node)
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        visit(value)


def ir_version(version: int):
    def set_ir_version(model):
        model.ir_version = version
    return set_ir_version


def rank(model: onnx.ModelProto, *op_types: str) -> list[onnx.NodeProto]:
    return [n for n in model.graph.node if n.op_type in op_types]


def _attribute(node, name, default=None):
    for a in node.attribute:
        if a.name == name:
            return helper.get_attribute_value(a)
    return default


def _set_attribute(node, name, value) -> None:
    _remove_attribute(node, name)
    node.attribute.append(helper.make_attribute(name, value))


def _remove_attribute(node, name) -> None:
    for a in [a for a in node.attribute if a.name == name]:
        node.attribute.remove(a)


def auto_pad(same: str):
    """Explicit pads become SAME_UPPER or SAME_LOWER where that is the same, and VALID where there are none."""

    def set_auto_pad(model):
        for node in rank(model, "Conv"):
            kernel, pads = _attribute(node, "kernel_shape"), _attribute(node, "pads")
            if not any(pads):
                _set_attribute(node, "auto_pad", "VALID")
            elif list(pads) == [k // 2 for k in kernel] * 2:
                _set_attribute(node, "auto_pad", same)
            else:
                continue
            _remove_attribute(node, "pads")

    return set_auto_pad


def merge_pads(model) -> None:
    """Pad in front of a convolution moves into its pads, as graph optimizers do; they may be asymmetric then."""
    graph = model.graph
    constants = {n.output[0]: onnx.numpy_helper.to_array(_attribute(n, "value")) for n in rank(model, "Constant")}
    constants |= {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    producers = {o: n for n in graph.node for o in n.output}
    for conv in rank(model, "Conv"):
        pad = producers.get(conv.input[0])
        if pad is None or pad.op_type != "Pad":
            continue
        amounts = list(map(int, constants[pad.input[1]])) if len(pad.input) > 1 else list(_attribute(pad, "pads"))
        old = list(_attribute(conv, "pads"))
        _set_attribute(conv, "pads", [o + a for o, a in zip(old, amounts[2:4] + amounts[6:8])])
        conv.input[0] = pad.input[0]
        graph.node.remove(pad)


def set_pads_as_same_upper(model) -> None:
    """The asymmetric pads of merge_pads, written as TensorFlow's converters do."""
    for node in rank(model, "Conv"):
        pads = _attribute(node, "pads")
        if pads and list(pads) != list(pads[:2]) * 2:
            _remove_attribute(node, "pads")
            _set_attribute(node, "auto_pad", "SAME_UPPER")


def _insert_after(model, op_types, make) -> None:
    """make(value, new value, index) gives the nodes that stand between a node's output and its readers."""
    index = 0
    for node in list(rank(model, *op_types)):
        value = node.output[0]
        raw = f"{value}_before_{index}"
        node.output[0] = raw
        at = list(model.graph.node).index(node) + 1
        for new in reversed(make(raw, value, index)):
            model.graph.node.insert(at, new)
        index += 1


def insert_dropout(model) -> None:
    """Dropout with ratio and training_mode as inputs (opset 12 on) and a mask that nobody reads."""
    model.graph.initializer.append(helper.make_tensor("drop_ratio", onnx.TensorProto.FLOAT, [], [0.3]))
    model.graph.initializer.append(helper.make_tensor("drop_training", onnx.TensorProto.BOOL, [], [False]))
    _insert_after(model, ["PRelu"], lambda a, b, i: [
        helper.make_node("Dropout", [a, "drop_ratio", "drop_training"], [b, f"mask_{i}"], name=f"drop_{i}")])


def insert_dropout_attribute(model) -> None:
    """Dropout as before opset 12."""
    _insert_after(model, ["PRelu"], lambda a, b, i: [helper.make_node("Dropout", [a], [b], name=f"drop_{i}", ratio=0.3)])


def insert_identities(model) -> None:
    _insert_after(model, ["PRelu", "Conv", "Sign"], lambda a, b, i: [
        helper.make_node("Identity", [a], [f"{a}_id"], name=f"identity_{i}"),
        helper.make_node("Identity", [f"{a}_id"], [b], name=f"identity_{i}b")])


def insert_casts(model) -> None:
    """float32 -> float64 -> float32 loses nothing, and float32 -> float32 is nothing."""
    _insert_after(model, ["PRelu", "Conv", "Sign"], lambda a, b, i: [
        helper.make_node("Cast", [a], [f"{a}_64"], name=f"cast_{i}", to=onnx.TensorProto.DOUBLE),
        helper.make_node("Cast", [f"{a}_64"], [f"{a}_32"], name=f"cast_{i}b", to=onnx.TensorProto.FLOAT),
        helper.make_node("Cast", [f"{a}_32"], [b], name=f"cast_{i}c", to=onnx.TensorProto.FLOAT)])


def remove_names(model) -> None:
    """Node names are optional."""
    for node in model.graph.node:
        node.name = ""


def initializers_as_inputs(model) -> None:
    """Before IR version 4 every initializer is a graph input too; keep_initializers_as_inputs still does it."""
    for t in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)))


def typed_data(model) -> None:
    """float_data and int64_data in place of raw_data."""
    for i, t in enumerate(model.graph.initializer):
        array = onnx.numpy_helper.to_array(t)
        model.graph.initializer[i].CopyFrom(helper.make_tensor(t.name, t.data_type, t.dims, array.flatten().tolist()))


def initializers_to_constants(model) -> None:
    """Weights as Constant nodes in front, as some converters write them."""
    for t in reversed(list(model.graph.initializer)):
        model.graph.node.insert(0, helper.make_node("Constant", [], [t.name], name=f"const_{t.name}", value=t))
    del model.graph.initializer[:]


def add_dead_code(model) -> None:
    """Nodes and weights that no output depends on."""
    model.graph.initializer.append(helper.make_tensor("never_read", onnx.TensorProto.FLOAT, [4], [1, 2, 3, 4]))
    source = rank(model, "Conv")[0].output[0]
    model.graph.node.append(helper.make_node("Abs", [source], ["dead_abs"], name="dead_abs"))
    model.graph.node.append(helper.make_node("Mul", ["dead_abs", "dead_abs"], ["dead_mul"], name="dead_mul"))


def import_other_domains(model) -> None:
    """Domains that no node uses, and ONNX's own under its long name."""
    model.opset_import[0].domain = "ai.onnx"
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def explicit_defaults(model) -> None:
    """Every attribute written out at its default value."""
    defaults = {
        "Conv": {"dilations": [1, 1], "group": 1}, "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0},
        "AveragePool": {"auto_pad": "NOTSET"}, "MaxPool": {"storage_order": 0}, "Concat": {"axis": 1},
        "BatchNormalization": {"epsilon": 1e-5, "momentum": 0.9},
    }
    for node in model.graph.node:
        for name, value in defaults.get(node.op_type, {}).items():
            if _attribute(node, name) is None:
                _set_attribute(node, name, value)


def drop_defaults(model) -> None:
    """No attribute that has its default value, and no kernel_shape: it is the weight's."""
    for node in rank(model, "Conv"):
        _remove_attribute(node, "kernel_shape")
        for name, value in (("dilations", [1, 1]), ("group", 1), ("strides", [1, 1]), ("pads", [0] * 4)):
            if _attribute(node, name) == value:
                _remove_attribute(node, name)
    del model.graph.value_info[:]


def no_output_shape(model) -> None:
    """The file says nothing about the shape of its output."""
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")


def shuffle_nodes(model) -> None:
    """Nodes backwards: ONNX wants them sorted, hand-edited files are not."""
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))


HOSTILE = [
    'a"b', "new\nline", "../../../etc/passwd", "int", "while", "\U0001f600", "%s%n%d", "*/ #include <x>", "a'b", "back\\slash", "", "tab\t",
    "日本語", "0start", "a b", "</script><script>alert(1)</script>", "nul\x01", "A", "a", "__proto__", "constructor", "CON", "x" * 400, "$(id)", "-rf",
]


def hostile_names(model) -> None:
    """Names that are keywords, paths, markup, or differ only by case."""
    graph = model.graph
    new: dict[str, str] = {"": ""}

    def rename(name: str) -> str:
        if name not in new:
            n = len(new) - 1
            new[name] = HOSTILE[n % len(HOSTILE)] + (str(n // len(HOSTILE)) if n >= len(HOSTILE) else "") or "?"
        return new[name]

    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = rename(value.name)
    for i, node in enumerate(graph.node):
        node.name = HOSTILE[i % len(HOSTILE)] + str(i // len(HOSTILE) or "")
        node.input[:] = [rename(v) for v in node.input]
        node.output[:] = [rename(v) for v in node.output]
    del graph.value_info[:]
    graph.name = "../evil\"\n"
    assert len(set(new.values())) == len(new)


def outline_functions(model) -> None:
    """RPReLU becomes a local function that calls another one, and Flatten one whose axis is the caller's attribute."""
    domain, opset = "train.layers", model.opset_import[0]
    own = [helper.make_opsetid("", opset.version)]
    both = own + [helper.make_opsetid(domain, 1)]
    model.functions.append(helper.make_function(
        domain, "LearnableBias", ["x", "b"], ["y"], [helper.make_node("Add", ["x", "b"], ["y"], name="add")], own))
    model.functions.append(helper.make_function(
        domain, "RPReLU", ["x", "gamma", "slope", "zeta"], ["y"],
        [helper.make_node("LearnableBias", ["x", "gamma"], ["d"], domain=domain, name="in"),
         helper.make_node("PRelu", ["d", "slope"], ["p"], name="prelu"),
         helper.make_node("LearnableBias", ["p", "zeta"], ["y"], domain=domain, name="out")], both))
    flatten = helper.make_node("Flatten", ["x"], ["y"], name="flatten")
    flatten.attribute.add(name="axis", type=onnx.AttributeProto.INT, ref_attr_name="from_axis")
    model.functions.append(helper.make_function(domain, "FlattenFrom", ["x"], ["y"], [flatten], own, attributes=["from_axis"]))
    model.opset_import.append(helper.make_opsetid(domain, 1))
    nodes = model.graph.node
    producers = {o: n for n in nodes for o in n.output}
    readers = {i: n for n in nodes for i in n.input}
    for prelu in list(rank(model, "PRelu")):
        first, last = producers[prelu.input[0]], readers[prelu.output[0]]
        assert first.op_type == last.op_type == "Add"
        call = helper.make_node("RPReLU", [*first.input, prelu.input[1], last.input[1]], [last.output[0]],
                                domain=domain, name=f"call_{prelu.name}")
        nodes.insert(list(nodes).index(last), call)
        for old in (first, prelu, last):
            nodes.remove(old)
    for node in list(rank(model, "Flatten")):
        at = list(nodes).index(node)
        nodes.remove(node)
        nodes.insert(at, helper.make_node("FlattenFrom", node.input, node.output, domain=domain, name=node.name,
                                          from_axis=_attribute(node, "axis")))
    del model.graph.value_info[:]
