/* dybnn_amx_tiles.h - tile registers of AMX. */
#ifndef DYBNN_AMX_TILES_H
#define DYBNN_AMX_TILES_H

#include <string.h>

#include "dybnn_targets.h"

#define LINE 64 /* bytes of a row of a tile */

/* GCC's tile loads and stores do not tell the compiler that they touch memory. */
#define TILE_MEMORY_BARRIER() __asm__ volatile("" ::: "memory")

/* What LDTILECFG reads. */
typedef struct tile_config {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes_per_row[16];
  uint8_t rows[16];
} tile_config;

/* Tile registers 0 .. last_of_rows of `rows` rows, the others, for weights, of 16. */
DYBNN_INLINE void load_tile_config(int32_t rows, int32_t last_of_rows) {
  tile_config config;
  int32_t i;
  memset(&config, 0, sizeof config);
  config.palette = 1;
  for (i = 0; i < 8; i++) {
    config.bytes_per_row[i] = LINE;
    config.rows[i] = (uint8_t)(i <= last_of_rows ? rows : 16);
  }
  TILE_MEMORY_BARRIER();
  _tile_loadconfig(&config);
}

#endif
