#pragma once

#include <cstdint>
#include <optional>

#include <ganymede/models/augment.h>

namespace ganymede {

/// How often each network is updated, how fast, and on what. A discriminator step takes one batch
/// of reals; epochs count those.
struct GanSchedule {
  double epochs = 2500;
  bool shuffle = true;
  int n_critic = 1;  ///< discriminator steps before each generator step
  /// The same before the first 25 generator steps and before every 500th, as the reference
  /// implementation of Arjovsky et al. 2017 does; 0: n_critic throughout.
  int warm_up = 0;
  double late_from = 0;  ///< epoch from which the learning rate is late_learning_rate; 0: never
  float late_learning_rate = 0.0f;
  /// Share of all iterations by which the noise on the discriminator's input has fallen linearly
  /// from GanOptions::input_noise to 0.
  double noise_share = 1.0;

  std::optional<ClassicOptions> classic{};  ///< augments every batch of reals

  /// The noise's share of its first deviation in iteration number `done` (0, 1, ...) of so many.
  float noise_left(std::int64_t done, std::int64_t iterations) const {
    const double gone = double(done) / (noise_share * double(iterations));
    return gone < 1.0 ? static_cast<float>(1.0 - gone) : 0.0f;
  }
  /// Discriminator steps before generator step number `update` (0, 1, ...).
  int critic_steps(std::int64_t update) const {
    constexpr int first = 25, every = 500;
    return warm_up > 0 && (update < first || update % every == 0) ? warm_up : n_critic;
  }
};

}  // namespace ganymede
