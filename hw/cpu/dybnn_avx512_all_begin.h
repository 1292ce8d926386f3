/* dybnn_avx512_all_begin.h - functions from here to dybnn_target_end.h may use AVX-512 F, BW, DQ, VL, VNNI and VPOPCNTDQ. No include guard. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq,avx2,fma,bmi,bmi2,popcnt,prfchw"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq,avx2,fma,bmi,bmi2,popcnt,prfchw,prefer-vector-width=512")
#endif
