#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/models/gan.h>

namespace ganymede {

class GanTraining;

/// Looks at a generator now and then while it trains. Nothing of the training depends on what they
/// find, but its end where `patience` says so.
struct GanWatch {
  std::int64_t every = 0;  ///< iterations between two looks; the last iteration has one too
  bool keep_best = false;  ///< the generator of the smallest distance is the one sampled from
  int patience = 0;        ///< looks without a smaller one after which the training ends; 0: never
  /// How far the images of GanTraining::sample_now are from reals that it never saw; smaller is
  /// better. Must draw the same noise each time, from a stream of its own.
  std::function<double(GanTraining&)> distance;
};

/// What the looks found, in their order.
struct WatchHistory {
  std::vector<float> iteration, distance;
  /// The first of the smallest distances; -1 before any.
  std::ptrdiff_t best() const;
};

/// A watch at work: its history, and the best generator where it is kept.
class GanWatcher {
 public:
  /// Throws SettingError where nothing is to be looked at or by.
  explicit GanWatcher(GanWatch watch);

  bool due(std::int64_t iteration) const { return iteration % watch_.every == 0; }
  void look(GanTraining& training);
  /// Whether patience has run out.
  bool gave_up() const;

  const WatchHistory& history() const { return history_; }
  /// The best generator so far; null where none is kept.
  Sequential* best() { return best_.get(); }
  void save(CheckpointWriter& writer, const GanNetworkOptions& network);
  void load(const CheckpointReader& reader, const GanNetworkOptions& network);

 private:
  void keep(Gan& gan);

  GanWatch watch_;
  WatchHistory history_;
  std::unique_ptr<Sequential> best_;
};

/// The network of a file that images are to be made by: "best", else "average", else "generator".
std::string generator_in(const CheckpointReader& reader);

}  // namespace ganymede
