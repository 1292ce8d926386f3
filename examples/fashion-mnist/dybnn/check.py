"""The layers against their formulas, gradients against theirs, the networks against the papers' operation counts, data
and export against themselves. No test framework: prints what it checked, stops at the first thing that is not so.

    python -m dybnn.check
"""

import copy
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from . import backbones, data, export, layers
from .evaluate import logits_onnxruntime


def equal(found: Tensor, expected: Tensor, within: float = 0.0) -> None:
    assert found.shape == expected.shape, (found.shape, expected.shape)
    worst = (found - expected).abs().max().item()
    assert worst <= within, f"differs by {worst}, allowed {within}"


def shake(module: nn.Module) -> None:
    """Every parameter away from its initial value, so that no term of a formula is 0 by chance."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)


def rsign() -> None:
    layer = layers.RSign(3).eval()
    layer.alpha.value.data = torch.tensor([-1.0, 0.0, 0.5]).reshape(1, 3, 1, 1)
    x = torch.tensor([-1.0, -0.0, 0.5, -1.5, -0.1, 0.4, 0.0, 0.0, 0.0]).reshape(3, 3, 1, 1)
    expected = torch.tensor([1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, 1.0, -1.0]).reshape(3, 3, 1, 1)
    equal(layer(x), expected)
    equal(layer.train()(x), expected)


def rprelu() -> None:
    layer = layers.RPReLU(5).eval()
    shake(layer)
    x = torch.randn(2, 5, 3, 4)
    gamma, zeta, beta = layer.gamma.value, layer.zeta.value, layer.beta.reshape(1, 5, 1, 1)
    equal(layer(x), torch.where(x > gamma, x - gamma + zeta, beta * (x - gamma) + zeta), within=1e-6)


def fc_fc(parameter: layers.DynamicParameter, x: Tensor) -> Tensor:
    """FC(FC(GAP(x))), in sums written out."""
    pooled = x.sum(dim=(2, 3)) / (x.shape[2] * x.shape[3])
    hidden = pooled @ parameter.squeeze.weight.T + parameter.squeeze.bias
    return (hidden @ parameter.expand.weight.T + parameter.expand.bias).reshape(*pooled.shape, 1, 1)


def dysign() -> None:
    layer = layers.DySign(64).eval()
    shake(layer)
    x = 3 * torch.randn(4, 64, 7, 7)
    margin = (x - fc_fc(layer.alpha, x)).abs()
    # Two orders of summation may see two sides only where x is this near its threshold.
    different = layer(x) != layers.sign(x - fc_fc(layer.alpha, x))
    assert not (different & (margin > 1e-4)).any()
    assert layer.alpha.squeeze.out_features == 4 == layers.hidden_width(32)
    assert layers.hidden_width(1024) == 64 and layers.hidden_width(1) == 1


def dyprelu() -> None:
    layer = layers.DyPReLU(64).eval()
    shake(layer)
    x = 3 * torch.randn(4, 64, 7, 7)
    gamma, zeta, beta = fc_fc(layer.gamma, x), fc_fc(layer.zeta, x), layer.beta.reshape(1, 64, 1, 1)
    equal(layer(x), torch.where(x > gamma, x - gamma + zeta, beta * (x - gamma) + zeta), within=1e-4)


def dynamic_starts_as_static() -> None:
    x = torch.randn(2, 32, 5, 5)
    equal(layers.DySign(32).eval()(x), layers.RSign(32).eval()(x))
    equal(layers.DyPReLU(32).eval()(x), layers.RPReLU(32).eval()(x))


def binary_convolution() -> None:
    for kernel_size, stride in ((3, 1), (3, 2), (1, 1)):
        layer = layers.BinaryConv2d(6, 4, kernel_size, stride).eval()
        x = layers.sign(torch.randn(2, 6, 8, 8))
        scale = layer.weight.abs().mean(dim=(1, 2, 3))
        ones = nn.functional.conv2d(x, layers.sign(layer.weight), stride=stride, padding=kernel_size // 2)
        assert (ones == ones.round()).all()
        equal(layer(x), ones * scale.reshape(1, 4, 1, 1), within=1e-5)
        equal(layer.train()(x), layer.eval()(x))
        layer.binary_weights = False
        equal(layer(x), nn.functional.conv2d(x, layer.weight, stride=stride, padding=kernel_size // 2))


def straight_through_gradients() -> None:
    x = torch.tensor([-2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 3.0], requires_grad=True)
    layers.SignActivationSTE.apply(x).sum().backward()
    equal(x.grad, torch.tensor([0.0, 0.0, 1.0, 2.0, 1.5, 0.0, 0.0]))
    w = torch.tensor([-1.5, -1.0, 0.0, 0.5]).reshape(4, 1, 1, 1).requires_grad_()
    layers.SignWeightSTE.apply(w).sum().backward()
    equal(w.grad.flatten(), torch.tensor([0.0, 1.0, 1.0, 1.0]))


def operations(model: nn.Module, shape: tuple[int, ...]) -> tuple[float, float, float]:
    """Multiply-accumulates in binary convolutions, in FCs that make thresholds and shifts, and in all other layers."""
    counts = {"binary": 0, "dynamic": 0, "float": 0}

    def count(module: nn.Module, _inputs, output: Tensor) -> None:
        if isinstance(module, layers.DynamicParameter):
            counts["dynamic"] += module.squeeze.weight.numel() + module.expand.weight.numel()
        elif isinstance(module, layers.BinaryConv2d):
            counts["binary"] += module.weight[0].numel() * output[0].numel()
        elif isinstance(module, nn.Conv2d):
            counts["float"] += module.weight[0].numel() * output[0].numel()
        elif module is model.classifier:
            counts["float"] += module.weight.numel()

    for module in model.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        model.eval()(torch.zeros(1, *shape))
    return counts["binary"], counts["dynamic"], counts["float"]


def operation_counts() -> None:
    # The papers: 4.82 G binary and 12 M float operations for ReActNet-A, 1.68 G and 138 M for ReActNet-18.
    for name, binary, real in (("reactnet-a", 4.82e9, 12e6), ("reactnet-18", 1.68e9, 138e6)):
        for twin in (name, name.replace("reactnet", "dybnn")):
            found = operations(backbones.NETWORKS[twin](), (3, 224, 224))
            counted = f"{found[0] / 1e9:.3f} G binary, {found[2] / 1e6:.1f} M float, {found[1] / 1e6:.2f} M in FCs"
            print(f"    {twin:12} {counted}")
            assert abs(found[0] / binary - 1) < 0.01 and abs(found[2] / real - 1) < 0.02, found
    for twin in ("reactnet", "dybnn"):
        model = backbones.NETWORKS[twin]()
        found = operations(model, (1, 28, 28))
        parameters = sum(p.numel() for p in model.parameters())
        print(
            f"    {twin:12} {found[0] / 1e6:.2f} M binary, {found[2] / 1e3:.1f} k float, {found[1] / 1e3:.1f} k in FCs,"
            f" {parameters} parameters"
        )
        assert found[0] < 25e6 and parameters < 480_000


def idx_files() -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 4, 5), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a.idx3-ubyte", "a.idx3-ubyte.gz"):
            data.write_idx(Path(folder) / name, array)
            assert (data.read_idx(Path(folder) / name) == array).all()


def augmentation() -> None:
    generator = torch.Generator().manual_seed(0)
    picture = torch.arange(1, 50, dtype=torch.uint8).reshape(1, 1, 7, 7)
    out = data.augment(picture.expand(500, 1, 7, 7), generator, 1)
    assert out.shape == (500, 1, 7, 7)
    kinds = {o.numpy().tobytes() for o in out}
    assert len(kinds) == 2 * 9 and picture.numpy().tobytes() in kinds


def clean_export() -> None:
    """Small networks: only inference's operators, every binary Conv +-c per channel, ONNX Runtime agrees."""
    inference = {"Conv", "GreaterOrEqual", "Where", "Sub", "PRelu", "Add", "Concat", "AveragePool", "ReduceMean"}
    inference |= {"Gemm", "Unsqueeze"}
    for act in (backbones.STATIC, backbones.DYNAMIC):
        nets = (
            backbones.mobile(act, in_channels=1, stem=(8, 1), blocks=[(16, 2), (16, 1)], classes=3),
            backbones.resnet(act, in_channels=1, widths=[8, 16], depths=[1, 1], classes=3, small_input=True),
        )
        for model in nets:
            for module in model.modules():
                if isinstance(module, layers.DynamicParameter):
                    shake(module)
            pictures = torch.randint(256, (64, 1, 8, 8), dtype=torch.uint8)
            with torch.no_grad():
                for _ in range(20):
                    model.train()(data.to_float(pictures))
            before = copy.deepcopy(model.state_dict())
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "small.onnx"
                export.export(model, path, shape=(1, 8, 8))
                graph = onnx.load(path).graph
                theirs = logits_onnxruntime(path, pictures)
            untouched = all(torch.equal(before[key], value) for key, value in model.state_dict().items())
            assert untouched, "exporting changed the model"
            found = {node.op_type for node in graph.node}
            assert found <= inference, found - inference
            binarized = {node.output[0] for node in graph.node if node.op_type == "Where"}
            constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
            fed_by_bits = [n for n in graph.node if n.op_type == "Conv" and n.input[0] in binarized]
            assert len(fed_by_bits) == sum(isinstance(m, layers.BinaryConv2d) for m in model.modules())
            for node in fed_by_bits:
                weight = constants[node.input[1]]
                magnitudes = np.abs(weight).reshape(len(weight), -1)
                assert (magnitudes == magnitudes[:, :1]).all() and (magnitudes > 0).all()
            with torch.no_grad():
                apart = (model.eval()(data.to_float(pictures)) - theirs).abs().amax(1)
            # A comparison that falls within rounding of its threshold may go either way, so not each one must agree.
            assert apart.median() < 1e-4, apart


def main() -> None:
    checks = [rsign, rprelu, dysign, dyprelu, dynamic_starts_as_static, binary_convolution, straight_through_gradients]
    checks += [operation_counts, idx_files, augmentation, clean_export]
    for check in checks:
        torch.manual_seed(0)
        check()
        print(f"ok  {check.__name__}")
    print(f"{len(checks)} passed")


if __name__ == "__main__":
    main()
