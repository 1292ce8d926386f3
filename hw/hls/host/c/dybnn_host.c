/* dybnn_host.c - see dybnn_host.h. Bytes are put together one by one, so the machine's own order does not matter. */
#include "dybnn_host.h"

#include <math.h>
#include <string.h>

#include "dybnn_functions.h"
#include "dybnn_sets.h"

/* Where a lane of a word lies: on which port, at which byte. */
typedef struct lane_place {
  int port;
  size_t byte;
} lane_place;

static lane_place place_of_lane(const dybnn_layout *layout, size_t lane) {
  const size_t port_lanes = (size_t)layout->port_bytes / 2;
  const size_t word = lane / (2 * port_lanes), within = lane % (2 * port_lanes);
  lane_place place;
  place.port = within >= port_lanes;
  place.byte = word * (size_t)layout->port_bytes + 2 * (within % port_lanes);
  return place;
}

static size_t words_of_runs(const dybnn_layout *layout, int32_t runs) {
  return (size_t)layout->maps_words + (size_t)(runs - 1) * (size_t)layout->picture_words;
}

size_t dybnn_maps_bytes(const dybnn_layout *layout, int32_t runs) {
  return words_of_runs(layout, runs) * (size_t)layout->port_bytes;
}

size_t dybnn_output_bytes(const dybnn_layout *layout, int32_t runs) {
  return (size_t)runs * (size_t)layout->output_floats * 4;
}

size_t dybnn_picture_floats(const dybnn_layout *layout) {
  const dybnn_picture_place *p = &layout->inputs[0];
  return (size_t)p->channels * (size_t)p->height * (size_t)p->width;
}

size_t dybnn_result_floats(const dybnn_layout *layout) {
  const dybnn_result_place *r = &layout->outputs[0];
  return (size_t)r->channels * (size_t)r->height * (size_t)r->width;
}

int16_t dybnn_to_int16(float x, int32_t fraction) {
  /* x has 24 bits, so the product is exact and the sum is on the right side of the next integer. */
  const double scaled = floor(ldexp((double)x, fraction) + 0.5);
  if (scaled < -32768.0) return INT16_MIN;
  if (scaled > 32767.0) return INT16_MAX;
  return (int16_t)scaled;
}

/* First lane of a row of a picture. */
static size_t row_lane(const dybnn_layout *layout, int32_t run, const dybnn_picture_place *p, int32_t y) {
  const size_t word = (size_t)p->address + (size_t)run * (size_t)layout->picture_words + (size_t)y * (size_t)p->row_words;
  return word * (size_t)layout->port_bytes; /* LANES = 2 * port_bytes / 2 */
}

void dybnn_clear_pictures(const dybnn_layout *layout, int32_t runs, unsigned char *maps0, unsigned char *maps1) {
  int32_t run, picture;
  for (run = 0; run < runs; run++) {
    for (picture = 0; picture < layout->pictures; picture++) {
      const dybnn_picture_place *p = &layout->inputs[picture];
      const size_t start = row_lane(layout, run, p, 0);
      const size_t bytes = (size_t)p->height * (size_t)p->row_words * (size_t)layout->port_bytes;
      memset(maps0 + start, 0, bytes);
      memset(maps1 + start, 0, bytes);
    }
  }
}

void dybnn_place_picture(const dybnn_layout *layout, int32_t run, int32_t picture, const float *pixels, unsigned char *maps0,
                         unsigned char *maps1) {
  const dybnn_picture_place *p = &layout->inputs[picture];
  int32_t c, y, x;
  for (c = 0; c < p->channels; c++) {
    for (y = 0; y < p->height; y++) {
      const size_t first = row_lane(layout, run, p, y) + (size_t)c;
      for (x = 0; x < p->width; x++) {
        const lane_place to = place_of_lane(layout, first + (size_t)x * (size_t)p->pixel_lanes);
        const uint16_t bits = (uint16_t)dybnn_to_int16(*pixels++, p->fraction);
        unsigned char *bytes = (to.port ? maps1 : maps0) + to.byte;
        bytes[0] = (unsigned char)(bits & 0xff);
        bytes[1] = (unsigned char)(bits >> 8);
      }
    }
  }
}

static float float_at(const unsigned char *b) {
  const uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void read_map(const dybnn_layout *layout, const dybnn_result_place *r, const unsigned char *maps0,
                     const unsigned char *maps1, float *result) {
  const size_t pixels = (size_t)r->height * (size_t)r->width;
  size_t p;
  int32_t c;
  for (c = 0; c < r->channels; c++) {
    for (p = 0; p < pixels; p++) {
      const size_t word = (size_t)r->address + p * (size_t)r->pixel_words;
      const lane_place from = place_of_lane(layout, word * (size_t)layout->port_bytes + (size_t)c);
      const unsigned char *b = (from.port ? maps1 : maps0) + from.byte;
      const uint16_t bits = (uint16_t)(b[0] | b[1] << 8);
      *result++ = (float)ldexp((double)(int16_t)bits, -r->fraction);
    }
  }
}

static void softmax(float *values, size_t count) {
  dybnn_softmax_args args;
  memset(&args, 0, sizeof args);
  args.input = values;
  args.output = values;
  args.count = (int32_t)count;
  dybnn_softmax_scalar(&args, 0, 1);
}

void dybnn_read_result(const dybnn_layout *layout, int32_t run, int32_t picture, const unsigned char *maps0,
                       const unsigned char *maps1, const unsigned char *output, float *result) {
  const dybnn_result_place *r = &layout->outputs[picture];
  const size_t count = dybnn_result_floats(layout);
  size_t i;
  if (r->kind == DYBNN_RESULT_MAP) {
    read_map(layout, r, maps0, maps1, result);
  } else {
    const unsigned char *from = output + 4 * ((size_t)run * (size_t)layout->output_floats + (size_t)r->address);
    for (i = 0; i < count; i++) result[i] = float_at(from + 4 * i);
  }
  if (layout->softmax) softmax(result, count);
}
