// Names for messages and counts. Kernels often have internal linkage, which the dynamic linker does
// not know; the sanitizers' symbolizer does.

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/block.h>
#include <ganymede/kernels/simt/queue.h>

namespace ganymede::simt {
namespace {

std::string symbol(const void* kernel) {
#if defined(GANYMEDE_ASAN)
  // One string per inlined frame, the function itself last, then an empty one.
  // It takes return addresses, which lie behind their call: hence one byte on.
  char text[4096] = {};
  auto* inside = static_cast<char*>(const_cast<void*>(kernel)) + 1;
  __sanitizer_symbolize_pc(inside, "%f", text, sizeof text);
  std::string name;
  for (const char* part = text; *part != '\0' && part < text + sizeof text;) {
    name = part;
    part += name.size() + 1;
  }
  return name;
#else
  Dl_info info{};
  const bool known = dladdr(kernel, &info) != 0 && info.dli_sname != nullptr;
  return known ? info.dli_sname : std::string();
#endif
}

// "void ganymede::kernels::cuda::(anonymous namespace)::add<4>(float*)" -> "add<4>".
std::string without_noise(std::string name) {
  const std::string_view anonymous = "(anonymous namespace)";
  for (std::size_t at; (at = name.find(anonymous)) != std::string::npos;) {
    name.replace(at, anonymous.size(), "anonymous");
  }
  name = name.substr(0, name.find('('));
  const std::size_t arguments = std::min(name.find('<'), name.size());
  const std::size_t last = name.find_last_of(": ", arguments);
  return last == std::string::npos ? name : name.substr(last + 1);
}

}  // namespace

const char* kernel_name(const void* kernel) {
  const std::scoped_lock lock(emulator_lock());
  static auto& names = *new std::map<const void*, std::string>;
  const auto [entry, fresh] = names.try_emplace(kernel);
  if (fresh) entry->second = without_noise(symbol(kernel));
  if (entry->second.empty()) entry->second = fmt::format("at {}", kernel);
  return entry->second.c_str();
}

}  // namespace ganymede::simt
