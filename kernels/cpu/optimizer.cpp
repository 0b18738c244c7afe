// All tensors in one pass: threads share the concatenation of all slots, whatever their sizes. Each
// step is bound by memory (Adam: 16 bytes read, 12 written per parameter).

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/functors.h>
#include <ganymede/kernels/optimizer.h>

#include <cmath>

namespace ganymede::kernels::cpu {
namespace {

// Calls body(slot, begin, end) on pieces that together cover every slot.
template <class Body>
void for_slots(std::span<const ParameterSlot> slots, const Body& body) {
  std::int64_t total = 0;
  for (const ParameterSlot& slot : slots) total += slot.n;
  parallel_for(total, grain_elements, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t start = 0;
    for (const ParameterSlot& slot : slots) {
      const std::int64_t from = std::max(begin, start) - start;
      const std::int64_t to = std::min(end, start + slot.n) - start;
      if (from < to) body(slot, from, to);
      start += slot.n;
    }
  });
}

}  // namespace

void adam(Stream&, std::span<const ParameterSlot> slots, const AdamOptions& o, const float* lr,
          std::int64_t* steps) {
  const double t = static_cast<double>(++*steps);
  const float correct1 = static_cast<float>(1.0 / (1.0 - std::pow(double{o.beta1}, t)));
  const float correct2 = static_cast<float>(1.0 / (1.0 - std::pow(double{o.beta2}, t)));
  const float rate = *lr;
  for_slots(slots, [&](const ParameterSlot& s, std::int64_t begin, std::int64_t end) {
    const float beta1 = o.beta1, beta2 = o.beta2, epsilon = o.epsilon, decay = o.weight_decay;
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      const float g = s.grad[i] + decay * s.value[i];
      const float m = beta1 * s.first[i] + (1.0f - beta1) * g;
      const float v = beta2 * s.second[i] + (1.0f - beta2) * g * g;
      s.first[i] = m;
      s.second[i] = v;
      s.value[i] -= rate * (m * correct1) / (std::sqrt(v * correct2) + epsilon);
    }
  });
}

void rmsprop(Stream&, std::span<const ParameterSlot> slots, const RmsPropOptions& o,
             const float* lr) {
  const float rate = *lr;
  for_slots(slots, [&](const ParameterSlot& s, std::int64_t begin, std::int64_t end) {
    const float rho = o.rho, epsilon = o.epsilon, decay = o.weight_decay;
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      const float g = s.grad[i] + decay * s.value[i];
      const float v = rho * s.second[i] + (1.0f - rho) * g * g;
      s.second[i] = v;
      s.value[i] -= rate * g / (std::sqrt(v) + epsilon);
    }
  });
}

void sgd(Stream&, std::span<const ParameterSlot> slots, const SgdOptions& o, const float* lr) {
  const float rate = *lr;
  for_slots(slots, [&](const ParameterSlot& s, std::int64_t begin, std::int64_t end) {
    const float momentum = o.momentum, decay = o.weight_decay;
    const float ahead = o.nesterov ? momentum : 1.0f, now = o.nesterov ? 1.0f : 0.0f;
    if (!s.first) {
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i)
        s.value[i] -= rate * (s.grad[i] + decay * s.value[i]);
      return;
    }
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      const float g = s.grad[i] + decay * s.value[i];
      const float m = momentum * s.first[i] + g;
      s.first[i] = m;
      s.value[i] -= rate * (now * g + ahead * m);
    }
  });
}

void ema(Stream&, std::span<const ParameterSlot> slots, const float* decay) {
  const float step = 1.0f - *decay;
  for_slots(slots, [&](const ParameterSlot& s, std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) s.first[i] += step * (s.value[i] - s.first[i]);
  });
}

void clip(Stream&, std::span<const ParameterSlot> slots, float bound) {
  for_slots(slots, [&](const ParameterSlot& s, std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i)
      s.value[i] = functor::clamp(s.value[i], -bound, bound);
  });
}

}  // namespace ganymede::kernels::cpu
