/* dybnn_targets.h - which instruction sets this compiler can build for this machine.
 *
 * Out: DYBNN_X86, DYBNN_AMX or DYBNN_NEON is 1 or 0. The files of a set compile to nothing where its macro is 0, so that
 * `cc *.c` is right everywhere. On x86 every set is built and the processor is asked at run time (dybnn_dispatch.c); no -march
 * is needed. Define DYBNN_ONLY_SCALAR to leave all of them out.
 */
#ifndef DYBNN_TARGETS_H
#define DYBNN_TARGETS_H

#if !defined(DYBNN_ONLY_SCALAR) && defined(__x86_64__) && (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 9))
#define DYBNN_X86 1
#else
#define DYBNN_X86 0
#endif

/* The matrix unit: newer compilers only, and Linux's way of asking for it. */
#if DYBNN_X86 && defined(__linux__) && !defined(DYBNN_NO_AMX) && \
    ((defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11))
#define DYBNN_AMX 1
#else
#define DYBNN_AMX 0
#endif

#if !defined(DYBNN_ONLY_SCALAR) && defined(__aarch64__) && defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN) && \
    (defined(__clang__) || defined(__GNUC__))
#define DYBNN_NEON 1
#else
#define DYBNN_NEON 0
#endif

#if defined(__GNUC__) || defined(__clang__)
#define DYBNN_INLINE static inline __attribute__((always_inline))
#define DYBNN_PREFETCH(address) __builtin_prefetch(address, 0)
#define DYBNN_PREFETCH_WRITE(address) __builtin_prefetch(address, 1)
#else
#define DYBNN_INLINE static inline
#define DYBNN_PREFETCH(address) ((void)0)
#define DYBNN_PREFETCH_WRITE(address) ((void)0)
#endif

/* Before a loop with a constant count that must become straight code whatever the optimization level: register tiles. */
#if defined(__clang__)
#define DYBNN_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define DYBNN_UNROLL _Pragma("GCC unroll 32")
#else
#define DYBNN_UNROLL
#endif

/* Before a loop of which no more than two rounds fit the registers. */
#if defined(__clang__)
#define DYBNN_UNROLL_TWICE _Pragma("clang loop unroll_count(2)")
#elif defined(__GNUC__)
#define DYBNN_UNROLL_TWICE _Pragma("GCC unroll 2")
#else
#define DYBNN_UNROLL_TWICE
#endif

/* For functions whose loops over 16 outputs are to be unrolled and become a few short vectors. GCC at -O3 would rather vectorize
 * the loop around them, with gathers, and be five times slower. */
#if defined(__GNUC__) && !defined(__clang__)
#define DYBNN_NO_LOOP_VECTORIZER __attribute__((optimize("no-tree-loop-vectorize")))
#else
#define DYBNN_NO_LOOP_VECTORIZER
#endif

/* ISO C forbids an empty translation unit. */
#define DYBNN_NOTHING_HERE(file) typedef int dybnn_nothing_in_##file

#endif
