#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/engine/var.h>

namespace ganymede {

class Module;

/// How a tensor's axes lie in memory and in a Keras file.
enum class Layout : std::uint8_t {
  plain,  ///< the same in both
  conv,   ///< memory KRSC, file (R, S, C, K): Conv2D and Conv2DTranspose kernels alike
};

/// Walks a module's state, named once. Names are Keras's ("kernel", "gamma", "moving_mean"); the
/// path of entered children makes them unique.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  /// Around each child; `name` is unique within its parent.
  virtual void enter(const std::string& name, Module& child) { (void)name, (void)child; }
  virtual void leave() {}
  /// A trainable tensor.
  virtual void parameter(const std::string& name, Var& value, Layout layout) = 0;
  /// Kept and saved with the weights, but not trained (moving statistics).
  virtual void buffer(const std::string& name, Tensor& value) = 0;
  /// Needed to go on, but no weight (a dropout layer's random position).
  virtual void progress(const std::string& name, Tensor& value) { (void)name, (void)value; }
};

enum class Mode : std::uint8_t { inference, training };

/// A network or a part of one. `forward` maps a batch; in training mode batch norm uses and updates
/// statistics and dropout draws.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  virtual Var forward(const Var& x, Mode mode) = 0;
  /// Names parameters, buffers and children, in forward order.
  virtual void visit(StateVisitor& visitor) = 0;
  /// Keras's class name where there is one ("Conv2D"), else the block's ("ResidualBlock").
  virtual std::string kind() const = 0;
  /// Output extents for an input of extents `input`. Throws ShapeError where it does not fit.
  virtual Shape output_shape(const Shape& input) const = 0;
  /// Hands each direct child, in forward order, to `sink` with the extents it receives for an
  /// input of extents `input`: for tables of layers. A module that names none is one row there.
  using ChildSink = std::function<void(const std::string&, Module&, const Shape&)>;
  virtual void each_child(const Shape& input, const ChildSink& sink) { (void)input, (void)sink; }
};

using ModulePtr = std::unique_ptr<Module>;

/// Calls `visitor` for `child` inside its parent's visit.
void visit_child(StateVisitor& visitor, const std::string& name, Module& child);

/// Every trainable Var of the module, in visiting order.
Vars parameters(Module& module);
struct Counts {
  std::int64_t trainable = 0, fixed = 0;
};
Counts count_parameters(Module& module);

/// One named tensor: "block/conv2d" + "kernel".
struct NamedState {
  std::string layer, name;
  Tensor tensor;  ///< shares the module's memory
  Layout layout = Layout::plain;
  enum class Role : std::uint8_t { parameter, buffer, progress } role = Role::parameter;
};
std::vector<NamedState> state_of(Module& module);

}  // namespace ganymede
