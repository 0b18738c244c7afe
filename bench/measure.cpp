#include "measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/random.h>

namespace ganymede::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Copies of a work's operands in device memory, filled with normal draws.
class Operands {
 public:
  Operands(Stream& stream, const Work& work, int copies) {
    static constexpr std::int64_t first_counter = 0;
    Block counter = allocate(stream, sizeof first_counter);
    copy_to_device(stream, counter.data(), &first_counter, sizeof first_counter);
    auto* at = static_cast<std::int64_t*>(counter.data());
    for (int c = 0; c < copies; ++c) {
      std::vector<float*>& pointers = sets_.emplace_back();
      for (const std::int64_t n : work.buffers) {
        Block& block =
            blocks_.emplace_back(allocate(stream, sizeof(float) * static_cast<std::size_t>(n)));
        pointers.push_back(static_cast<float*>(block.data()));
        kernels::normal(stream, n, {blocks_.size(), at}, 0.0f, 1.0f, pointers.back());
      }
      if (work.prepare) work.prepare(stream, pointers);
    }
    stream.synchronize();
  }
  const std::vector<float*>& operator[](int i) const {
    return sets_[static_cast<std::size_t>(i) % sets_.size()];
  }

 private:
  std::vector<Block> blocks_;
  std::vector<std::vector<float*>> sets_;
};

/// `repetitions` calls, as one unit that can be run again.
class Sample {
 public:
  Sample(Stream& stream, const Work& work, const Operands& operands, int repetitions)
      : stream_(stream), work_(work), operands_(operands), repetitions_(repetitions) {
    if (stream.device().kind == DeviceKind::cpu) return;
    pool_ = std::make_shared<Pool>(stream.device());  // workspace that the graph keeps
    const PoolScope scope(pool_);
    call(0);
    stream.synchronize();
    Graph::begin(stream);
    try {
      for (int i = 0; i < repetitions; ++i) call(i);
    } catch (...) {
      Graph::abandon(stream);
      throw;
    }
    graph_ = Graph::end(stream);
  }
  double seconds() {
    stream_.synchronize();
    const auto start = Clock::now();
    if (graph_) {
      graph_.launch(stream_);
    } else {
      for (int i = 0; i < repetitions_; ++i) call(i + next_);
      next_ += repetitions_;
    }
    stream_.synchronize();
    return since(start);
  }

 private:
  void call(int i) { work_.run(stream_, operands_[i]); }

  Stream& stream_;
  const Work& work_;
  const Operands& operands_;
  int repetitions_, next_ = 0;
  std::shared_ptr<Pool> pool_;
  Graph graph_;
};

constexpr int wanted_samples = 11, most_repetitions = 2048;

/// Calls of a sample that takes about its share of `seconds`.
int repetitions_for(Stream& stream, const Work& work, const Operands& operands, double seconds) {
  work.run(stream, operands[0]);  // first use: workspaces, oneDNN's code, a vendor's algorithm
  stream.synchronize();
  const auto start = Clock::now();
  for (int i = 1; i <= 2; ++i) work.run(stream, operands[i]);
  stream.synchronize();
  const double once = std::max(since(start) / 2, 1e-7);
  return std::clamp(static_cast<int>(seconds / wanted_samples / once), 1, most_repetitions);
}

/// The samples of one way to do a work.
class Series {
 public:
  Series(Stream& stream, const Work& work, const Operands& operands, double seconds)
      : repetitions_(repetitions_for(stream, work, operands, seconds)),
        sample_(stream, work, operands, repetitions_) {
    sample_.seconds();
  }
  void take() { times_.push_back(sample_.seconds() / repetitions_); }
  Timing timing() {
    std::sort(times_.begin(), times_.end());
    const std::size_t n = times_.size();
    return {times_[n / 2], times_[0], (times_[3 * n / 4] - times_[n / 4]) / times_[n / 2],
            static_cast<int>(n), repetitions_};
  }

 private:
  int repetitions_;
  Sample sample_;
  std::vector<double> times_;
};

/// The stream takes kernels from `source` for the scope's life.
class KernelsScope {
 public:
  KernelsScope(Stream& stream, KernelSource source) : stream_(stream), before_(stream.kernels()) {
    stream.set_kernels(source);
  }
  ~KernelsScope() { stream_.set_kernels(before_); }
  KernelsScope(const KernelsScope&) = delete;
  KernelsScope& operator=(const KernelsScope&) = delete;

 private:
  Stream& stream_;
  KernelSource before_;
};

int copies_for(const Work& work) {
  // Above the last level of today's servers (CPU) and of an H200's 60 MB.
  constexpr double cache_bytes = 64e6, most_copies = most_repetitions, most_bytes = 2e9;
  const double wanted = std::ceil(2.0 * cache_bytes / work.bytes) + 1;
  return static_cast<int>(
      std::max(1.0, std::min({wanted, most_copies, std::floor(most_bytes / work.bytes)})));
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double fastest(const std::vector<double>& seconds) {
  return *std::min_element(seconds.begin(), seconds.end());
}

Timing measure(Stream& stream, const Work& work, double seconds) {
  return measure_each(stream, work, seconds, {stream.kernels()}).front();
}

int warmed_up_steps(Stream& stream, double seconds, int least, const StepClock& clock) {
  if (stream.device().kind == DeviceKind::cpu) return least;
  constexpr double least_seconds = 0.05;
  const auto begin = Clock::now();
  double once = 0;
  do once = std::max(clock(least), 1e-6);  // the last is at full clocks
  while (since(begin) < seconds);
  return std::max(least, static_cast<int>(std::ceil(least_seconds / once)));
}

bool has_own_and_vendor(const Stream& stream, const Work& work) {
  if (!work.contraction) return false;
  if (stream.device().kind == DeviceKind::cuda) return true;
  return work.contraction->contraction < kernels::Contraction::product &&
         !kernels::explain(*work.contraction, kernels::hardware_of(stream), stream.math_mode())
              .kernel.starts_with("direct");
}

std::vector<Timing> measure_each(Stream& stream, const Work& work, double seconds,
                                 const std::vector<KernelSource>& sources) {
  const Operands operands(stream, work, copies_for(work));
  std::vector<std::unique_ptr<Series>> all;
  for (const KernelSource source : sources) {
    const KernelsScope scope(stream, source);
    all.push_back(std::make_unique<Series>(stream, work, operands, seconds));
  }
  const auto begin = Clock::now();
  const double most = 2 * seconds * static_cast<double>(sources.size());
  for (int i = 0; i < 3 || (i < wanted_samples && since(begin) < most); ++i)
    for (std::size_t s = 0; s < sources.size(); ++s) {
      // What is not captured asks the stream at each call.
      const KernelsScope scope(stream, sources[s]);
      all[s]->take();
    }
  std::vector<Timing> timings;
  for (const auto& one : all) timings.push_back(one->timing());
  return timings;
}

std::vector<Timing> own_and_vendor(Stream& stream, const Work& w, double seconds) {
  const auto note = [&](const Error& e) {
    fmt::print(stderr, "{} {}: {}\n", w.op, w.shape, e.what());
  };
  try {
    return measure_each(stream, w, seconds, {KernelSource::own, KernelSource::vendor});
  } catch (const SettingError& e) {
    note(e);
  } catch (const DeviceError& e) {
    note(e);
  }
  return {};
}

}  // namespace ganymede::bench
