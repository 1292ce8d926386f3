/* dybnn_arithmetic.h - the compiler settings under which this code gives the bits of CONTRACT.md, and a refusal of the others.
 *
 * In: the compiler's own macros. Out: DYBNN_RESTRICT, dybnn_arithmetic_is_exact(), or an #error. Every .c file includes this
 * first, so no flag in a Makefile is needed for right answers: `cc *.c` is enough.
 */
#ifndef DYBNN_ARITHMETIC_H
#define DYBNN_ARITHMETIC_H

#include <float.h>
#include <stdint.h>

/* Reassociation, reciprocals for divisions, lost signs of zero, no infinities: any of them gives other bits [1.1]. */
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "dybnn: compiled with -ffast-math or a part of it (-Ofast, -funsafe-math-optimizations, ...): results would differ from the golden ones. Remove the flag."
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ != 0
#error "dybnn: compiled with -ffinite-math-only: results could differ from the golden ones. Remove the flag."
#endif
#if defined(_M_FP_FAST)
#error "dybnn: compiled with /fp:fast: results would differ from the golden ones. Use /fp:precise."
#endif

#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128 || FLT_MIN_EXP != -125
#error "dybnn: float is not IEEE 754 binary32 on this machine."
#endif

/* Excess precision [1.1]. 16 is the rule for _Float16 alone; float keeps to its own type there. */
#if defined(FLT_EVAL_METHOD)
#define DYBNN_EVAL_METHOD FLT_EVAL_METHOD
#elif defined(__FLT_EVAL_METHOD__)
#define DYBNN_EVAL_METHOD __FLT_EVAL_METHOD__
#else
#define DYBNN_EVAL_METHOD 0
#endif
#if DYBNN_EVAL_METHOD != 0 && DYBNN_EVAL_METHOD != 16
#error "dybnn: float expressions are evaluated in a wider type (x87?): results would differ. On i386 add -msse2 -mfpmath=sse, on s390x -fexcess-precision=fast."
#endif

/* 32-bit ARM's NEON flushes subnormals to zero; its VFP does not, and compilers only vectorize floats there under fast-math. */

/* No contraction of a*b + c into a fused multiply-add [1.1]. GCC fuses by default in its gnu modes, intrinsics too; its
 * optimize pragma is kept per function, costs nothing and does not keep the intrinsics from being inlined. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#else
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(__cplusplus)
#if defined(__GNUC__) || defined(__clang__) || defined(_MSC_VER)
#define DYBNN_RESTRICT __restrict
#else
#define DYBNN_RESTRICT
#endif
#else
#define DYBNN_RESTRICT restrict
#endif

/* What no macro tells: whether the processor now rounds to nearest and keeps subnormals (a library linked with -ffast-math may
 * have switched them off for the whole process), and whether the compiler heeded the pragma above. For a runner to ask once,
 * not for the model. */
static inline int dybnn_arithmetic_is_exact(void) {
  volatile float smallest_normal = FLT_MIN, half = 0.5f, one = 1.0f, epsilon = FLT_EPSILON;
  volatile float subnormal = smallest_normal * half;           /* 0 where results are flushed */
  volatile float twice = subnormal + subnormal;                /* 0 where operands are */
  volatile float half_epsilon = epsilon * half;
  volatile float tie_down = one + half_epsilon;                /* even: 1 */
  volatile float odd = one + epsilon;
  volatile float tie_up = odd + half_epsilon;                  /* even: 1 + 2 epsilon */
  volatile float even = odd + epsilon;
  float a = odd, minus_square = -even, residue;
  residue = a * a + minus_square;                              /* epsilon squared where fused */
  return subnormal > 0.0f && twice == smallest_normal && tie_down == one && tie_up == even && !(residue > 0.0f);
}

#endif
