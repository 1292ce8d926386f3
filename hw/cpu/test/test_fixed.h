/* test_fixed.h - the kernels of fixed16, under test_kernels.c's main. */
#ifndef TEST_FIXED_H
#define TEST_FIXED_H

void test_fixed_kernels(void);

#endif
