#include <ganymede/models/inception.h>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/inception_blocks.h>

namespace ganymede {
namespace {

constexpr int smallest_side = 75, published_side = 299;

using Branches = std::vector<BranchSpec>;
using Units = std::vector<UnitSpec>;

BranchSpec pool_branch(BranchPool pool, int filters) {
  return {Units{{"branch_pool", filters}}, pool};
}

/// 35 x 35.
Branches block_a(int pool_filters) {
  return {
      {Units{{"branch1x1", 64}}},
      {Units{{"branch5x5_1", 48}, {"branch5x5_2", 64, 5, 5}}},
      {Units{{"branch3x3dbl_1", 64}, {"branch3x3dbl_2", 96, 3, 3}, {"branch3x3dbl_3", 96, 3, 3}}},
      pool_branch(BranchPool::average, pool_filters)};
}

/// 35 x 35 -> 17 x 17.
Branches block_b() {
  return {{Units{{"branch3x3", 384, 3, 3, 2, false}}},
          {Units{{"branch3x3dbl_1", 64},
                 {"branch3x3dbl_2", 96, 3, 3},
                 {"branch3x3dbl_3", 96, 3, 3, 2, false}}},
          {Units{}, BranchPool::halving_max}};
}

/// 17 x 17; a 7 x 7 is taken apart into rows and columns.
Branches block_c(int narrow) {
  return {
      {Units{{"branch1x1", 192}}},
      {Units{{"branch7x7_1", narrow}, {"branch7x7_2", narrow, 1, 7}, {"branch7x7_3", 192, 7, 1}}},
      {Units{{"branch7x7dbl_1", narrow},
             {"branch7x7dbl_2", narrow, 7, 1},
             {"branch7x7dbl_3", narrow, 1, 7},
             {"branch7x7dbl_4", narrow, 7, 1},
             {"branch7x7dbl_5", 192, 1, 7}}},
      pool_branch(BranchPool::average, 192)};
}

/// 17 x 17 -> 8 x 8.
Branches block_d() {
  return {{Units{{"branch3x3_1", 192}, {"branch3x3_2", 320, 3, 3, 2, false}}},
          {Units{{"branch7x7x3_1", 192},
                 {"branch7x7x3_2", 192, 1, 7},
                 {"branch7x7x3_3", 192, 7, 1},
                 {"branch7x7x3_4", 192, 3, 3, 2, false}}},
          {Units{}, BranchPool::halving_max}};
}

/// 8 x 8; a 3 x 3 becomes a row and a column side by side.
Branches block_e(BranchPool pool) {
  return {{Units{{"branch1x1", 320}}},
          {Units{{"branch3x3_1", 384}, {"branch3x3_2a", 384, 1, 3}, {"branch3x3_2b", 384, 3, 1}},
           BranchPool::none, 2},
          {Units{{"branch3x3dbl_1", 448},
                 {"branch3x3dbl_2", 384, 3, 3},
                 {"branch3x3dbl_3a", 384, 1, 3},
                 {"branch3x3dbl_3b", 384, 3, 1}},
           BranchPool::none, 2},
          pool_branch(pool, 192)};
}

void require_images(const Shape& s) {
  if (s.rank() != 4 || s[3] != 3 || s[1] < smallest_side || s[2] < smallest_side)
    throw ShapeError("inception: input " + to_string(s) +
                     ", expects N x H x W x 3 of at least 75 x 75; mend: inception_input()");
}

}  // namespace

Inception::Inception(InceptionVariant variant, const Rng& rng)
    : classes_(variant == InceptionVariant::fid ? 1008 : 1000),
      head_name_(variant == InceptionVariant::fid ? "fc" : "predictions") {
  add_stem(rng);
  add_blocks(variant, rng);
  head_ = std::make_unique<Linear>(2048, classes_, rng.child(head_name_));
}

void Inception::add_stem(const Rng& rng) {
  int channels = 3;
  const auto unit = [&](const UnitSpec& spec) {
    to_6e_.emplace<ConvUnit>(spec.name, channels, spec, rng.child(spec.name));
    channels = spec.filters;
  };
  unit({"Conv2d_1a_3x3", 32, 3, 3, 2, false});
  unit({"Conv2d_2a_3x3", 32, 3, 3, 1, false});
  unit({"Conv2d_2b_3x3", 64, 3, 3});
  to_6e_.add("maxpool1", max_pool_layer({.window = 3, .stride = 2}));
  unit({"Conv2d_3b_1x1", 80});
  unit({"Conv2d_4a_3x3", 192, 3, 3, 1, false});
  to_6e_.add("maxpool2", max_pool_layer({.window = 3, .stride = 2}));
}

void Inception::add_blocks(InceptionVariant variant, const Rng& rng) {
  int channels = 192;
  const auto block = [&](Sequential& to, const std::string& name, const Branches& branches) {
    channels = to.emplace<MixedBlock>(name, channels, branches, rng.child(name)).channels();
  };
  block(to_6e_, "Mixed_5b", block_a(32));
  block(to_6e_, "Mixed_5c", block_a(64));
  block(to_6e_, "Mixed_5d", block_a(64));
  block(to_6e_, "Mixed_6a", block_b());
  block(to_6e_, "Mixed_6b", block_c(128));
  block(to_6e_, "Mixed_6c", block_c(160));
  block(to_6e_, "Mixed_6d", block_c(160));
  block(to_6e_, "Mixed_6e", block_c(192));
  block(to_7c_, "Mixed_7a", block_d());
  block(to_7c_, "Mixed_7b", block_e(BranchPool::average));
  const bool fid = variant == InceptionVariant::fid;
  block(to_7c_, "Mixed_7c", block_e(fid ? BranchPool::max : BranchPool::average));
}

Var Inception::features(const Var& x, int dims) {
  if (dims != 768 && dims != 2048)
    throw SettingError("inception: has no features of " + std::to_string(dims) +
                       " dimensions; take 768 (Mixed_6e) or 2048 (Mixed_7c)");
  require_images(x.shape());
  const Var maps = to_6e_.forward(x, Mode::inference);
  return spatial_mean(dims == 768 ? maps : to_7c_.forward(maps, Mode::inference));
}

Var Inception::forward(const Var& x, Mode mode) {
  if (mode == Mode::training)
    throw UsageError("inception: has moving statistics only; use Mode::inference");
  return head_->forward(features(x, 2048), mode);
}

void Inception::visit(StateVisitor& visitor) {
  to_6e_.visit(visitor);
  to_7c_.visit(visitor);
  visit_child(visitor, head_name_, *head_);
}

void Inception::each_child(const Shape& input, const ChildSink& sink) {
  require_images(input);
  to_6e_.each_child(input, sink);
  to_7c_.each_child(to_6e_.output_shape(input), sink);
  sink(head_name_, *head_, {input[0], 2048});
}

Var inception_input(const Var& images) {
  const Shape& s = images.shape();
  if (s.rank() != 4 || (s[3] != 1 && s[3] != 3))
    throw ShapeError("inception: images of " + to_string(s) + ", expects 1 or 3 channels");
  const Var resized = resize_bilinear(images, published_side, published_side);
  return s[3] == 3 ? resized : concat({resized, resized, resized});
}

}  // namespace ganymede
