// test_steps.cpp - steps with a tail, on four engines.
#include "configs.hpp"
#include "step_bench.hpp"

template <class C>
void steps(const char *config, int count) {
  step_bench<C> bench(config, 7);
  for (int i = 0; i < count; ++i) {
    bench.binary_conv(i);
    bench.pass(i);
    bench.int8_conv(i);
    bench.pool(i);
  }
}

// Engines in which one kind of pool alone is built.
template <class C>
void pools(const char *config, int count) {
  step_bench<C> bench(config, 9);
  for (int i = 0; i < count; ++i) {
    bench.pool(i);
    bench.pass(i);
  }
}

int main(int argc, char **argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 60;
  steps<narrow>("narrow", count);
  steps<single>("single", count);
  steps<usual>("usual", count);
  steps<wide>("wide", count);
  pools<largest_only>("largest only", count);
  pools<averages_only>("averages only", count);
  return check::finish("steps");
}
