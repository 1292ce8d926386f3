// ap_int.h - ap_int<W> and ap_uint<W> for simulation with a plain C++14 compiler, where Vitis HLS is not installed.
//
// Our own code, written after the documented semantics: AMD, Vitis High-Level Synthesis User Guide (UG1399), "C++ Arbitrary Precision
// Integer Types": "Expressions Involving ap_[u] types", "Class Methods and Operators" (binary, bitwise and shift operators, bit-level
// operations) and compared line by line with AMD's simulation headers (test/hls/amd-headers.ts). With Vitis installed its own header
// of this name is used instead: put this folder on the include path only where XILINX_HLS is not set.
//
// The subset
//   widths 1 to 1024 (4096 work); construction and assignment from native integers, enums, float, double and other widths
//   + - * & | ^ ~ << >> unary -, comparisons, += and the like, ++ and --; / and % up to 64 bits and of one signedness
//   range(high, low), (high, low) and [bit], to read and to write; (a, b), to read and to write
//   to_int, to_uint, to_int64, to_uint64, to_double ..., length, width, sign, *_reduce, countLeadingZeros, std::ostream << x in decimal
// Not in it (does not compile, or stops with a sentence): reversed ranges, native integers in a concatenation, compound assignment to a
// range, strings, rotation, volatile.
//
// Slow by definition: an expression over a range has the width of the whole number (AMD's rule). Take the bits first:
// ap_int<16>(word.range(31, 16)) * x, not word.range(31, 16) * x.
//
// Compile with -Wno-unknown-pragmas: `#pragma HLS ...` is for the synthesiser, and gcc and clang say that they do not know it.
#ifndef DYBNN_SIM_AP_INT_H
#define DYBNN_SIM_AP_INT_H

#include "sim_integer.h"
#include "sim_operators.h"

template <int W>
using ap_int = ap_sim::integer<W, true>;
template <int W>
using ap_uint = ap_sim::integer<W, false>;

#endif
