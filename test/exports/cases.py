"""Every fixture, in one table: what it shows, the network, the exporter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from torch import nn

import edits
from activations import FUNCTIONS, Activations, Dynamic
from combinations import all_pairs
from backbones import BinaryMlp, PlainBnn, ReActNet18, ReActNetA, Style, XnorOrder, near_binary_stem
from exporters import Export
from signs import SIGNS
from weights import WEIGHTS

@dataclass(frozen=True)
class Case:
    name: str
    what: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...] = (1, 3, 16, 16)
    export: Export = field(default_factory=Export)
    zeros: bool = False  # values that lie exactly at their threshold belong to it
    extra: dict = field(default_factory=dict)


def net_a(act=None, plan=(8, ((8, 1),)), cin=3, classes=10, **style):
    return lambda: ReActNetA(Style(act=act or Activations(), **style), plan, cin, classes)


def net_18(act=None, blocks=((8, 1), (12, 2)), stem_channels=8, cin=3, classes=10, **style):
    return lambda: ReActNet18(Style(act=act or Activations(), **style), blocks, cin, classes, stem_channels)


def one_block(act=None, classes=5, **style):
    """The smallest network that binarizes: stem, one binary 3x3 with its shortcut, RPReLU, classifier."""
    return net_18(act, ((6, 1),), 6, classes=classes, **style)


def plain(size, act=None, cin=1, classes=10, widths=(6, 9), pools=(True, True), fc=(8,), fc_form="folded", last_binary=False,
          flatten="flatten", kernel=3, stride=1, padding=None, hardtanh=False, **style):
    return lambda: PlainBnn(Style(act=act or Activations(), **style), widths, pools, cin, size, classes, fc, fc_form, last_binary,
                            flatten, kernel, stride, padding, hardtanh)


CASES: list[Case] = []


def case(name: str, what: str, build, shape=(1, 3, 16, 16), export=None, **more) -> None:
    assert all(c.name != name for c in CASES), name
    CASES.append(Case(name, what, build, shape, export or Export(), **more))


# ---- the whole of it, small -----------------------------------------------------------------------------------------

TRAINING = Activations(sign="ste_polynomial", threshold="add_expand", shift="add_expand")
A_PLAN = (8, ((8, 1), (16, 2)))

case("reactnet-a-training", "ReActNet-A as its training code exports it", net_a(TRAINING, A_PLAN, weight="flat_hard"))
case("reactnet-a-clean", "ReActNet-A with weights +-s and a plain Sign", net_a(None, A_PLAN))
case("reactnet-18-training", "ReActNet-18 as its training code exports it",
     net_18(TRAINING, weight="flat_hard", stem="conv7_max"), (1, 3, 32, 32))
case("reactnet-18-clean", "ReActNet-18 with weights +-s and a plain Sign", net_18(stem="conv7_max"), (1, 3, 32, 32))
case("dybnn-a-training", "DyBNN-A on ReActNet's training code",
     net_a(Activations(sign="ste_polynomial", threshold="sub", dynamic=Dynamic(reshape="view", between="relu")), (6, ((12, 2),)),
           weight="flat_hard"))
case("dybnn-a-clean", "DyBNN-A with weights +-s and Where(x >= alpha)",
     net_a(Activations(sign="where_ge", threshold="compare", shift="sub", dynamic=Dynamic()), (6, ((12, 2),))))
case("dybnn-18-training", "DyBNN-18 on ReActNet's training code",
     net_18(Activations(sign="ste_polynomial", threshold="add", dynamic=Dynamic(reshape="view")), weight="flat_hard",
            stem="conv7_max"), (1, 3, 32, 32))
case("dybnn-18-clean", "DyBNN-18 with weights +-s",
     net_18(Activations(threshold="sub", shift="sub", dynamic=Dynamic()), stem="conv7_max"), (1, 3, 32, 32))
case("plain-cnn", "convolution, batch norm, sign, repeated; binary fully connected", plain(12), (1, 1, 12, 12))
case("plain-mlp", "binary fully connected layers only", lambda: BinaryMlp(7, (33, 5)), (1, 1, 7, 7))
case("dynamo-a-training", "the torch.export exporter on ReActNet's training code", net_a(TRAINING, weight="flat_hard"),
     export=Export("dynamo", 18))
case("dynamo-dybnn", "the torch.export exporter on DyBNN", net_a(Activations(threshold="sub", shift="sub", dynamic=Dynamic())),
     export=Export("dynamo", 18))
case("no-folding-dybnn-batch-axis", "Shape, Gather, Unsqueeze, Concat, Reshape around every FC",
     one_block(Activations(threshold="sub", dynamic=Dynamic(reshape="view_sizes"))), export=Export(opset=11, folding=False, dynamic_batch=True))

# ---- sign -----------------------------------------------------------------------------------------------------------

# Written by people, but not on the list of what must be raised: a diagnostic, or staying float, will do too.
BEYOND = {"extra": {"beyond": True}}
BEYOND_FORMS = {"sign_then_nudge", "sign_where_zero", "sign_plus_is_zero", "ste_polynomial_where", "standardized", "maximum", "mask",
                "abs", "max_min", "direct_blend"}


def beyond(form: str) -> dict:
    return BEYOND if form in BEYOND_FORMS else {}


COMPARISONS = ("where_ge", "where_gt", "where_lt", "where_le", "where_not_lt", "where_flipped", "where_ones_like", "cast_ge",
               "cast_gt", "cast_lt", "cast_minus_half", "cast_difference")

for form, f in SIGNS.items():
    what = (f.__doc__ or f"binarization by {form}").strip().split("\n")[0]
    case(f"sign-{form}".replace("_", "-"), what, one_block(Activations(sign=form)), **beyond(form))
    if form in COMPARISONS:
        case(f"sign-{form}-alpha".replace("_", "-"), f"{form}, comparing with alpha itself",
             one_block(Activations(sign=form, threshold="compare")))
for form in ("ste_polynomial", "ste_clip", "where_ge", "cast_ge", "autograd_function"):
    case(f"sign-{form}-dynamo".replace("_", "-"), f"{form} by the torch.export exporter", one_block(Activations(sign=form)),
         export=Export("dynamo", 18))
case("sign-ste-polynomial-unoptimized", "the torch.export exporter without its optimizer",
     one_block(Activations(sign="ste_polynomial")), export=Export("dynamo", 18, folding=False))
case("sign-ste-polynomial-simplified", "onnx-simplifier on the polynomial", one_block(Activations(sign="ste_polynomial")),
     export=Export(simplify=True))
case("sign-where-ge-opset9", "Where before GreaterOrEqual: Less and Not", one_block(Activations(sign="where_ge", threshold="compare")),
     export=Export(opset=9))
case("sign-where-le-opset11", "LessOrEqual before opset 12: Greater and Not", one_block(Activations(sign="where_le")),
     export=Export(opset=11))

# ---- weights --------------------------------------------------------------------------------------------------------

for form, cls in WEIGHTS.items():
    what = cls.__doc__.strip().split("\n")[0]
    case(f"weight-{form}".replace("_", "-"), what, one_block(weight=form), **beyond(form))
    if form in ("flat_hard", "hard", "sign_times_mean", "where_times_mean", "scale_after", "standardized"):
        case(f"weight-{form}-unfolded".replace("_", "-"), f"{what} Constant folding off.", one_block(weight=form),
             export=Export(folding=False), **beyond(form))
        case(f"weight-{form}-dynamo".replace("_", "-"), f"{what} torch.export exporter.", one_block(weight=form),
             export=Export("dynamo", 18), **beyond(form))
case("weight-flat-hard-simplified", "folded by onnx-simplifier: rounding noise of sign - clip + clip stays",
     one_block(weight="flat_hard"), export=Export(simplify=True))
case("weight-hard-unoptimized-dynamo", "the torch.export exporter without its optimizer", one_block(weight="hard"),
     export=Export("dynamo", 18, folding=False))
case("weight-conv-bias", "binary convolutions with a bias", one_block(conv_bias=True), export=Export(keep_bn=True))
case("bn-kept", "batch norm not fused", one_block(), export=Export(keep_bn=True))
case("bn-kept-unfolded", "batch norm not fused, constants not folded", one_block(weight="sign_only"), export=Export(keep_bn=True, folding=False))
case("bn-negative", "batch norm with negative scales", one_block(bn="negative", weight="plus_minus_one"), export=Export(keep_bn=True))
case("bn-negative-fused", "batch norm with negative scales, fused into the weights", one_block(bn="negative"))
case("bn-negative-graph-weights", "batch norm with negative scales behind weights made in the graph",
     one_block(bn="negative", weight="flat_hard"))
case("bn-zero", "a channel whose batch norm has scale 0", one_block(bn="zero", weight="plus_minus_one"), export=Export(keep_bn=True))
case("bn-zero-fused", "scale 0 fused: all weights of one channel are 0, which is s_o = 0", one_block(bn="zero"))
case("bn-affine", "batch norm rewritten as a Mul and an Add", one_block(bn="affine", weight="plus_minus_one"))
case("bn-opset9", "batch norm of opset 9", one_block(weight="hard"), export=Export(opset=9, keep_bn=True))
case("bn-dynamo-unoptimized", "batch norm by the torch.export exporter, not fused", one_block(), export=Export("dynamo", 18, folding=False))
case("bn-simplified", "fused by onnx-simplifier", one_block(weight="plus_minus_one"), export=Export(keep_bn=True, simplify=True))

# ---- thresholds and shifts ------------------------------------------------------------------------------------------

for form in ("add", "sub", "add_reversed", "add_expand", "none"):
    case(f"threshold-{form}".replace("_", "-"), f"alpha by {form}", one_block(Activations(threshold=form)))
for form in ("sub", "add_reversed", "add_expand"):
    case(f"shift-{form}".replace("_", "-"), f"gamma and zeta by {form}", one_block(Activations(shift=form)))
case("shift-expand-batch-axis", "Add of an Expand by Shape, dynamic batch axis", one_block(Activations(threshold="add_expand", shift="add_expand")),
     export=Export(opset=12, dynamic_batch=True))
case("shift-expand-unfolded", "the same with constants not folded", one_block(Activations(threshold="add_expand", shift="add_expand")),
     export=Export(opset=11, folding=False, dynamic_batch=True))
case("shift-expand-dynamo", "the same by the torch.export exporter, batch axis dynamic",
     one_block(Activations(threshold="add_expand", shift="add_expand")), export=Export("dynamo", 18, dynamic_batch=True))
case("shift-c11", "shifts stored as C,1,1", one_block(Activations(parameter="c11")))
case("shift-c-view", "shifts stored as C and viewed", one_block(Activations(parameter="c_view")), export=Export(folding=False))
case("rprelu-no-gamma", "PReLU and a shift behind", one_block(Activations(move_in=False)))
case("rprelu-no-zeta", "PReLU and a shift in front", one_block(Activations(move_out=False)))
case("rprelu-bare", "PReLU without shifts", one_block(Activations(move_in=False, move_out=False)))
for form in ("prelu_shared", "prelu_wild", "leaky_shared", "where_gt", "where_gt_shared", "where_ge", "where_lt", "relu_pair",
             "relu_pair_shared", "max_min", "maximum", "mask", "abs", "direct", "direct_ge", "direct_blend"):
    case(f"rprelu-{form}".replace("_", "-"), f"RPReLU as {form}",
         one_block(Activations(prelu=form, shift="sub" if form.startswith("direct") else "add")),
         **beyond(form))
case("rprelu-where-gt-dynamo", "PReLU written as Where, torch.export exporter", one_block(Activations(prelu="where_gt")), export=Export("dynamo", 18))
case("rprelu-relu-pair-simplified", "relu(x) - a relu(-x), onnx-simplifier", one_block(Activations(prelu="relu_pair")), export=Export(simplify=True))

# ---- DySign and DyPReLU ---------------------------------------------------------------------------------------------


def dy(threshold="sub", shift="sub", sign="sign", prelu="prelu", **unit):
    return Activations(sign=sign, threshold=threshold, shift=shift, prelu=prelu, dynamic=Dynamic(**unit))


def dynamic_sign(**unit):
    """DySign beside a static RPReLU."""
    return one_block(dy(**unit), prelu_act=Activations())


def dynamic_prelu(**unit):
    """DyPReLU beside a static RSign."""
    return one_block(Activations(), prelu_act=dy(**unit))


for form in ("flatten", "view", "view_sizes", "squeeze", "squeeze_twice", "reshape", "index"):
    if form not in ("view_sizes", "squeeze_twice"):  # with a fixed batch these are exported as view and squeeze are
        case(f"dy-linear-{form}".replace("_", "-"), f"FC as Gemm, N,C,1,1 to N,C and back by {form}", one_block(dy(reshape=form)))
    case(f"dy-linear-{form}-batch-axis".replace("_", "-"), f"the same with a dynamic batch axis, nothing folded", dynamic_sign(reshape=form),
         export=Export(opset=11 + len(form) % 4, folding=False, dynamic_batch=True))
case("dy-matmul", "FC as MatMul and Add", one_block(dy(fc="matmul")))
case("dy-matmul-no-bias", "FC as MatMul alone", one_block(dy(fc="matmul", bias=False)))
case("dy-linear-no-bias", "FC without bias: Gemm, or Transpose and MatMul", dynamic_prelu(bias=False), export=Export(folding=False))
case("dy-conv", "FC as 1x1 Conv", one_block(dy(fc="conv")))
case("dy-conv-no-bias", "FC as 1x1 Conv without bias", one_block(dy(fc="conv", bias=False)))
for form in ("mean", "mean_flat", "mean_twice", "avgpool"):
    case(f"dy-gap-{form}".replace("_", "-"), f"GAP by {form}", one_block(dy(gap=form)))
case("dy-gap-mean-opset18", "ReduceMean with axes as input", one_block(dy(gap="mean_flat")), export=Export(opset=18))
case("dy-gap-mean-conv", "ReduceMean and 1x1 convolutions", one_block(dy(gap="mean", fc="conv")))
for form in FUNCTIONS:
    if form not in ("none", "centred_sigmoid"):
        opset = 14 if form in ("hard_swish", "hard_sigmoid") else 13
        case(f"dy-between-{form}".replace("_", "-"), f"{form} between the FCs", dynamic_sign(between=form), export=Export(opset=opset))
        case(f"dy-after-{form}".replace("_", "-"), f"{form} after the FCs, ReLU between", dynamic_prelu(between="relu", after=form),
             export=Export(opset=opset))
for form in ("hard_swish", "hard_sigmoid", "swish"):
    case(f"dy-between-{form}-opset9".replace("_", "-"), f"{form} decomposed as opset 9 must", dynamic_sign(between=form, fc="conv"), export=Export(opset=9))
    case(f"dy-between-{form}-dynamo".replace("_", "-"), f"{form} by the torch.export exporter", dynamic_prelu(between=form), export=Export("dynamo", 18))
case("dy-split", "one unit of 2C outputs makes gamma and zeta", one_block(dy(sharing="split")))
case("dy-split-conv", "the same by convolution and chunk", one_block(dy(sharing="split", fc="conv", between="relu")))
case("dy-split-opset9", "the same with the Split of opset 9", one_block(dy(sharing="split")), export=Export(opset=9))
case("dy-split-dynamo", "the same by the torch.export exporter", one_block(dy(sharing="split")), export=Export("dynamo", 18))
case("dy-shared", "one unit makes two alphas and a gamma", net_a(dy(sharing="block")))
case("dy-shared-add", "the same with x + p throughout", net_a(dy("add", "add", sharing="block", between="relu")))
case("dy-one-gap", "gamma's and zeta's FCs read one pooled map", one_block(dy(one_gap=True)))
case("dy-add", "x + p for alpha and gamma", one_block(dy("add", "add")))
case("dy-add-expand", "x + p.expand_as(x)", one_block(dy("add_expand", "add_expand")))
case("dy-compare", "x >= p by Where", one_block(dy("compare", sign="where_ge"), prelu_act=Activations()))
case("dy-compare-strict", "x > p by Where", one_block(dy("compare", sign="where_gt"), prelu_act=Activations()))
case("dy-compare-lt", "x < p by Where, branches swapped", one_block(dy("compare", sign="where_lt"), prelu_act=Activations()))
case("dy-compare-cast", "(x >= p).float() * 2 - 1", one_block(dy("compare", sign="cast_ge"), prelu_act=Activations()))
case("dy-ste-polynomial", "sign - poly + poly of x - p", one_block(dy(sign="ste_polynomial")))
case("dy-direct", "the paper's formula for DyPReLU, both branches written out", one_block(dy(prelu="direct")))
case("dy-direct-ge", "the same with >=", one_block(dy(prelu="direct_ge")))
case("dy-prelu-where", "DyPReLU with PReLU as Where", one_block(dy(prelu="where_gt")))
case("dy-prelu-relu-pair", "DyPReLU with PReLU as relu(x) - a relu(-x)", one_block(dy(prelu="relu_pair")))
case("dy-prelu-shared", "DyPReLU with one slope for all", one_block(dy(prelu="prelu_shared")))
case("dy-norm", "batch norm between the FCs", dynamic_sign(norm=True, between="relu"), **BEYOND)
case("dy-norm-conv", "batch norm between the FCs, 1x1 convolutions", dynamic_prelu(norm=True, between="relu", fc="conv"), **BEYOND)
case("dy-static-part", "a learned number is added to what the FCs make", dynamic_sign(static_part=True), **BEYOND)
case("dy-centred-sigmoid", "2 sigmoid(x) - 1 after the FCs", dynamic_prelu(between="relu", after="centred_sigmoid"), **BEYOND)
case("dy-reduction16", "C/16 of 17 channels", net_18(dy(reduction=16), ((17, 1),), 17, classes=5))
case("dy-one-hidden", "a hidden layer of one", one_block(dy(reduction=8)))
case("dy-wide-hidden", "a hidden layer as wide as the map", one_block(dy(reduction=1)))
case("dy-one-pixel", "GAP of a map that is one pixel already", net_18(dy(), ((6, 2),), 6, pool="strided"), (1, 3, 4, 4))
case("dy-simplified", "onnx-simplifier on view chains", one_block(dy(reshape="view_sizes")), export=Export(folding=False, simplify=True))
case("dy-fixed-batch-2", "batch 2 in the reshapes", one_block(dy(reshape="view")), (2, 3, 16, 16))
case("dy-fixed-batch-2-sizes", "batch 2, sizes read from the shape, not folded", dynamic_prelu(reshape="view_sizes"), (2, 3, 16, 16),
     Export(folding=False))
case("dy-static-threshold", "static signs beside DyPReLU", net_a(Activations(), prelu_act=dy()))
case("dy-static-prelu", "DySign beside static RPReLU", net_a(dy(), prelu_act=Activations()))

# ---- structure ------------------------------------------------------------------------------------------------------

for form in ("conv3_stride1", "conv3_relu", "conv7_max", "conv5_max2", "depthwise", "grouped", "asymmetric", "conv3_max_ceil"):
    case(f"stem-{form}".replace("_", "-"), f"stem {form}", one_block(stem=form), export=Export(opset=11 if form == "asymmetric" else 13))
for form in ("view", "mean", "conv", "avgpool", "bn_flatten"):
    case(f"head-{form}".replace("_", "-"), f"head {form}", one_block(head=form))
case("head-softmax", "a final Softmax", one_block(softmax=True))
case("head-softmax-opset11", "the Softmax of opset 11", one_block(softmax=True), export=Export(opset=11))
case("head-view-batch-axis", "Shape, Gather, Concat, Reshape in front of the classifier", one_block(head="view"),
     export=Export(folding=False, dynamic_batch=True))
case("pool-concat", "AveragePool shortcut and 1x1 pairs joined by Concat", net_a(plan=(8, ((16, 2),))))
case("pool-pad-in-front", "the Pad that the exporter puts in front of AveragePool", net_a(plan=(8, ((8, 2),))), export=Export(opset=9))
for form in ("avg2_ceil", "avg3_include_pad", "avg3_exclude_pad", "avg3_f_pad"):
    size = 13 if form == "avg2_ceil" else 16
    case(f"pool-{form}".replace("_", "-"), f"shortcut pool {form}", net_a(plan=(8, ((8, 2),)), pool=form), (1, 3, size, size))
    if form.startswith("avg3"):
        case(f"pool-{form}-opset9".replace("_", "-"), f"shortcut pool {form}, opset 9", net_a(plan=(8, ((8, 2),)), pool=form), export=Export(opset=9))
case("pool-dynamo", "shortcut pool by the torch.export exporter", net_a(plan=(8, ((8, 2),))), export=Export("dynamo", 18))
case("down-strided", "1x1 float downsampling with stride 2", net_18(pool="strided"))
case("down-avgpool", "AveragePool and 1x1 float convolution", net_18())
case("down-widen", "1x1 float convolution where only the width changes", net_18(blocks=((12, 1),)))
case("dilation-2", "binary 3x3 with dilation 2", one_block(dilation=2))
case("kernel-5", "binary 5x5", plain(10, kernel=5), (1, 1, 10, 10))
case("kernel-2-valid", "binary 2x2 without padding", plain(9, kernel=2, padding=0, pools=(False,), widths=(6, 5)), (1, 1, 9, 9))
case("kernel-3-valid", "binary 3x3 without padding", plain(7, padding=0, pools=(False,), widths=(8, 9)), (1, 1, 7, 7))
case("kernel-1-stride-2", "binary 1x1 with stride 2", plain(9, kernel=1, stride=2, pools=(False,)), (1, 1, 9, 9))
case("stride-3", "binary 3x3 with stride 3", plain(11, stride=3, pools=(False,)), (1, 1, 11, 11))
case("padding-2", "binary 3x3 with padding 2", plain(6, padding=2, widths=(8, 6)), (1, 1, 6, 6))
case("pad-separate", "zeros by a Pad in front of the binary convolution, at the end only", net_a(plan=(8, ((8, 2),)), separate_pad=True))
case("pad-asymmetric", "the same merged into the convolution's pads", net_a(plan=(8, ((8, 2),)), separate_pad=True),
     export=Export(opset=9, edits=(edits.merge_pads,)))
case("pad-same-upper-asymmetric", "the same as auto_pad SAME_UPPER", net_a(plan=(8, ((8, 2),)), separate_pad=True),
     export=Export(opset=9, edits=(edits.merge_pads, edits.set_pads_as_same_upper)))
case("pad-auto-upper", "auto_pad SAME_UPPER and VALID", one_block(), (1, 3, 15, 15), Export(edits=(edits.auto_pad("SAME_UPPER"),)))
case("pad-auto-lower", "auto_pad SAME_LOWER and VALID", one_block(), (1, 3, 15, 15), Export(edits=(edits.auto_pad("SAME_LOWER"),)))
case("width-7", "7 channels, doubled to 14", net_a(plan=(7, ((7, 1), (14, 2)))))
case("width-33", "33 channels", plain(6, widths=(5, 33, 5), fc=(), classes=5), (1, 1, 6, 6))
case("width-1", "one channel", net_a(plan=(1, ((1, 1), (2, 1)))))
case("size-odd", "9 x 15 pixels", net_a(plan=(8, ((8, 1), (8, 2))), pool="avg2_ceil"), (1, 3, 9, 15))
case("size-narrow", "3 x 21 pixels, one input channel", net_a(cin=1, stem="conv3_stride1"), (1, 1, 3, 21))
case("size-odd-18", "17 x 13 pixels", net_18(pool="avg2_ceil", stem="conv7_max"), (1, 3, 17, 13))
case("classes-2", "two classes", one_block(classes=2))
case("clutter", "double().float(), contiguous, * 1 + 0, Identity, Dropout", one_block(clutter=True), export=Export(folding=False))
case("clutter-dropout", "Dropout of opset 12 on", one_block(dropout=0.5), export=Export(edits=(edits.insert_dropout,)))
case("clutter-dropout-opset10", "Dropout before opset 12", one_block(), export=Export(opset=10, edits=(edits.insert_dropout_attribute,)))
case("clutter-identities", "chains of Identity", one_block(), export=Export(edits=(edits.insert_identities,)))
case("clutter-casts", "chains of Cast", one_block(), export=Export(edits=(edits.insert_casts,)))
case("clutter-dead-code", "nodes and weights that no output depends on", one_block(), export=Export(edits=(edits.add_dead_code,)))

# ---- networks without shortcuts -------------------------------------------------------------------------------------

for form in ("folded", "folded_bias", "plus_minus_one", "sign", "matmul"):
    case(f"plain-mlp-{form}".replace("_", "-"), f"binary FCs, weights {form}", lambda form=form: BinaryMlp(6, (17, 9), form=form), (1, 1, 6, 6),
         Export(folding=form != "matmul"))
for form in ("sign", "where_ge", "where_gt", "cast_lt", "ste_clip", "ste_polynomial"):
    case(f"plain-cnn-{form}".replace("_", "-"), f"plain binary network, {form}", plain(8, Activations(sign=form)),
         (1, 1, 8, 8))
case("plain-cnn-negative", "integer compares whose direction a negative batch norm turns round",
     plain(8, bn="negative", weight="plus_minus_one"), (1, 1, 8, 8), Export(keep_bn=True))
case("plain-cnn-zero", "a channel whose sign does not depend on its input", plain(8, bn="zero", weight="plus_minus_one"),
     (1, 1, 8, 8), Export(keep_bn=True))
case("plain-cnn-graph-weights", "weights made in the graph", plain(8, weight="flat_hard", fc_form="ste"), (1, 1, 8, 8))
case("plain-cnn-deep", "four binary convolutions, no pool", plain(6, widths=(5, 6, 7, 8, 6), pools=(False,) * 4),
     (1, 1, 6, 6))
case("plain-cnn-binary-last", "the classifier is binary too", plain(8, last_binary=True, flatten="view"), (1, 1, 8, 8))
case("plain-cnn-hardtanh", "hardtanh in front of sign, which it does not change", plain(8, hardtanh=True), (1, 1, 8, 8))
case("plain-xnor-order", "batch norm, sign, binary convolution, ReLU, max pool", lambda: XnorOrder(Style(weight="sign_times_mean")), (1, 1, 8, 8))
case("birealnet-18", "Bi-Real net: shortcuts, no shifts, no PReLU", net_18(Activations("ste_polynomial", "none"), prelu=False, weight="hard",
     stem="conv7_max"), (1, 3, 32, 32))
case("plain-cnn-dynamo", "by the torch.export exporter", plain(8), (1, 1, 8, 8), Export("dynamo", 18))
case("plain-cnn-rgb", "three input channels, batch axis dynamic", plain(10, widths=(8, 8), cin=3), (1, 3, 10, 10),
     Export(folding=False, dynamic_batch=True))

# ---- what stays float, and values at the threshold ------------------------------------------------------------------

case("float-binary-looking-stem", "weights +-s on the picture itself: a float convolution", lambda: near_binary_stem(0))
case("float-nearly-binary-stem", "weights near +-s on the picture itself", lambda: near_binary_stem(0.1))
case("float-on-sign", "float weights on a binarized map", one_block(weight="real"))
case("float-on-sign-partly", "a third of the weights is not +-s", one_block(weight="partly_binary"))
case("zero-where-ge", "x >= 0 of what a ReLU has made 0: +1", one_block(Activations(sign="where_ge", threshold="none"), stem="conv3_relu"),
     zeros=True)
case("zero-where-gt", "x > 0 of what a ReLU has made 0: -1", one_block(Activations(sign="where_gt", threshold="none"), stem="conv3_relu"),
     zeros=True)
case("zero-sign", "Sign of what a ReLU has made 0: ONNX Runtime says 0, one bit says +1", one_block(Activations(threshold="none"), stem="conv3_relu"),
     zeros=True, extra={"comparable": False})

# ---- exporters ------------------------------------------------------------------------------------------------------

for opset in range(9, 21):
    case(f"opset{opset}-dybnn", f"TorchScript exporter, opset {opset}: DyBNN-18 training code",
         net_18(dy(sign="ste_polynomial" if opset % 2 else "where_ge", reshape="view_sizes", between=("relu", "hard_swish", "sigmoid")[opset % 3]),
                ((6, 2),), 6, weight="flat_hard" if opset % 2 else "sign_times_mean"),
         export=Export(opset=opset, folding=opset % 4 < 2, dynamic_batch=opset % 3 == 0))
    case(f"opset{opset}-reactnet-18", f"TorchScript exporter, opset {opset}: ReActNet-18, clean", net_18(blocks=((6, 2),), stem_channels=4, stem="conv7_max"),
         export=Export(opset=opset, keep_bn=opset % 2 == 0))
for opset in range(18, 22):
    case(f"opset{opset}-dynamo", f"torch.export exporter, opset {opset}",
         net_18(dy(sign="where_ge", threshold="compare", reshape="view_sizes", gap="mean_flat" if opset % 2 else "adaptive",
                   between=("swish", "hard_swish")[opset % 2]), ((6, 2),), 6, weight="hard"),
         export=Export("dynamo", opset, dynamic_batch=opset % 2 == 0))
for opset in (22, 23):
    case(f"opset{opset}-dynamo", f"torch.export exporter, opset {opset}", one_block(dy(gap="mean_flat")), export=Export("dynamo", opset))
case("dynamo-external-data", "weights in a file of their own", one_block(weight="hard"), export=Export("dynamo", 18, external_data=True))
case("torchscript-external-data", "weights in a file of their own", one_block(), export=Export(external_data=True))
case("dynamo-metadata", "the exporter's stack traces and signatures kept", net_a(plan=(4, ((4, 1),)), classes=4),
     export=Export("dynamo", 18, metadata=True))
case("dynamo-unoptimized-dybnn", "no optimizer: Shape, Expand, CastLike stay", one_block(dy(reshape="view_sizes")),
     export=Export("dynamo", 18, folding=False, dynamic_batch=True))
case("functions", "local functions that call one another, one with an attribute of its own", one_block(),
     export=Export(opset=15, edits=(edits.outline_functions,)))
case("batch-2", "fixed batch 2", one_block(), (2, 3, 16, 16))
case("batch-3-18", "fixed batch 3", net_18(stem="conv7_max", head="view"), (3, 3, 16, 16), Export(folding=False))
case("batch-axis", "dynamic batch axis", one_block(), export=Export(dynamic_batch=True))
case("ir-version-new", "IR version 14, newer than onnx-proto's enumeration", one_block(), export=Export(edits=(edits.ir_version(14),)))
case("ir-version-3", "IR version 3: every initializer is a graph input too", one_block(), export=Export(opset=9, edits=(edits.initializers_as_inputs, edits.ir_version(3))))
case("initializers-as-inputs", "keep_initializers_as_inputs", one_block(), export=Export(edits=(edits.initializers_as_inputs,)))
case("typed-data", "float_data and int64_data in place of raw_data", one_block(dy(reshape="view")), export=Export(edits=(edits.typed_data,)))
case("constant-nodes", "weights as Constant nodes", one_block(), export=Export(edits=(edits.initializers_to_constants,)))
case("no-node-names", "nodes without names", one_block(), export=Export(edits=(edits.remove_names,)))
case("hostile-names", "names with quotes, newlines, ../, keywords, emoji", one_block(), export=Export(edits=(edits.hostile_names,)))
case("other-domains", "domains that nothing uses; ONNX's own as ai.onnx", one_block(), export=Export(edits=(edits.import_other_domains,)))
case("explicit-defaults", "attributes at their defaults written out", net_a(plan=(8, ((16, 2),))), export=Export(keep_bn=True, edits=(edits.explicit_defaults,)))
case("dropped-defaults", "no kernel_shape, no default attribute, no value_info", net_a(plan=(8, ((16, 2),))), export=Export(edits=(edits.drop_defaults,)))
case("unsorted-nodes", "nodes in the wrong order", one_block(), export=Export(edits=(edits.shuffle_nodes,)))
case("no-output-shape", "an output whose shape the file does not say", one_block(), export=Export(edits=(edits.no_output_shape,)))
for name, build in (("a", net_a(TRAINING, (8, ((8, 2),)), weight="flat_hard")), ("18", net_18(TRAINING, ((8, 2),), weight="flat_hard"))):
    case(f"simplified-{name}", "training code, onnx-simplifier", build, export=Export(simplify=True))
    case(f"simplified-{name}-batch-axis", "training code, dynamic batch axis, onnx-simplifier", build,
         export=Export(folding=False, dynamic_batch=True, simplify=True))

# ---- all pairs ------------------------------------------------------------------------------------------------------

AXES = {
    "sign": ("sign", "where_ge", "where_lt", "cast_ge", "ste_clip", "ste_polynomial"),
    "weight": ("folded", "flat_hard", "sign_times_mean", "scale_after", "plus_minus_one"),
    "threshold": ("add", "sub", "add_expand", "compare"),
    "shift": ("add", "sub", "add_expand"),
    "prelu": ("prelu", "prelu_shared", "where_gt", "relu_pair"),
    "unit": (
        None, Dynamic(), Dynamic(reshape="view_sizes", between="relu"), Dynamic(fc="conv", gap="mean", between="sigmoid"),
        Dynamic(fc="matmul", reshape="index", between="hard_swish", after="hard_sigmoid"),
    ),
    "bn": ("plain", "negative", "affine"),
    "network": (
        one_block, lambda act, **s: net_18(act, ((7, 2),), 5, classes=5, pool="strided", **s),
        lambda act, **s: net_a(act, (4, ((8, 2),)), classes=3, **s),
    ),
    "export": (
        Export(opset=9), Export(opset=11, folding=False, dynamic_batch=True), Export(opset=13, keep_bn=True),
        Export(opset=17, simplify=True), Export("dynamo", 18), Export("dynamo", 20, folding=False, dynamic_batch=True),
    ),
}


def goes_together(row: dict) -> bool:
    return row.get("threshold") != "compare" or row.get("sign", "where_ge") in COMPARISONS


for number, row in enumerate(all_pairs(AXES, goes_together)):
    act = Activations(row["sign"], row["threshold"], row["shift"], prelu=row["prelu"], dynamic=row["unit"])
    words = [row[k] for k in ("sign", "weight", "threshold", "shift", "prelu", "bn")] + ["dynamic" if row["unit"] else "static"]
    case(f"mix-{number:02}", ", ".join(words), row["network"](act, weight=row["weight"], bn=row["bn"]), export=row["export"])
