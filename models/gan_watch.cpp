#include <ganymede/models/gan_watch.h>

#include <algorithm>

#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_training.h>

namespace ganymede {
namespace {

std::unique_ptr<Sequential> empty_generator(const GanNetworkOptions& network) {
  return make_generator(network, Rng(0, "best"));
}

}  // namespace

std::ptrdiff_t WatchHistory::best() const {
  return distance.empty() ? -1 : std::ranges::min_element(distance) - distance.begin();
}

GanWatcher::GanWatcher(GanWatch watch) : watch_(std::move(watch)) {
  if (watch_.every < 1 || !watch_.distance)
    throw SettingError("gan watch: it wants looks (watch.every above 0) and a distance");
}

void GanWatcher::look(GanTraining& training) {
  history_.distance.push_back(static_cast<float>(watch_.distance(training)));
  history_.iteration.push_back(static_cast<float>(training.done()));
  const bool better = history_.best() + 1 == std::ssize(history_.distance);
  if (watch_.keep_best && better) keep(training.gan());
}

bool GanWatcher::gave_up() const {
  const std::ptrdiff_t since = std::ssize(history_.distance) - 1 - history_.best();
  return watch_.patience > 0 && since >= watch_.patience;
}

/// A copy in a network of its own, so that the training goes on undisturbed.
void GanWatcher::keep(Gan& gan) {
  if (!best_) best_ = empty_generator(gan.options().network);
  gan.with_average([&] {
    const std::vector<NamedState> from = state_of(gan.generator());
    std::vector<NamedState> to = state_of(*best_);
    for (std::size_t i = 0; i < to.size(); ++i) to[i].tensor.copy_from(from[i].tensor);
  });
}

void GanWatcher::save(CheckpointWriter& writer, const GanNetworkOptions& network) {
  writer.add_series("watch_iteration", history_.iteration);
  writer.add_series("watch_distance", history_.distance);
  if (best_) writer.add_network("best", *best_, generator_input(network, 1));
}

void GanWatcher::load(const CheckpointReader& reader, const GanNetworkOptions& network) {
  history_.iteration = reader.series("watch_iteration");
  history_.distance = reader.series("watch_distance");
  if (!reader.has_network("best")) return;
  best_ = empty_generator(network);
  reader.load_network("best", *best_);
}

std::string generator_in(const CheckpointReader& reader) {
  for (const char* name : {"best", "average"})
    if (reader.has_network(name)) return name;
  return "generator";
}

}  // namespace ganymede
