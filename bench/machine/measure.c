/* measure.c - runs a command and writes down its wall time and the peak resident memory of its largest process.
 *
 *     measure RESULT.json COMMAND ARGUMENT...
 *
 * Exits as the command did. POSIX with wait4, that is Linux, macOS and the BSDs.
 */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#define MAXRSS_UNIT 1.0
#else
#define MAXRSS_UNIT 1024.0
#endif

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  struct rusage usage;
  FILE *result;
  double start, wall;
  pid_t child;
  int status = 0;
  if (argc < 3) {
    fprintf(stderr, "usage: %s RESULT.json COMMAND ARGUMENT...\n", argv[0]);
    return 2;
  }
  start = seconds();
  child = fork();
  if (child < 0) {
    perror("fork");
    return 1;
  }
  if (child == 0) {
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  if (wait4(child, &status, 0, &usage) < 0) {
    perror("wait4");
    return 1;
  }
  wall = seconds() - start;
  result = fopen(argv[1], "w");
  if (result == NULL) {
    perror(argv[1]);
    return 1;
  }
  fprintf(result, "{\"seconds\": %.6f, \"peakBytes\": %.0f}\n", wall, (double)usage.ru_maxrss * MAXRSS_UNIT);
  fclose(result);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
