#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace ganymede {

struct ProgressValue {
  std::string name;
  double value;
};

/// How progress is shown: one live line on a terminal, a plain line now and then in a pipe.
struct ProgressStyle {
  std::FILE* out = stderr;
  bool live = false;
  bool colour = false;
  double seconds_between = 10;  ///< 0: every step

  /// For stderr as it is: a terminal is live; NO_COLOR and TERM=dumb are honoured.
  static ProgressStyle of_stderr();
};

/// Where some work stands, for one line of text.
struct ProgressState {
  std::string title;  ///< "seed 1, gan hemorrhage"
  std::int64_t done = 0, total = 0;
  double images_per_second = 0;  ///< 0: not shown
  double seconds_left = -1;      ///< negative: not known
  std::vector<ProgressValue> values{};
};

/// "gan hemorrhage  1200/11250 (11 %)  340 images/s  2 min 10 s left  D 0.43  G 1.20"
std::string progress_line(const ProgressState& state);
/// "8 s", "2 min 10 s", "3 h 5 min".
std::string duration_text(double seconds);

/// Shows how far one piece of long work has come. One thread at a time; one live line at a time.
class Progress {
 public:
  /// `images` are those of one step (0: no rate is shown); `before` are steps done by earlier runs.
  Progress(std::string title, std::int64_t total, std::int64_t images = 0, std::int64_t before = 0,
           ProgressStyle style = ProgressStyle::of_stderr());
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap: shows at most a few lines a second.
  void step(std::int64_t done, std::vector<ProgressValue> values = {});
  /// Mean since the start; 0 before the first step.
  double images_per_second();
  /// The line as it stands at the end; later calls do nothing.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void update_rates();
  void show(bool last);

  ProgressState state_;
  ProgressStyle style_;
  std::int64_t images_, before_;
  Clock::time_point start_ = Clock::now(), shown_{};
  std::size_t width_ = 0;  ///< of the live line on the screen
  bool finished_ = false;
};

}  // namespace ganymede
