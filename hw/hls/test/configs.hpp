// configs.hpp - small engines that differ in every parameter, for benches.
#ifndef DYBNN_TEST_CONFIGS_HPP
#define DYBNN_TEST_CONFIGS_HPP

// 128-bit words, two pixels.
struct narrow {
  static constexpr int PORT_BITS = 64, FLOAT_DEPTH = 8, FLOAT_ROWS = 1, FLOAT_SLOTS = 32, CONVERT_LANES = 4, PE = 8, PIXELS = 2, INT8_PE = 8, INT8_SIMD = 4, WEIGHT_WORDS = 512,
                       INT8_WORDS = 4096, GROUP_WORDS = 256, BIT_WORDS = 4096, MAP_WORDS = 32768, ROW_WORDS = 4096, POOL_WORDS = 1024, STORE_WORDS = 512,
                       CHANNELS = 520, VECTORS = 4096, WEIGHT_FIFO = 64, MAX_POOL = 1, AVERAGE_POOL = 1, FUNCTIONS = 1, EXPONENTIAL = 1;
};

// One pixel, one word a row of int8 weights.
struct single {
  static constexpr int PORT_BITS = 64, FLOAT_DEPTH = 5, FLOAT_ROWS = 2, FLOAT_SLOTS = 16, CONVERT_LANES = 1, PE = 16, PIXELS = 1, INT8_PE = 16, INT8_SIMD = 1, WEIGHT_WORDS = 512,
                       INT8_WORDS = 8192, GROUP_WORDS = 256, BIT_WORDS = 8192, MAP_WORDS = 32768, ROW_WORDS = 4096, POOL_WORDS = 1024, STORE_WORDS = 512,
                       CHANNELS = 520, VECTORS = 4096, WEIGHT_FIFO = 64, MAX_POOL = 1, AVERAGE_POOL = 1, FUNCTIONS = 1, EXPONENTIAL = 1;
};

// The sizes of a Zynq UltraScale+ design.
struct usual {
  static constexpr int PORT_BITS = 128, FLOAT_DEPTH = 8, FLOAT_ROWS = 2, FLOAT_SLOTS = 32, CONVERT_LANES = 2, PE = 32, PIXELS = 4, INT8_PE = 16, INT8_SIMD = 4, WEIGHT_WORDS = 512,
                       INT8_WORDS = 4096, GROUP_WORDS = 256, BIT_WORDS = 4096, MAP_WORDS = 32768, ROW_WORDS = 2048, POOL_WORDS = 1024, STORE_WORDS = 512,
                       CHANNELS = 528, VECTORS = 4096, WEIGHT_FIFO = 64, MAX_POOL = 1, AVERAGE_POOL = 1, FUNCTIONS = 1, EXPONENTIAL = 1;
};

// 512-bit words, eight pixels.
struct wide {
  static constexpr int PORT_BITS = 256, FLOAT_DEPTH = 11, FLOAT_ROWS = 1, FLOAT_SLOTS = 32, CONVERT_LANES = 8, PE = 32, PIXELS = 8, INT8_PE = 32, INT8_SIMD = 8, WEIGHT_WORDS = 512,
                       INT8_WORDS = 4096, GROUP_WORDS = 256, BIT_WORDS = 4096, MAP_WORDS = 16384, ROW_WORDS = 2048, POOL_WORDS = 1024, STORE_WORDS = 512,
                       CHANNELS = 544, VECTORS = 4096, WEIGHT_FIFO = 64, MAX_POOL = 1, AVERAGE_POOL = 1, FUNCTIONS = 1, EXPONENTIAL = 0;
};

// Without units that only some networks use.
struct bare : single {
  static constexpr int STORE_WORDS = 0, MAX_POOL = 0, AVERAGE_POOL = 0, FUNCTIONS = 0, EXPONENTIAL = 0;
};
struct largest_only : bare {
  static constexpr int MAX_POOL = 1;
};
struct averages_only : bare {
  static constexpr int AVERAGE_POOL = 1;
};

#endif
