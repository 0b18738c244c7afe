#include <ganymede/engine/module.h>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

class Collector : public StateVisitor {
 public:
  Vars parameters;
  std::vector<NamedState> state;

  void enter(const std::string& name, Module&) override { path_.push_back(name); }
  void leave() override { path_.pop_back(); }
  void parameter(const std::string& name, Var& value, Layout layout) override {
    parameters.push_back(value);
    state.push_back({layer(), name, value.value(), layout, NamedState::Role::parameter});
  }
  void buffer(const std::string& name, Tensor& value) override {
    state.push_back({layer(), name, value, Layout::plain, NamedState::Role::buffer});
  }
  void progress(const std::string& name, Tensor& value) override {
    state.push_back({layer(), name, value, Layout::plain, NamedState::Role::progress});
  }

 private:
  std::string layer() const {
    std::string text;
    for (const std::string& name : path_) text += (text.empty() ? "" : "/") + name;
    return text;
  }
  std::vector<std::string> path_;
};

Collector collect(Module& module) {
  Collector collector;
  module.visit(collector);
  return collector;
}

}  // namespace

void visit_child(StateVisitor& visitor, const std::string& name, Module& child) {
  visitor.enter(name, child);
  child.visit(visitor);
  visitor.leave();
}

Vars parameters(Module& module) { return collect(module).parameters; }
std::vector<NamedState> state_of(Module& module) { return collect(module).state; }

Counts count_parameters(Module& module) {
  Counts counts;
  for (const NamedState& s : state_of(module)) {
    if (s.role == NamedState::Role::parameter) counts.trainable += s.tensor.elements();
    if (s.role == NamedState::Role::buffer) counts.fixed += s.tensor.elements();
  }
  return counts;
}

}  // namespace ganymede
