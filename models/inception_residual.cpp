#include <ganymede/models/inception_residual.h>

#include <span>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/layer_chain.h>

namespace ganymede {

InceptionResidual::InceptionResidual(int channels, const GanNetworkOptions& o, const Rng& rng) {
  if (channels < 4 || channels % 4)
    throw SettingError("inception-residual block: " + std::to_string(channels) +
                       " channels are no multiple of 4");
  const int maps = channels / 4;
  const auto branch = [&](std::initializer_list<int> kernels, bool pooled = false) {
    const Rng stream = rng.child("branch" + std::to_string(branches_.size() + 1));
    LayerChain b(o, stream);
    int in = channels;
    for (int kernel : kernels) {
      b.conv(in, maps, kernel, 1, false);
      // The mean of a window and a 1x1 convolution without bias go in either order; this one takes
      // means of a quarter of the maps.
      if (pooled) b.add("average_pooling2d", avg_pool_layer({.window = 3, .stride = 1, .pad = 1}));
      b.batch_norm(maps, relu_activation);
      in = maps;
    }
    branches_.push_back(b.finish());
  };
  branch({1});
  branch({1, 3});
  branch({1, 3, 3});
  branch({1}, true);
  const Rng stream = rng.child("closing");
  LayerChain b(o, stream);
  b.conv(channels, channels, 1, 1);
  closing_ = b.finish();
}

Var InceptionResidual::forward(const Var& x, Mode mode) {
  Vars parts;
  for (const auto& branch : branches_) parts.push_back(branch->forward(x, mode));
  return add_all({x, closing_->forward(concat(parts), mode)}, Activation::leaky_relu, 0.0f);
}

void InceptionResidual::visit(StateVisitor& visitor) {
  for (std::size_t i = 0; i < branches_.size(); ++i)
    visit_child(visitor, "branch" + std::to_string(i + 1), *branches_[i]);
  visit_child(visitor, "closing", *closing_);
}

void InceptionResidual::each_child(const Shape& input, const ChildSink& sink) {
  for (std::size_t i = 0; i < branches_.size(); ++i)
    sink("branch" + std::to_string(i + 1), *branches_[i], input);
  sink("closing", *closing_, input);  // the branches together have as many channels
}

}  // namespace ganymede
