#include <ganymede/tools/progress.h>
#include <ganymede/tools/tell.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ganymede {
namespace {

constexpr double live_seconds_between = 0.2;

std::size_t terminal_columns(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

ProgressStyle ProgressStyle::of_stderr() {
  ProgressStyle style;
  const char* term = std::getenv("TERM");
  style.live = isatty(STDERR_FILENO) && term && std::string_view(term) != "dumb";
  const char* no_colour = std::getenv("NO_COLOR");
  style.colour = style.live && !(no_colour && *no_colour);
  return style;
}

std::string duration_text(double seconds) {
  const auto whole = std::int64_t(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string progress_line(const ProgressState& state) {
  std::string line = state.title;
  if (state.total > 0)
    line += fmt::format("  {}/{} ({} %)", state.done, state.total, state.done * 100 / state.total);
  if (state.images_per_second > 0)
    line += fmt::format("  {:.{}f} images/s", state.images_per_second,
                        state.images_per_second < 10 ? 1 : 0);
  if (state.seconds_left >= 0) line += fmt::format("  {} left", duration_text(state.seconds_left));
  for (const ProgressValue& value : state.values)
    line += fmt::format("  {} {:.3g}", value.name, value.value);
  return line;
}

Progress::Progress(std::string title, std::int64_t total, std::int64_t images, std::int64_t before,
                   ProgressStyle style)
    : style_(style), images_(images), before_(before) {
  state_.title = std::move(title);
  state_.total = total;
  state_.done = before;
}

Progress::~Progress() {
  // Work that failed leaves its last line behind, so that the message stands below it.
  if (!finished_ && style_.live && width_ > 0) std::fputc('\n', style_.out);
}

void Progress::step(std::int64_t done, std::vector<ProgressValue> values) {
  state_.done = done;
  state_.values = std::move(values);
  const double wait = style_.live ? live_seconds_between : style_.seconds_between;
  const bool first = shown_ == Clock::time_point{};
  const double since = seconds(Clock::now() - (first ? start_ : shown_));
  if (since >= wait || (first && style_.live)) show(false);
}

void Progress::finish() {
  if (finished_) return;
  show(true);
  finished_ = true;
}

double Progress::images_per_second() {
  update_rates();
  return state_.images_per_second;
}

void Progress::update_rates() {
  const double spent = seconds(Clock::now() - start_);
  const auto steps = double(state_.done - before_);
  if (spent <= 0 || steps <= 0) return;
  state_.images_per_second = double(images_) * steps / spent;
  state_.seconds_left = double(state_.total - state_.done) * spent / steps;
}

void Progress::show(bool last) {
  update_rates();
  if (last) state_.seconds_left = -1;
  std::string line = progress_line(state_);
  if (last) line += fmt::format("  {}", duration_text(seconds(Clock::now() - start_)));
  shown_ = Clock::now();
  if (!style_.live) {
    tell(line + "\n", style_.out);
  } else {
    line.resize(std::min(line.size(), terminal_columns(style_.out) - 1));
    const std::size_t blanks = width_ > line.size() ? width_ - line.size() : 0;
    width_ = line.size();
    if (style_.colour && !last) line = "\x1b[36m" + line + "\x1b[0m";
    tell(fmt::format("\r{}{:{}}{}", line, "", blanks, last ? "\n" : ""), style_.out);
  }
}

}  // namespace ganymede
