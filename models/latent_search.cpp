#include <ganymede/models/latent_search.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>

namespace ganymede {
namespace {

constexpr int look_every = 25;  // steps between two looks from the host

/// 1 where x > 0, else 0.
Tensor positive(const Tensor& x) {
  Tensor y(x.shape());
  const Tensor above = relu(Var(x)).value();
  kernels::sign(current_stream(), x.elements(), above.data(), y.data());
  return y;
}

/// `to` = from where mask is 1; both keep their bits.
void choose(const Tensor& mask, const Tensor& from, Tensor& to) {
  const Shape& all = to.shape();
  Shape column = all;
  for (int i = 1; i < column.rank(); ++i) column.set(i, 1);
  const Var taken = expand(Var(mask.reshape(column)), all);
  to.copy_from(add(mul(taken, Var(from)), mul(affine(taken, -1.0f, 1.0f), Var(to))).value());
}

}  // namespace

void require_valid(const LatentSearchOptions& o) {
  if (!(o.feature_weight >= 0.0f && o.feature_weight <= 1.0f))
    throw SettingError("latent search: the weight of the features lies outside [0, 1]");
  if (o.steps < 1 || o.restarts < 1 || o.batch < 1)
    throw SettingError("latent search: steps, restarts and batch must be at least 1");
  if (o.patience < 0)
    throw SettingError("latent search: patience = " + std::to_string(o.patience) +
                       ", it must be at least 0 (0: no query rests)");
  if (!(o.tolerance >= 0.0f && o.tolerance < 1.0f))
    throw SettingError("latent search: tolerance = " + std::to_string(o.tolerance) +
                       " lies outside [0, 1)");
  if (!(o.learning_rate > 0.0f)) throw SettingError("latent search: the learning rate is not > 0");
}

/// A batch of queries and all that a step of it changes, at fixed addresses.
struct LatentSearch::Batch {
  Batch(const SearchSpace& space, const LatentSearchOptions& options, const Shape& extents);

  /// Whether it takes queries of these extents where work is queued now.
  bool fits(const Shape& extents) const;
  void load(const Tensor& images);
  void begin(const Tensor& beginnings);
  void step();
  void keep_best(const Tensor& residual, const Tensor& feature, const Tensor& loss);
  bool all_rest() const;
  std::vector<LatentMatch> matches() const;
  Tensor images_of(const Tensor& some);

  const SearchSpace& space;
  const LatentSearchOptions& o;
  Stream* stream;
  std::uint64_t stream_id;  // a later stream may come to lie at the address
  std::int64_t size;
  Tensor queries, features;  // f(queries)
  Var z;
  OptimizerPtr optimizer;
  std::vector<Tensor> fresh;  // the optimiser's state before its first step
  Tensor best_z, residual, feature, loss, steps, now, anchor, stalled, rests;
  std::unique_ptr<Captured> captured;
};

LatentSearch::Batch::Batch(const SearchSpace& s, const LatentSearchOptions& options,
                           const Shape& extents)
    : space(s),
      o(options),
      stream(&current_stream()),
      stream_id(stream->id()),
      size(extents[0]),
      queries(extents),
      z(Var::leaf(Tensor::zeros({size, s.latent}))),
      best_z(Tensor::zeros({size, s.latent})) {
  optimizer = o.optimizer == GanOptimizer::adam ? make_adam({z}, o.learning_rate, o.adam)
                                                : make_rmsprop({z}, o.learning_rate, o.rmsprop);
  for (const auto& [name, tensor] : optimizer->state()) fresh.push_back(tensor.clone());
  for (Tensor* t : {&residual, &feature, &loss, &steps, &anchor, &stalled, &rests})
    *t = Tensor::zeros({size});
  now = Tensor::zeros({1});
  captured = std::make_unique<Captured>(*stream, [this] { step(); });
}

bool LatentSearch::Batch::fits(const Shape& extents) const {
  const Stream& current = current_stream();
  return stream == &current && stream_id == current.id() && queries.shape() == extents;
}

void LatentSearch::Batch::load(const Tensor& images) {
  const Recording off(false);
  queries.copy_from(filled_up(images, size));
  const Tensor of_queries = query_features(space, queries);
  if (features)
    features.copy_from(of_queries);
  else
    features = of_queries.clone();
}

/// Nothing of an earlier search shows: each begins as the first did.
void LatentSearch::Batch::begin(const Tensor& beginnings) {
  z.mutable_value().copy_from(beginnings);
  auto state = optimizer->state();
  for (std::size_t i = 0; i < state.size(); ++i) state[i].second.copy_from(fresh[i]);
  const float far = std::numeric_limits<float>::max();
  for (Tensor* t : {&loss, &anchor}) t->copy_from(Tensor::full({size}, far));
  best_z.copy_from(Tensor::zeros(best_z.shape()));
  for (Tensor* t : {&residual, &feature, &steps, &stalled, &rests})
    t->copy_from(Tensor::zeros({size}));
  now.copy_from(Tensor::zeros({1}));
}

void LatentSearch::Batch::step() {
  const Var images = space.generate(queries, z);
  const LatentDistances found =
      latent_distances(space, images, queries, features, o.feature_weight);
  {
    const Recording off(false);
    keep_best(found.residual.value(), found.discrimination.value(), found.score.value());
  }
  optimizer->step(grad(sum(found.score), {z}));
}

/// Of queries that do not rest: what the present z reaches, where it is better; then who rests.
void LatentSearch::Batch::keep_best(const Tensor& r, const Tensor& d, const Tensor& l) {
  const Var awake = affine(Var(rests), -1.0f, 1.0f);
  const Tensor better = mul(Var(positive(sub(Var(loss), Var(l)).value())), awake).value();
  choose(better, z.value(), best_z);
  choose(better, r, residual);
  choose(better, d, feature);
  choose(better, expand(Var(now), {size}).value(), steps);
  choose(better, l, loss);
  now.copy_from(affine(Var(now), 1.0f, 1.0f).value());
  if (o.patience == 0) return;
  // The first loss always counts as progress: the anchor begins at the largest number.
  const Tensor progress =
      positive(sub(affine(Var(anchor), 1.0f - o.tolerance, 0.0f), Var(l)).value());
  choose(progress, l, anchor);
  stalled.copy_from(
      mul(affine(Var(stalled), 1.0f, 1.0f), affine(Var(progress), -1.0f, 1.0f)).value());
  const Tensor long_enough = positive(affine(Var(stalled), 1.0f, 0.5f - float(o.patience)).value());
  choose(long_enough, long_enough, rests);
}

bool LatentSearch::Batch::all_rest() const {
  const std::vector<float> r = rests.host();
  return std::ranges::all_of(r, [](float v) { return v > 0.5f; });
}

std::vector<LatentMatch> LatentSearch::Batch::matches() const {
  const auto r = residual.host(), d = feature.host(), l = loss.host(), s = steps.host();
  std::vector<LatentMatch> found;
  for (std::size_t i = 0; i < r.size(); ++i) found.push_back({r[i], d[i], l[i], int(s[i])});
  return found;
}

/// Of the first queries, from a z each.
Tensor LatentSearch::Batch::images_of(const Tensor& some) {
  const Recording off(false);
  const std::int64_t count = some.shape()[0];
  Tensor whole = Tensor::zeros({size, space.latent});
  whole.slice(0, count).copy_from(some);
  return space.generate(queries, Var(whole)).value().slice(0, count);
}

LatentSearch::LatentSearch(SearchSpace space, const LatentSearchOptions& options,
                           std::uint64_t seed, std::string path)
    : space_(std::move(space)), options_(options), seed_(seed), path_(std::move(path)) {
  require_valid(options_);
}

LatentSearch::~LatentSearch() = default;

/// Each query draws from a stream of its own number.
Tensor LatentSearch::beginnings(std::int64_t first, std::int64_t count, int restart) const {
  Tensor z({count, space_.latent});
  const Shape one{1, space_.latent};
  for (std::int64_t i = 0; i < count; ++i) {
    Rng rng(seed_, path_ + "/query" + std::to_string(first + i) + "/" + std::to_string(restart));
    z.slice(i, i + 1).copy_from(options_.uniform_latent ? rng.uniform(one, -1.0f, 1.0f)
                                                        : rng.normal(one));
  }
  return z;
}

void LatentSearch::search(Batch& batch, std::int64_t done, const Progress& progress) {
  // One more than updates: the last z is looked at, too.
  for (int step = 0; step <= options_.steps; ++step) {
    (*batch.captured)();
    if (step % look_every != look_every - 1) continue;
    if (progress) {
      const std::vector<float> best = batch.loss.host();
      progress(done, step + 1,
               std::accumulate(best.begin(), best.end(), 0.0) / double(best.size()));
    }
    if (options_.patience > 0 && batch.all_rest()) return;
  }
}

/// The best of all restarts for the first matches.size() queries of the batch.
void LatentSearch::search_all(Batch& batch, std::int64_t number, std::int64_t done,
                              std::span<LatentMatch> matches, Tensor z, const Progress& progress) {
  for (int restart = 0; restart < options_.restarts; ++restart) {
    batch.begin(beginnings(number, batch.size, restart));
    search(batch, done, progress);
    const std::vector<LatentMatch> found = batch.matches();
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (restart > 0 && !(found[i].score < matches[i].score)) continue;
      matches[i] = found[i];
      const auto at = std::int64_t(i);
      z.slice(at, at + 1).copy_from(batch.best_z.slice(at, at + 1));
    }
  }
}

LatentMatches LatentSearch::run(const Tensor& queries, std::int64_t first,
                                const Progress& progress) {
  require_images(queries, "latent search");
  const Shape& extents = queries.shape();
  const std::int64_t count = extents[0];
  Shape whole = extents;
  whole.set(0, options_.batch);
  if (!batch_ || !batch_->fits(whole)) {
    batch_.reset();  // its memory may be wanted for the new one
    batch_ = std::make_unique<Batch>(space_, options_, whole);
  }
  Batch& batch = *batch_;
  LatentMatches found{std::vector<LatentMatch>(std::size_t(count)), Tensor({count, space_.latent}),
                      Tensor(extents)};
  for (std::int64_t begin = 0; begin < count; begin += batch.size) {
    const std::int64_t end = std::min(count, begin + batch.size);
    batch.load(queries.slice(begin, end));
    search_all(batch, first + begin, begin,
               std::span(found.matches).subspan(std::size_t(begin), std::size_t(end - begin)),
               found.z.slice(begin, end), progress);
    found.images.slice(begin, end).copy_from(batch.images_of(found.z.slice(begin, end)));
  }
  return found;
}

}  // namespace ganymede
