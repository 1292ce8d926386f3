"""Stand-in for pynq: the simulated board (board.cpp, as the shared library that BOARD_LIBRARY names)."""
import ctypes
import json
import os

import numpy as np

_board = ctypes.CDLL(os.environ["BOARD_LIBRARY"])
for _name in ("board_flush", "board_invalidate"):
    getattr(_board, _name).argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_board.board_write.argtypes = (ctypes.c_uint32, ctypes.c_uint32)
_board.board_read.argtypes = (ctypes.c_uint32,)
_board.board_read.restype = ctypes.c_uint32


class Buffer(np.ndarray):
    @property
    def device_address(self):
        return self.ctypes.data

    def flush(self):
        _board.board_flush(self.ctypes.data, self.nbytes)

    def invalidate(self):
        _board.board_invalidate(self.ctypes.data, self.nbytes)

    def freebuffer(self):
        pass


def allocate(shape, dtype):
    buffer = np.empty(shape, dtype=dtype).view(Buffer)
    buffer.view(np.uint8)[:] = 0x5A
    return buffer


class _Engine:
    """With the registers as a .hwh names them: halves of addresses, keywords of Verilog with _r."""

    def __init__(self, registers):
        self._registers = {}
        for name, offset in registers.items():
            name += "_r" if name == "output" else ""
            self._registers[name if offset >= 0x70 else name + "_1"] = {"address_offset": offset}

    def write(self, offset, value):
        _board.board_write(offset, value)

    def read(self, offset):
        return _board.board_read(offset)


class Overlay:
    def __init__(self, bit_file):
        """The bit file is a stand-in as well: the registers as JSON."""
        with open(bit_file, encoding="utf-8") as file:
            self.engine = _Engine(json.load(file))
