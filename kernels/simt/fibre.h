#pragma once
// Stacks to run lanes on, and the switch between them. The sanitizers are told of every switch.

#include <cstddef>
#include <vector>

namespace ganymede::simt {

struct Fibre {
  void* context = nullptr;      ///< where it stopped
  void* stack_end = nullptr;    ///< highest address a new start may use
  const void* stack = nullptr;  ///< lowest address
  std::size_t stack_bytes = 0;
  void* fake_stack = nullptr;  ///< the address sanitizer's
};

/// Leaves `from` and continues `to`; returns when something jumps back.
void jump(Fibre& from, Fibre& to);
/// Leaves `from` for good. Not marked noreturn, and neither is fibre_main: the address sanitizer
/// would clean the whole stack, with a system call, before each.
void leave(Fibre& from, Fibre& to);

/// What every fibre runs, from its start to `leave`; never returns. The block scheduler defines it.
void fibre_main();

/// Prepared stacks with a guard page below each, reused without new system calls.
class FibrePool {
 public:
  /// A fibre that runs `fibre_main` when it is first jumped to.
  Fibre* take();
  void give_back(Fibre* fibre) { free_.push_back(fibre); }
  /// For a fibre abandoned in mid-run: forgets what its frames had poisoned.
  void give_back_abandoned(Fibre* fibre);

 private:
  std::vector<Fibre*> free_;
  std::size_t made_ = 0;
};

}  // namespace ganymede::simt
