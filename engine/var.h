#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

class Var;
using Vars = std::vector<Var>;

/// A value in a computation. Copying shares it. Leaves are made by `Var::leaf`; everything else
/// that has a derivative is made by operations (engine/ops.h) while recording is on.
class Var {
 public:
  struct Node;

  Var() = default;
  /// A constant: no gradient flows into it.
  Var(Tensor value);  // NOLINT: a tensor is a constant wherever a Var is expected
  /// Something to differentiate by: a parameter, or the input of a gradient penalty.
  static Var leaf(Tensor value);

  explicit operator bool() const { return node_ != nullptr; }
  const Tensor& value() const;
  /// The parameter's memory, for optimisers and loaders; they bump its version.
  Tensor& mutable_value();
  const Shape& shape() const { return value().shape(); }
  /// Whether a gradient can flow into or through it.
  bool tracked() const;
  /// The recorded operation; engine/node.h says what it holds.
  Node* node() const { return node_.get(); }

 private:
  std::shared_ptr<Node> node_;
};

/// The cotangent of an operation's output, as good as a Var: the sum of one for each use of the
/// output, which is made where somebody reads it. Where the output itself was differentiated
/// without a seed it is ones: a loss whose forward pass has found its gradient already need not
/// have them made.
class Cotangent {
 public:
  /// At least one use; an empty one stands for ones of the extents of `out`.
  Cotangent(const Var& out, Vars uses)
      : out_(out), uses_(std::move(uses)), ones_(uses_.size() == 1 && !uses_[0]) {}
  bool ones() const { return ones_; }
  /// Its terms as far as nobody has added them up yet.
  const Vars& uses() const { return uses_; }
  const Var& var() const;
  operator const Var&() const { return var(); }  // NOLINT: see above
  const Tensor& value() const { return var().value(); }
  const Shape& shape() const { return out_.shape(); }

 private:
  const Var& out_;
  mutable Vars uses_;
  bool ones_;
};

/// What a vector-Jacobian product gets: the operation's inputs, its output, and the output's
/// cotangent.
struct Sweep {
  const Vars& in;
  const Var& out;
  const Cotangent& g;
  const std::vector<bool>& wanted;

  /// Whether anybody asks for the gradient of input i; computing an unwanted one is wasted work.
  bool wants(std::size_t i) const { return wanted[i]; }
};

/// Cotangents of the inputs, exactly one per input, written with operations; an empty Var means
/// zero. grad throws UsageError for another number of them, ShapeError for one of other extents
/// than its input's.
using Vjp = std::function<Vars(const Sweep&)>;

/// The result of an operation: `value`, and how a gradient goes back through it. `vjp` must not
/// capture Vars (it gets them), only numbers and saved tensors. Not recorded where recording is off
/// or no input is tracked. `op` is kept, not copied: a string literal.
Var record(const char* op, Tensor value, Vars inputs, Vjp vjp);

/// Whether operations of this thread are recorded; on at start.
bool recording();

/// Switches recording for a scope: `Recording off(false);` for inference.
class Recording {
 public:
  explicit Recording(bool on);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  bool before_;
};

struct GradOptions {
  Var seed{};  ///< cotangent of y; empty: ones
  bool create_graph =
      false;  ///< record the sweep, so that the gradients can be differentiated again
};

/// Gradients of sum(seed * y) by each of xs, in their order; zeros where y does not depend on one.
/// xs may be leaves or inner values. Throws UsageError for an empty y, for a target that is not
/// tracked, and when a tensor that an operation on the way read was changed in place since;
/// ShapeError for a seed of other extents than y's.
Vars grad(const Var& y, const Vars& xs, const GradOptions& options = {});

/// A constant with the same value: gradients stop here.
Var detach(const Var& x);

}  // namespace ganymede
