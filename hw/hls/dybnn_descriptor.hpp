// dybnn_descriptor.hpp - the engine's instruction: one step of the network, as int32 fields in this order.
//
// The compiler reads the names below from this file, so their order is said once. Unused fields are 0.
#ifndef DYBNN_DESCRIPTOR_HPP
#define DYBNN_DESCRIPTOR_HPP

#include <cstdint>

namespace dybnn {

enum kind : std::int32_t {
  END = 0,
  BINARY_CONV = 1,
  INT8_CONV = 2,
  PASS = 3,
  MAX_POOL = 4,
  AVERAGE_POOL = 5,
  MEAN = 6,
  DENSE = 7,
  PARAMETER = 8,
  INT8_DENSE = 9,
  OUTPUT = 10
};

// Slots of the parameter memory, in the order in which they are loaded.
enum slot : std::int32_t { SCALE = 0, OFFSET = 1, BIAS = 2, GAMMA = 3, SLOPE = 4, ZETA = 5, ALPHA = 6 };

// Bits of `flags`: what the tail does. A static parameter is loaded where its LOAD bit (1 << (16 + slot)) is set.
enum flag : std::int32_t {
  HAS_SCALE = 1 << 0,
  HAS_BIAS = 1 << 1,
  HAS_SHORTCUT = 1 << 2,
  HAS_PRELU = 1 << 3,
  HAS_GAMMA = 1 << 4,
  HAS_ZETA = 1 << 5,
  PRELU_GE = 1 << 6,
  STORE = 1 << 7,
  SUMS = 1 << 8,
  BITS = 1 << 9,
  BITS_GT = 1 << 10,
  EXCLUDE_PAD = 1 << 11,
  PER_RUN = 1 << 12,  // in_address (OUTPUT: out_address) moves on with every run
  SIGNS = 1 << 13,     // STORE and SUMS take plus or minus sign_unit, by alpha
  POOL_STORE = 1 << 14 // STORE leaves 2x2 pixels' rounded sums instead of the pixels
};

constexpr int LOAD_SHIFT = 16;

struct descriptor {
  std::int32_t kind;
  std::int32_t flags;
  // Input: a map (words), a packed map (words of 64 bits of a bank) or a vector (floats).
  std::int32_t in_address;
  std::int32_t in_chip_address;  // in the map memory on chip
  std::int32_t in_chip_pixels;   // so many pixels lie there, the others in DDR
  std::int32_t in_height;
  std::int32_t in_width;
  std::int32_t in_channels;
  std::int32_t in_row_words;    // words of a row of the input map
  std::int32_t in_pixel_lanes;  // lanes from one pixel to the next
  // Window.
  std::int32_t kernel_h;
  std::int32_t kernel_w;
  std::int32_t stride_h;
  std::int32_t stride_w;
  std::int32_t dilation_h;
  std::int32_t dilation_w;
  std::int32_t pad_top;
  std::int32_t pad_left;
  // The step's stream from DDR: its static parameters, then its weights.
  std::int32_t stream_address;
  std::int32_t parameters_words;
  std::int32_t weights_words;
  std::int32_t tile_words;
  std::int32_t groups;           // of tiles
  std::int32_t slot_tiles;       // tiles of a group: tiles = groups * slot_tiles
  std::int32_t slot_iterations;  // n of README.md's schedule
  // Output map.
  std::int32_t out_height;
  std::int32_t out_width;
  std::int32_t out_channels;
  std::int32_t out_address;
  std::int32_t out_chip_address;
  std::int32_t out_chip_pixels;
  std::int32_t out_pixel_words;  // words from one pixel to the next (more than its own in a concatenation)
  std::int32_t bits_address;
  // Tail.
  std::int32_t entry_shift;
  std::int32_t scale_shift;
  std::int32_t slope_shift;
  std::int32_t shortcut_address;
  std::int32_t shortcut_chip_address;
  std::int32_t shortcut_chip_pixels;
  std::int32_t shortcut_channels;  // a multiple of LANES, or all of out_channels
  std::int32_t shortcut_pool;      // 1, or 2: the sum of 2x2 pixels
  std::int32_t shortcut_width;
  std::int32_t shortcut_shift;     // including the 2 of a pooled one
  // Pools: R and P of 13.2 where all pixels count; with EXCLUDE_PAD they are made from the count.
  std::int32_t pool_factor;
  std::int32_t pool_shift;
  // Vectors.
  std::int32_t vector_out;
  std::int32_t inputs;
  std::int32_t outputs;
  std::int32_t rows;           // vectors side by side (DENSE, INT8_DENSE)
  std::int32_t in_stride;      // floats from one to the next
  std::int32_t out_stride;
  std::int32_t block_groups;   // groups of FLOAT_LANES outputs of a block (DENSE)
  std::int32_t function;       // clause 9, as dybnn_function of the CPU kernels
  std::int32_t alpha_bits;     // float32 by its bits
  std::int32_t beta_bits;
  std::int32_t multiplier_bits;  // 2^f (PARAMETER, INT8_DENSE) or k of 13.1 (MEAN)
  std::int32_t slot;
  std::int32_t sign_unit;
  std::int32_t store_shift;  // of POOL_STORE, including the 2 of the four pixels
  std::int32_t reserved[5];
};

constexpr int DESCRIPTOR_WORDS = 64;
static_assert(sizeof(descriptor) == 4 * DESCRIPTOR_WORDS, "a descriptor is 64 words");

}  // namespace dybnn

#endif
