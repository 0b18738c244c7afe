#include <ganymede/models/inception_blocks.h>

#include <utility>

#include <ganymede/engine/init.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

constexpr float epsilon = 1e-3f;

ConvGeometry geometry_of(const UnitSpec& spec) {
  ConvGeometry g = conv_geometry(spec.stride, 0);
  if (!spec.padded) return g;
  g.pad_top = g.pad_bottom = spec.kernel_h / 2;
  g.pad_left = g.pad_right = spec.kernel_w / 2;
  return g;
}

Var pooled(const Var& x, BranchPool pool) {
  switch (pool) {
    case BranchPool::average:
      return avg_pool(x, {.window = 3, .stride = 1, .pad = 1});
    case BranchPool::max:
      return max_pool(x, {.window = 3, .stride = 1, .pad = 1});
    case BranchPool::halving_max:
      return max_pool(x, {.window = 3, .stride = 2});
    case BranchPool::none:
      break;
  }
  return x;
}

Shape pooled(const Shape& s, BranchPool pool) {
  if (pool != BranchPool::halving_max) return s;
  return {s[0], (s[1] - 3) / 2 + 1, (s[2] - 3) / 2 + 1, s[3]};
}

}  // namespace

ConvUnit::ConvUnit(int in, const UnitSpec& spec, Rng rng)
    : geometry_(geometry_of(spec)),
      gamma_(Var::leaf(Tensor::full({spec.filters}, 1.0f))),
      beta_(Var::leaf(Tensor::zeros({spec.filters}))),
      moving_mean_(Tensor::zeros({spec.filters})),
      moving_variance_(Tensor::full({spec.filters}, 1.0f)) {
  const double taps = double(spec.kernel_h) * spec.kernel_w;
  kernel_ = Var::leaf(initial({spec.filters, spec.kernel_h, spec.kernel_w, in}, Init::he_normal,
                              {taps * in, taps * spec.filters}, rng));
}

// With fixed statistics the norm is a factor and a shift per filter; both go into the convolution,
// so that no activation is read twice.
Var ConvUnit::forward(const Var& x, Mode mode) {
  if (mode == Mode::training)
    throw UsageError("inception: has moving statistics only; use Mode::inference");
  const Shape full = kernel_.shape();
  const std::int64_t filters = full[0], row = full.elements() / filters;
  const Var factor = mul(gamma_, power(affine(moving_variance_, 1.0f, epsilon), -0.5f));
  const Var shift = sub(beta_, mul(moving_mean_, factor));
  const Var rows = reshape(kernel_, {filters, row});
  const Var scaled = mul(rows, expand(reshape(factor, {filters, 1}), {filters, row}));
  return conv2d(x, reshape(scaled, full), geometry_, {shift, Activation::leaky_relu, 0.0f});
}

void ConvUnit::visit(StateVisitor& visitor) {
  visitor.enter("conv", *this);
  visitor.parameter("kernel", kernel_, Layout::conv);
  visitor.leave();
  visitor.enter("bn", *this);
  visitor.parameter("gamma", gamma_, Layout::plain);
  visitor.parameter("beta", beta_, Layout::plain);
  visitor.buffer("moving_mean", moving_mean_);
  visitor.buffer("moving_variance", moving_variance_);
  visitor.leave();
}

Shape ConvUnit::output_shape(const Shape& input) const {
  const auto s = conv_shape("inception", input, kernel_.shape(), geometry_);
  return {s.batch, s.out_height(), s.out_width(), s.filters};
}

MixedBlock::MixedBlock(int in, const std::vector<BranchSpec>& branches, const Rng& rng) {
  for (const BranchSpec& spec : branches) {
    Branch branch{spec.pool, spec.units.empty() ? 0 : spec.parallel, {}, {}};
    int channels = in, joined = 0;
    for (std::size_t i = 0; i < spec.units.size(); ++i) {
      const UnitSpec& unit = spec.units[i];
      branch.names.push_back(unit.name);
      branch.units.push_back(std::make_unique<ConvUnit>(channels, unit, rng.child(unit.name)));
      if (i + branch.parallel < spec.units.size())
        channels = unit.filters;
      else
        joined += unit.filters;
    }
    channels_ += spec.units.empty() ? in : joined;
    branches_.push_back(std::move(branch));
  }
}

Var MixedBlock::Branch::forward(const Var& x, Mode mode) const {
  Var y = pooled(x, pool);
  for (std::size_t i = 0; i < chained(); ++i) y = units[i]->forward(y, mode);
  if (units.empty()) return y;
  Vars ends;
  for (std::size_t i = chained(); i < units.size(); ++i) ends.push_back(units[i]->forward(y, mode));
  return ends.size() == 1 ? ends.front() : concat(ends);
}

Shape MixedBlock::Branch::walk(const Shape& input, const ChildSink& sink) const {
  Shape shape = pooled(input, pool), joined = shape;
  std::int64_t channels = units.empty() ? shape[3] : 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    sink(names[i], *units[i], shape);
    joined = units[i]->output_shape(shape);
    if (i < chained())
      shape = joined;
    else
      channels += joined[3];
  }
  joined.set(3, channels);
  return joined;
}

Var MixedBlock::forward(const Var& x, Mode mode) {
  Vars parts;
  for (const Branch& branch : branches_) parts.push_back(branch.forward(x, mode));
  return concat(parts);
}

void MixedBlock::visit(StateVisitor& visitor) {
  for (Branch& branch : branches_)
    for (std::size_t i = 0; i < branch.units.size(); ++i)
      visit_child(visitor, branch.names[i], *branch.units[i]);
}

Shape MixedBlock::output_shape(const Shape& input) const {
  Shape out = branches_.front().walk(input, [](const std::string&, Module&, const Shape&) {});
  out.set(3, channels_);
  return out;
}

void MixedBlock::each_child(const Shape& input, const ChildSink& sink) {
  for (const Branch& branch : branches_) branch.walk(input, sink);
}

}  // namespace ganymede
