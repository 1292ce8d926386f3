/* dybnn_amx_vnni_begin.h - functions from here to dybnn_target_end.h may use AMX-INT8, AVX-512, VBMI and VNNI. No include guard. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("amx-tile,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,gfni,avx512vnni,avx2,fma,bmi,bmi2,popcnt,prfchw"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("amx-tile,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,gfni,avx512vnni,avx2,fma,bmi,bmi2,popcnt,prfchw,prefer-vector-width=512")
#endif
