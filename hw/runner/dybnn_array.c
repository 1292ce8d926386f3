/* dybnn_array.c - see dybnn_array.h. Bytes are put together one by one, so the machine's own order does not matter. */
#include "dybnn_array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ends_with(const char *text, const char *ending) {
  const size_t n = strlen(text), m = strlen(ending);
  return n >= m && strcmp(text + n - m, ending) == 0;
}

static uint32_t little_endian32(const unsigned char *b) {
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static unsigned char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  unsigned char *data = NULL;
  size_t used = 0, room = 1 << 16;
  if (file == NULL) {
    fprintf(stderr, "cannot read %s\n", path);
    return NULL;
  }
  data = (unsigned char *)malloc(room);
  while (data != NULL) {
    const size_t got = fread(data + used, 1, room - used, file);
    used += got;
    if (used < room) break;
    {
      unsigned char *larger = (unsigned char *)realloc(data, room * 2);
      if (larger == NULL) free(data);
      data = larger;
      room *= 2;
    }
  }
  if (data == NULL || ferror(file)) {
    fprintf(stderr, "cannot read %s\n", path);
    free(data);
    data = NULL;
  }
  fclose(file);
  *size = used;
  return data;
}

/* Where the floats of a .npy file begin, or 0 if its header is not one of little-endian float32 in C order. */
static size_t npy_payload(const unsigned char *data, size_t size) {
  char header[512];
  size_t header_bytes, start;
  if (size < 12 || memcmp(data, "\x93NUMPY", 6) != 0) return 0;
  if (data[6] == 1) {
    header_bytes = (size_t)data[8] | (size_t)data[9] << 8;
    start = 10;
  } else {
    header_bytes = little_endian32(data + 8);
    start = 12;
  }
  if (header_bytes > size - start || header_bytes >= sizeof header) return 0;
  memcpy(header, data + start, header_bytes);
  header[header_bytes] = '\0';
  if (strstr(header, "'descr': '<f4'") == NULL || strstr(header, "'fortran_order': False") == NULL) return 0;
  return start + header_bytes;
}

float *dybnn_read_samples(const char *path, int32_t sample_count, size_t *samples) {
  size_t size = 0, start = 0, count, i;
  float *result;
  unsigned char *data = read_file(path, &size);
  if (data == NULL) return NULL;
  if (ends_with(path, ".npy")) {
    start = npy_payload(data, size);
    if (start == 0) {
      fprintf(stderr, "%s: not a .npy file of float32 in C order\n", path);
      free(data);
      return NULL;
    }
  }
  count = (size - start) / 4;
  if (count == 0 || (size - start) % 4 != 0 || count % (size_t)sample_count != 0) {
    fprintf(stderr, "%s: holds %lu bytes of data, not a whole number of samples of %ld floats\n", path,
            (unsigned long)(size - start), (long)sample_count);
    free(data);
    return NULL;
  }
  result = (float *)malloc(count * sizeof *result);
  if (result == NULL) {
    fprintf(stderr, "out of memory\n");
  } else {
    for (i = 0; i < count; i++) {
      const uint32_t bits = little_endian32(data + start + 4 * i);
      if ((bits & 0x7f800000u) == 0x7f800000u) {
        fprintf(stderr, "%s: NaN or infinity at element %lu\n", path, (unsigned long)i);
        free(result);
        result = NULL;
        break;
      }
      memcpy(&result[i], &bits, sizeof bits);
    }
  }
  free(data);
  *samples = count / (size_t)sample_count;
  return result;
}

static int write_npy_header(FILE *file, size_t samples, const int32_t *shape, int32_t rank) {
  char header[256];
  int used = sprintf(header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%lu,", (unsigned long)samples);
  int32_t d;
  unsigned char prefix[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0};
  for (d = 1; d < rank && used < 160; d++) used += sprintf(header + used, " %ld,", (long)shape[d]);
  used += sprintf(header + used, "), }");
  while ((10 + used + 1) % 64 != 0) header[used++] = ' ';
  header[used++] = '\n';
  prefix[8] = (unsigned char)(used & 0xff);
  prefix[9] = (unsigned char)(used >> 8);
  return fwrite(prefix, 1, sizeof prefix, file) == sizeof prefix && fwrite(header, 1, (size_t)used, file) == (size_t)used;
}

int dybnn_write_samples(const char *path, const float *data, size_t samples, const int32_t *shape, int32_t rank,
                        int32_t sample_count) {
  FILE *file = fopen(path, "wb");
  size_t i;
  int good = file != NULL;
  if (good && ends_with(path, ".npy")) good = write_npy_header(file, samples, shape, rank);
  for (i = 0; good && i < samples * (size_t)sample_count; i++) {
    uint32_t bits;
    unsigned char bytes[4];
    memcpy(&bits, &data[i], sizeof bits);
    bytes[0] = (unsigned char)(bits & 0xff);
    bytes[1] = (unsigned char)(bits >> 8 & 0xff);
    bytes[2] = (unsigned char)(bits >> 16 & 0xff);
    bytes[3] = (unsigned char)(bits >> 24);
    good = fwrite(bytes, 1, 4, file) == 4;
  }
  if (file != NULL && fclose(file) != 0) good = 0;
  if (!good) fprintf(stderr, "cannot write %s\n", path);
  return good ? 0 : -1;
}
