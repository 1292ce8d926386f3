/* dybnn_target_end.h - ends what a dybnn_*_begin.h began. No include guard. */
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
