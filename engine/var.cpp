#include <ganymede/engine/var.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include <ganymede/engine/node.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::atomic<std::uint64_t> next_number = 0;
thread_local bool recording_on = true;

}  // namespace

Var::Node::Node(Tensor v) : value(std::move(v)), number(next_number++) {}

// A long chain must not be destroyed recursively: nodes that nobody else holds are emptied one by
// one.
Var::Node::~Node() {
  Vars pending = std::move(inputs);
  while (!pending.empty()) {
    Var last = std::move(pending.back());
    pending.pop_back();
    if (!last.node_ || last.node_.use_count() > 1) continue;
    std::ranges::move(last.node_->inputs, std::back_inserter(pending));
    last.node_->inputs.clear();
  }
}

Var::Var(Tensor value) : node_(std::make_shared<Node>(std::move(value))) {}

Var Var::leaf(Tensor value) {
  Var v(std::move(value));
  v.node_->leaf = true;
  v.node_->op = "leaf";
  return v;
}

const Tensor& Var::value() const {
  if (!node_) throw UsageError("var: empty, it has no value");
  return node_->value;
}

Tensor& Var::mutable_value() {
  if (!node_) throw UsageError("var: empty, it has no value");
  return node_->value;
}

const Var& Cotangent::var() const {
  if (!uses_[0]) uses_ = {Var(Tensor::full(out_.shape(), 1.0f))};
  if (uses_.size() > 1) uses_ = {add_all(uses_)};
  return uses_[0];
}

bool Var::tracked() const { return node_ && (node_->leaf || node_->vjp); }

bool recording() { return recording_on; }
Recording::Recording(bool on) : before_(std::exchange(recording_on, on)) {}
Recording::~Recording() { recording_on = before_; }

Var record(const char* op, Tensor value, Vars inputs, Vjp vjp) {
  Var y(std::move(value));
  Var::Node& node = *y.node();
  node.op = op;
  if (!recording_on || std::ranges::none_of(inputs, &Var::tracked)) return y;
  for (const Var& in : inputs) node.versions.push_back(in ? in.value().version() : 0);
  node.inputs = std::move(inputs);
  node.vjp = std::move(vjp);
  return y;
}

Var detach(const Var& x) { return Var(x.value()); }

}  // namespace ganymede
