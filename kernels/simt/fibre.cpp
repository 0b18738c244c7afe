#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdint>
#include <new>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/fibre.h>

namespace ganymede::simt {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t stack_bytes = 256 * 1024;
// Stacks at equal offsets would all fall into the same cache sets: each starts a little lower.
constexpr std::size_t colours = 61, colour_bytes = 1088;

void announce_switch([[maybe_unused]] void** save, [[maybe_unused]] const Fibre& to) {
#if defined(GANYMEDE_ASAN)
  __sanitizer_start_switch_fiber(save, to.stack, to.stack_bytes);
#endif
}

// Notes where the fibre that jumped here stopped. Its stack is known except for the thread's own.
void arrive(context::transfer_t transfer, [[maybe_unused]] void* fake_stack) {
  auto* came_from = static_cast<Fibre*>(transfer.data);
  came_from->context = transfer.fctx;
#if defined(GANYMEDE_ASAN)
  __sanitizer_finish_switch_fiber(fake_stack, &came_from->stack, &came_from->stack_bytes);
#endif
}

void start(context::transfer_t transfer) {
  arrive(transfer, nullptr);
  fibre_main();
}

Fibre* make_fibre(std::size_t number) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, stack_bytes + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, page, PROT_NONE);
  auto* fibre = new Fibre;
  auto* stack = static_cast<std::byte*>(memory) + page;
  fibre->stack = stack;
  fibre->stack_bytes = stack_bytes;
  fibre->stack_end = stack + stack_bytes - number % colours * colour_bytes;
  return fibre;
}

}  // namespace

void jump(Fibre& from, Fibre& to) {
  announce_switch(&from.fake_stack, to);
  arrive(context::jump_fcontext(to.context, &from), from.fake_stack);
}

void leave(Fibre& from, Fibre& to) {
  announce_switch(nullptr, to);
  context::jump_fcontext(to.context, &from);
}

Fibre* FibrePool::take() {
  if (free_.empty()) free_.push_back(make_fibre(made_++));
  Fibre* fibre = free_.back();
  free_.pop_back();
  const std::size_t usable = static_cast<std::size_t>(static_cast<std::byte*>(fibre->stack_end) -
                                                      static_cast<const std::byte*>(fibre->stack));
  fibre->context = context::make_fcontext(fibre->stack_end, usable, start);
  return fibre;
}

void FibrePool::give_back_abandoned(Fibre* fibre) {
  unpoison(fibre->stack, fibre->stack_bytes);
  give_back(fibre);
}

}  // namespace ganymede::simt
