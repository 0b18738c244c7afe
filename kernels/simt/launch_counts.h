#pragma once
// Counting launches, for the emulator's own files; tests read them through control.h.

namespace ganymede::simt {

void count_kernel(const void* kernel);
void count_graph();

}  // namespace ganymede::simt
