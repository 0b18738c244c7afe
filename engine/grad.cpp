#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include <ganymede/engine/node.h>
#include <ganymede/engine/var.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

using Node = Var::Node;
using Marks = std::unordered_map<const Node*, bool>;

/// Every node under y that is at least as young as `oldest`, oldest first.
std::vector<const Node*> nodes_under(const Var& y, std::uint64_t oldest) {
  std::vector<const Node*> found, pending{y.node()};
  Marks seen{{y.node(), true}};
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    found.push_back(node);
    for (const Var& in : node->inputs)
      if (in.tracked() && in.node()->number >= oldest && seen.emplace(in.node(), true).second)
        pending.push_back(in.node());
  }
  std::ranges::sort(found, {}, &Node::number);
  return found;
}

/// Which nodes under y lead to one of xs. Age order is a topological order, so one pass is enough.
Marks leading_to(const Var& y, const Vars& xs) {
  Marks leads;
  std::uint64_t oldest = UINT64_MAX;
  for (const Var& x : xs) {
    leads[x.node()] = true;
    oldest = std::min(oldest, x.node()->number);
  }
  for (const Node* node : nodes_under(y, oldest))
    if (!leads.contains(node))
      leads[node] = std::ranges::any_of(node->inputs, [&](const Var& in) {
        const auto it = leads.find(in.node());
        return it != leads.end() && it->second;
      });
  return leads;
}

void require_unchanged(const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (node.inputs[i] && node.inputs[i].value().version() != node.versions[i])
      throw UsageError("grad: input " + std::to_string(i) + " of " + node.op + " (" +
                       to_string(node.inputs[i].shape()) +
                       ") was updated between the forward pass and grad; take the gradient first");
}

void require_shape(const Node& node, std::size_t i, const Var& g) {
  if (!(g.shape() == node.inputs[i].shape()))
    throw ShapeError(std::string("grad: ") + node.op + " gives its input " + std::to_string(i) +
                     " of " + to_string(node.inputs[i].shape()) + " a gradient of " +
                     to_string(g.shape()));
}

void require_one_each(const Node& node, const Vars& gradients) {
  if (gradients.size() != node.inputs.size())
    throw UsageError(std::string("grad: the vjp of ") + node.op + " gives " +
                     std::to_string(gradients.size()) + " gradients for " +
                     std::to_string(node.inputs.size()) +
                     " inputs; give one for each, an empty Var for zero");
}

/// A cotangent on its way down: one for each use of the value.
struct Pending {
  Var value;
  Vars uses;
  void add(const Var& in, const Var& g) {
    value = in;
    uses.push_back(g);
  }
};

}  // namespace

Vars grad(const Var& y, const Vars& xs, const GradOptions& options) {
  if (!y) throw UsageError("grad: the value to differentiate is empty");
  for (const Var& x : xs)
    if (!x.tracked()) throw UsageError("grad: a target is neither a leaf nor computed from one");
  if (options.seed && !(options.seed.shape() == y.shape()))
    throw ShapeError("grad: a seed of " + to_string(options.seed.shape()) + " for a value of " +
                     to_string(y.shape()));
  const Recording recorded(options.create_graph);
  Marks leads = leading_to(y, xs);
  std::unordered_map<const Node*, Var> found;
  // Descending creation number: a value is swept only after everything that used it.
  std::map<std::uint64_t, Pending, std::greater<>> pending;
  if (leads[y.node()]) pending[y.node()->number] = {y, {options.seed}};
  while (!pending.empty()) {
    const Pending now = std::move(pending.begin()->second);
    pending.erase(pending.begin());
    const Var& value = now.value;
    const Node& node = *value.node();
    const Cotangent g(value, now.uses);
    if (std::ranges::any_of(xs, [&](const Var& x) { return x.node() == &node; })) found[&node] = g;
    if (!node.vjp) continue;
    std::vector<bool> wanted;
    for (const Var& in : node.inputs)
      wanted.push_back(in && leads.contains(in.node()) && leads[in.node()]);
    if (std::ranges::none_of(wanted, std::identity{})) continue;
    require_unchanged(node);
    const Vars gs = node.vjp({node.inputs, value, g, wanted});
    require_one_each(node, gs);
    for (std::size_t i = 0; i < gs.size(); ++i) {
      if (!gs[i] || !wanted[i]) continue;
      require_shape(node, i, gs[i]);
      pending[node.inputs[i].node()->number].add(node.inputs[i], gs[i]);
    }
  }
  Vars result;
  for (const Var& x : xs) {
    const auto it = found.find(x.node());
    result.push_back(it != found.end() ? it->second : Var(Tensor::zeros(x.shape())));
  }
  return result;
}

}  // namespace ganymede
