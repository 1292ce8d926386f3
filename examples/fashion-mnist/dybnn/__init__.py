"""Dynamic binary neural networks (DyBNN) and their static twins (ReActNet) in PyTorch.

layers.py      the layers, each beside its formula
backbones.py   the MobileNetV1-like and ResNet-18-like networks, any width and depth
data.py        IDX files (Fashion-MNIST, MNIST, ...) as tensors
train.py       the two-stage recipe
export.py      a trained network as a clean ONNX graph
evaluate.py    accuracy by PyTorch and by ONNX Runtime
check.py       the layers against their formulas, the networks against their operation counts
"""
