#pragma once
// One recorded value. Private to the engine: var.cpp builds nodes, grad.cpp walks them.

#include <cstdint>
#include <vector>

#include <ganymede/engine/var.h>

namespace ganymede {

struct Var::Node {
  Tensor value;
  const char* op = "constant";
  Vars inputs;
  std::vector<std::uint64_t> versions;  ///< of the inputs, when the operation read them
  Vjp vjp;
  bool leaf = false;
  std::uint64_t number;  ///< creation order: an input is always older than its consumer

  explicit Node(Tensor v);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
};

}  // namespace ganymede
