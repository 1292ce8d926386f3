/* host-place.c - for host.test.ts: pictures from stdin to their places, the maps to stdout; then results read from what is in them. */
#include <stdio.h>
#include <stdlib.h>

#include "dybnn_host.h"
#include "net_layout.h"

int main(int argc, char **argv) {
  const int32_t runs = argc > 1 ? (int32_t)atoi(argv[1]) : 1;
  const size_t maps_bytes = dybnn_maps_bytes(&net_layout, runs), output_bytes = dybnn_output_bytes(&net_layout, runs);
  const size_t picture = dybnn_picture_floats(&net_layout), result = dybnn_result_floats(&net_layout);
  unsigned char *maps0 = malloc(maps_bytes), *maps1 = malloc(maps_bytes), *output = malloc(output_bytes + 1);
  float *pixels = malloc(picture * sizeof(float)), *values = malloc(result * sizeof(float));
  const unsigned char top[4] = {0x3e, 0x40, 0xc0, 0x41};
  size_t i;
  int32_t run, p;
  /* What lies in memory before: the same in place.py. */
  for (i = 0; i < maps_bytes; i++) maps0[i] = (unsigned char)(7 * i + 3), maps1[i] = (unsigned char)(11 * i + 5);
  for (i = 0; i < output_bytes; i++) output[i] = (unsigned char)(i % 4 == 3 ? top[i / 4 % 4] : 13 * i + 1);
  dybnn_clear_pictures(&net_layout, runs, maps0, maps1);
  for (run = 0; run < runs; run++) {
    for (p = 0; p < net_layout.pictures; p++) {
      if (fread(pixels, sizeof(float), picture, stdin) != picture) return 1;
      dybnn_place_picture(&net_layout, run, p, pixels, maps0, maps1);
    }
  }
  fwrite(maps0, 1, maps_bytes, stdout);
  fwrite(maps1, 1, maps_bytes, stdout);
  for (run = 0; run < runs; run++) {
    for (p = 0; p < net_layout.pictures; p++) {
      dybnn_read_result(&net_layout, run, p, maps0, maps1, output, values);
      fwrite(values, sizeof(float), result, stdout);
    }
  }
  return 0;
}
