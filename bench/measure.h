#pragma once
// How an op is timed.

#include <cstddef>
#include <functional>
#include <vector>

#include "works.h"

namespace ganymede::bench {

double median(std::vector<double> values);
double fastest(const std::vector<double>& seconds);

struct Timing {
  double seconds = 0;                ///< median over the samples
  double fastest = 0;                ///< of the samples
  double spread = 0;                 ///< (third quartile - first quartile) / median
  int samples = 0, repetitions = 0;  ///< calls per sample
};

/// Times `work` on the stream. Operands are normal draws, never zeros: zeros cost less power and
/// clock higher. Calls walk through copies of the operands that together are twice as large as any
/// last-level cache, so that none finds its data there. On CUDA a sample is one replay of a
/// captured graph, so that launches from the host are not what is timed. Takes about `seconds`.
Timing measure(Stream& stream, const Work& work, double seconds);

/// Seconds per step of so many steps, one sample.
using StepClock = std::function<double(int steps)>;

/// On CUDA takes samples until so many seconds have passed, since a GPU that idled has not reached
/// its clocks, and gives how many steps a sample must have to last 50 ms, but no fewer than
/// `least`. On the CPU it is `least`, and nothing is run.
int warmed_up_steps(Stream& stream, double seconds, int least, const StepClock& clock);

/// Whether the vendor would do this contraction by other means than our own choice does: on the CPU
/// products and direct sums are oneDNN's either way.
bool has_own_and_vendor(const Stream& stream, const Work& work);

/// The same by each of these sources of kernels, sample by sample in turn, on the same operands.
/// The stream keeps its own.
std::vector<Timing> measure_each(Stream& stream, const Work& work, double seconds,
                                 const std::vector<KernelSource>& sources);

/// By own kernels and by the vendor's. Nothing, with a note on stderr, where the vendor cannot: a
/// setting it does not take, or no algorithm or a failing call of its library, which are
/// DeviceErrors. Where the device itself failed, the next launch of ours throws.
std::vector<Timing> own_and_vendor(Stream& stream, const Work& work, double seconds);

}  // namespace ganymede::bench
