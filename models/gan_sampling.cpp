#include <ganymede/models/gan_sampling.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/conditioning.h>
#include <ganymede/models/iagan.h>

namespace ganymede {
namespace {

constexpr std::int64_t chunk = 64;  // images in one pass

/// Rows begin to end of the sources, from the first again after the last.
Tensor in_turn(const Tensor& sources, std::int64_t begin, std::int64_t end) {
  std::vector<std::int32_t> rows;
  for (std::int64_t i = begin; i < end; ++i)
    rows.push_back(static_cast<std::int32_t>(i % sources.shape()[0]));
  return gather(sources, Tensor::from(rows, {end - begin}));
}

void require_sources(const GanNetworkOptions& o, const Tensor& sources) {
  if (!makes_variations(o)) return;
  if (!sources)
    throw SettingError(
        "this generator makes variations of images: give it some to vary (ganymede sample "
        "--images)");
  const Shape& s = sources.shape();
  if (s.rank() != 4 || s[0] < 1 || s != image_extents(o, s[0]))
    throw ShapeError(
        fmt::format("generate: images to vary of {}, not N x {} with N at least 1; load them so",
                    to_string(s), to_string(Shape{rows_of(o), columns_of(o), o.channels})));
}

void require_rows(const GanNetworkOptions& o, const Tensor& z, const Tensor& weights) {
  if (z.shape().rank() != 2 || z.shape()[1] != o.latent)
    throw ShapeError(fmt::format("generate: z of {}, not N x {}", to_string(z.shape()), o.latent));
  const Shape wanted{z.shape()[0], o.classes};
  if (o.classes > 0 ? !weights || weights.shape() != wanted : bool(weights))
    throw ShapeError(
        fmt::format("generate: weights of {} classes for each of {} images are "
                    "expected",
                    o.classes, z.shape()[0]));
}

}  // namespace

Tensor sample_generator(Sequential& generator, const GanOptions& options, std::int64_t n, Rng& rng,
                        int of_class, const Tensor& sources) {
  const Recording off(false);
  const GanNetworkOptions& o = options.network;
  require_sources(o, sources);
  Tensor images(image_extents(o, n));
  for (std::int64_t i = 0; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    const Tensor z = draw_latent(options, end - i, rng);
    const Var input =
        makes_variations(o)
            ? image_with_noise(Var(in_turn(sources, i, end)), Var(z))
            : Var(latent_with_class(z, same_label(end - i, of_class, o.classes), o.classes));
    images.slice(i, end).copy_from(generator.forward(input, Mode::inference).value());
  }
  return images;
}

Tensor generate(Sequential& generator, const GanOptions& options, const Tensor& z,
                const Tensor& weights, const Tensor& sources) {
  const Recording off(false);
  const GanNetworkOptions& o = options.network;
  require_sources(o, sources);
  require_rows(o, z, weights);
  const std::int64_t n = z.shape()[0];
  Tensor images(image_extents(o, n));
  for (std::int64_t i = 0; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    Var input(z.slice(i, end));
    if (makes_variations(o)) input = image_with_noise(Var(in_turn(sources, i, end)), input);
    if (o.classes > 0) input = concat({input, Var(weights.slice(i, end))});
    images.slice(i, end).copy_from(generator.forward(input, Mode::inference).value());
  }
  return images;
}

Tensor draw_latent(const GanOptions& options, std::int64_t n, Rng& rng) {
  const Shape shape{n, options.network.latent};
  return options.uniform_latent ? rng.uniform(shape, -1.0f, 1.0f) : rng.normal(shape);
}

}  // namespace ganymede
