/* harness.h - the arena in which a case's arrays lie, and runs of a kernel on it.
 *
 * All arrays of a case lie in one arena with gaps between them: after a run the whole arena must equal what it was after the
 * reference, so a write outside an output, into an input or a missing write shows like a wrong value. Each kernel runs once over all
 * its units and once over random pieces of them in random order, as threads would. With -fsanitize=address the gaps are poisoned,
 * so reads outside the arrays show too.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "../dybnn_kernels.h"

/* All randomness of a case comes from this number. */
extern uint64_t random_state;
uint64_t random_word(void);
int32_t random_below(int32_t n);

extern int passed, failed;
extern const char *only; /* the one set to test, or NULL */

int harness_begin(const char *set); /* 0: out of memory */
int harness_end(void);              /* prints the count; the process's status */

/* A case: arena_reset, take its arrays and fill the inputs, begin_case, let the reference write the outputs, end_reference, run. */
void arena_reset(void);
void *take(const char *name, size_t count, size_t size);
void begin_case(void);
void end_reference(void);
void run_kernel(const char *label, dybnn_kernel *kernel, const void *args, int32_t units, int32_t splittable);
/* The inputs again. */
void restore(void);

void *scratch(size_t bytes);

#endif
