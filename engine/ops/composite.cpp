#include <ganymede/engine/ops/composite.h>
#include <ganymede/engine/ops/pointwise.h>

namespace ganymede::ops {
namespace {

/// Copies of the inputs that cut the composite from the graph around it, so that a sweep through it
/// ends there. When this sweep is recorded they stay connected, for the next order.
Vars cut(const Vars& inputs, bool connected) {
  Vars copies;
  for (const Var& in : inputs) {
    if (!in)
      copies.emplace_back();
    else
      copies.push_back(connected && in.tracked() ? identity(in) : Var::leaf(in.value()));
  }
  return copies;
}

/// vjp of "the composite's gradient by input `which`", an op of (inputs..., cotangent).
Vars differentiate(const Composite& composite, std::size_t which, const Sweep& s) {
  const bool again = recording();
  const Recording on(true);
  Vars inputs = cut(s.in, again);
  Vars targets;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (s.wants(i)) targets.push_back(inputs[i]);
  const Var cotangent = inputs.back();
  inputs.pop_back();
  const Var first = grad(composite(inputs), {inputs[which]}, {cotangent, true})[0];
  const Vars second = grad(first, targets, {s.g, again});
  Vars gradients(s.in.size());
  for (std::size_t i = 0, next = 0; i < gradients.size(); ++i)
    if (s.wants(i)) gradients[i] = second[next++];
  return gradients;
}

}  // namespace

Vars record_gradients(const char* op, const std::vector<Tensor>& gradients, const Sweep& s,
                      const Composite& composite) {
  Vars inputs = s.in;
  inputs.push_back(s.g);
  Vars results;
  for (std::size_t i = 0; i < gradients.size(); ++i)
    results.push_back(!gradients[i]
                          ? Var()
                          : record(op, gradients[i], inputs, [composite, i](const Sweep& again) {
                              return differentiate(composite, i, again);
                            }));
  return results;
}

}  // namespace ganymede::ops
