#pragma once
// The transform of the weights and its adjoint. What one transform reads lies pages apart, and at
// powers of two also in the same few sets of the first-level cache: hence prefetches into the
// second level, and runs of channels that are read whole and turned in registers.

#include <algorithm>

#include <ganymede/kernels/cpu/winograd_product.h>

namespace ganymede::kernels::cpu::winograd {

// The taps of a plane for `lanes` input channels and a vector of outputs, each filter's run of
// channels turned into vectors of outputs.
template <class F>
void Product<F>::turn_weights(const float* w, int plane, std::int64_t channel, std::int64_t first,
                              float* turned) const {
  const auto inputs = static_cast<int>(std::min<std::int64_t>(lanes, p_.in.channels - channel));
  const std::int64_t outputs = p_.out.channels - first;
  for (int r = 0; r < F::taps; ++r)
    for (int s = 0; s < F::taps; ++s, turned += lanes * lanes) {
      const std::int64_t tap = p_.tap(plane, r, s);
      Vec rows[lanes];
      for (int k = 0; k < lanes; ++k) {
        rows[k] = broadcast(0.0f);
        if (tap < 0 || k >= outputs) continue;
        const float* from = w + tap + channel + (first + k) * p_.w_out;
        __builtin_prefetch(from + lanes, 0, 2);
        rows[k] = load_channels(from, inputs);
      }
      transpose(rows);
      for (int i = 0; i < lanes; ++i) store(turned + i * lanes, rows[i]);
    }
}

// to[point][input channel][tile_columns] = G w G^T for a vector of outputs from `first`.
template <class F>
void Product<F>::transform_weights(const float* w, int plane, Range channels, std::int64_t first,
                                   float* to, std::int64_t point) const {
  constexpr std::int64_t ahead = 8;
  const int count = static_cast<int>(std::clamp<std::int64_t>(p_.out.channels - first, 0, lanes));
  alignas(64) float turned[F::taps * F::taps * lanes * lanes];
  for (std::int64_t i = channels.begin; i < channels.end; ++i, to += tile_columns) {
    const std::int64_t lane = (i - channels.begin) % lanes;
    if (p_.w_out != 1 && lane == 0) turn_weights(w, plane, i, first, turned);
    const auto read = [&](int r, int s) {
      if (p_.w_out != 1) return load(turned + ((r * F::taps + s) * lanes + lane) * lanes);
      const std::int64_t tap = i < p_.in.channels ? p_.tap(plane, r, s) : -1;
      if (tap < 0) return broadcast(0.0f);
      const float* from = w + tap + i * p_.w_in + first;
      __builtin_prefetch(from + ahead * p_.w_in, 0, 2);
      return load_channels(from, count);
    };
    transform_square<Evaluate, Window<F>>(
        read, [&](int r, int s, Vec v) { store(to + (r * size + s) * point, v); });
  }
}

// u[point][panel][input channel][tile_columns], of all weights.
template <class F>
void Product<F>::transform_weights(const float* w, float* u) const {
  const std::int64_t in_pad = padded_channels(p_.in), point = width_ * depth_ + skew;
  const std::int64_t units = (width_ / lanes) * p_.in.planes();
  parallel_for(units, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t unit = begin; unit < end; ++unit) {
      const std::int64_t first = unit / p_.in.planes() * lanes;
      const int plane = static_cast<int>(unit % p_.in.planes());
      transform_weights(w, plane, {0, in_pad}, first,
                        u + first / tile_columns * depth_ * tile_columns + first % tile_columns +
                            plane * in_pad * tile_columns,
                        point);
    }
  });
}

// gw of filter k and a vector of input channels = G^T sum G: the adjoint of transform_weights.
template <class F>
template <class Sum>
void Product<F>::gather_weights(const Sum& sum, std::int64_t k, int plane, std::int64_t c,
                                float* gw) const {
  const int count = static_cast<int>(std::min<std::int64_t>(lanes, p_.in.channels - c));
  transform_square<Interpolate, Adjoint<Window<F>>>([&](int i, int j) { return sum(i * size + j); },
                                                    [&](int r, int s, Vec v) {
                                                      const std::int64_t tap = p_.tap(plane, r, s);
                                                      if (tap >= 0)
                                                        store_channels(gw + tap + k * p_.w_out + c,
                                                                       v, count);
                                                    });
}

}  // namespace ganymede::kernels::cpu::winograd
