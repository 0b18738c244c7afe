#pragma once
// What Inception-v3 is built of; private to the models.

#include <memory>
#include <string>
#include <vector>

#include <ganymede/engine/module.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/random.h>

namespace ganymede {

/// A convolution of Inception-v3. Padded ones keep the extents: by half the kernel on each axis.
struct UnitSpec {
  std::string name;
  int filters;
  int kernel_h = 1, kernel_w = 1, stride = 1;
  bool padded = true;
};

/// relu(batch norm(conv(x))): no bias, epsilon 1e-3, the moving statistics. Its state lies in two
/// layers as published, NAME.conv and NAME.bn. Only inference: throws UsageError for training.
class ConvUnit : public Module {
 public:
  ConvUnit(int in, const UnitSpec& spec, Rng rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "ConvUnit"; }
  Shape output_shape(const Shape& input) const override;

 private:
  ConvGeometry geometry_;
  Var kernel_, gamma_, beta_;
  Tensor moving_mean_, moving_variance_;
};

/// 3 x 3: the first two keep the extents (padding is not counted in the mean), the last halves them
/// without padding.
enum class BranchPool : std::uint8_t { none, average, max, halving_max };

/// A pool, then units one after the other; the last `parallel` of them read the same input, and
/// their outputs are joined.
struct BranchSpec {
  std::vector<UnitSpec> units{};
  BranchPool pool = BranchPool::none;
  std::size_t parallel = 1;
};

/// Branches that read one input, joined along the channels in their order.
class MixedBlock : public Module {
 public:
  MixedBlock(int in, const std::vector<BranchSpec>& branches, const Rng& rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "MixedBlock"; }
  Shape output_shape(const Shape& input) const override;
  void each_child(const Shape& input, const ChildSink& sink) override;
  int channels() const { return channels_; }

 private:
  struct Branch {
    BranchPool pool;
    std::size_t parallel;
    std::vector<std::string> names;
    std::vector<std::unique_ptr<ConvUnit>> units;

    std::size_t chained() const { return units.size() - parallel; }
    Var forward(const Var& x, Mode mode) const;
    /// The joined output; each unit with what it reads goes to `sink`.
    Shape walk(const Shape& input, const ChildSink& sink) const;
  };
  std::vector<Branch> branches_;
  int channels_ = 0;
};

}  // namespace ganymede
