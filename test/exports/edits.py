"""What other tools, or people, do to an ONNX file that PyTorch has written. Each edit changes the model in place."""

from __future__ import annotations

import re

import onnx
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
