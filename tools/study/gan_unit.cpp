#include <ganymede/tools/study/gan_unit.h>

#include <algorithm>
#include <deque>
#include <list>
#include <utility>

#include <ganymede/models/settings.h>

#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/memory_estimate.h>

namespace ganymede::study {
namespace {

std::unique_ptr<GanTraining> watched_gan(const Context& c, const Unit& unit, const GanJob& job) {
  auto training = untrained_gan(c, unit, job);
  start_watch(*training, c.recipe, held_out_of(c, unit.fold, job), unit.seed);
  return training;
}

std::unique_ptr<GanRun> run_of(GanTraining& training, const Context& c, const Unit& unit,
                               const GanJob& job, ProgressStyle style) {
  const GanNotes notes{
      .recipe = c.recipe.toml(),
      .classes = job.conditional ? c.data.dataset.classes : std::vector<std::string>{}};
  return std::make_unique<GanRun>(training, c.recipe, *c.folder, gan_place(unit, job),
                                  unit.name + ", gan " + job.name, notes, style);
}

/// Lines now and then: several trainings cannot share a live one.
ProgressStyle style_of_many() {
  ProgressStyle style = ProgressStyle::of_stderr();
  style.live = style.colour = false;
  return style;
}

/// A training on a stream of its own.
class OnOwnStream {
 public:
  OnOwnStream(const Context& c, const Unit& unit, const GanJob& job)
      : stream_(current_stream().another()) {
    const StreamScope on(stream_);
    training_ = watched_gan(c, unit, job);
    run_ = run_of(*training_, c, unit, job, style_of_many());
  }
  bool finished() const { return run_->finished(); }
  void advance() {
    const StreamScope on(stream_);
    run_->advance();
  }
  Interrupted stopped() {
    const StreamScope on(stream_);
    return run_->stopped();
  }

 private:
  Stream stream_;  // outlives what works on it
  std::unique_ptr<GanTraining> training_;
  std::unique_ptr<GanRun> run_;
};

[[noreturn]] void stop(std::list<OnOwnStream>& running) {
  std::string words;
  for (OnOwnStream& one : running) {
    if (!words.empty()) words += '\n';
    words += one.stopped().what();
  }
  throw Interrupted(words);
}

/// One iteration of each. Where one fails, the others keep what they have come to.
void advance(std::list<OnOwnStream>& running) {
  for (auto one = running.begin(); one != running.end(); ++one) try {
      one->advance();
    } catch (const Error&) {
      running.erase(one);
      for (OnOwnStream& other : running) other.stopped();
      throw;
    }
}

int wanted_at_once(const Context& c) {
  if (c.gans_at_once > 0) return c.gans_at_once;
  return gans_that_fit(gan_options(c.recipe, c.data.channels, 0));
}

}  // namespace

std::string gan_place(const Unit& unit, const GanJob& job) { return job.folder + "/" + unit.name; }

std::unique_ptr<GanTraining> untrained_gan(const Context& c, const Unit& unit, const GanJob& job) {
  const int classes = job.conditional ? c.data.classes() : 0;
  return std::make_unique<GanTraining>(
      gan_options(c.recipe, c.data.channels, classes), gan_schedule(c.recipe),
      resident(c.data, training_samples(c, unit.fold, job)), unit.seed, job.path);
}

std::unique_ptr<GanTraining> train_gan(const Context& c, const Unit& unit, const GanJob& job) {
  auto training = watched_gan(c, unit, job);
  run_to_end(*run_of(*training, c, unit, job, ProgressStyle::of_stderr()));
  return training;
}

void train_gans(const Context& c) {
  std::deque<std::pair<Unit, GanJob>> waiting;
  for (const Unit& unit : c.units())
    for (const GanJob& job : gan_jobs(c, unit.fold)) waiting.emplace_back(unit, job);
  const int at_once = waiting.size() > 1 ? wanted_at_once(c) : 1;
  if (at_once == 1) return;
  std::list<OnOwnStream> running;
  const Stoppable stoppable;
  do {
    for (; !waiting.empty() && std::ssize(running) < at_once; waiting.pop_front())
      running.emplace_back(c, waiting.front().first, waiting.front().second);
    running.remove_if([](const OnOwnStream& one) { return one.finished(); });
    if (interrupt_requested()) stop(running);
    advance(running);
  } while (!waiting.empty() || !running.empty());
}

int gans_that_fit(const GanOptions& options) {
  constexpr double most = 4, share = 0.8;  // of the memory; pictures and measures want some too
  if (current_stream().device().kind == DeviceKind::cpu) return 1;
  const double fit = share * machine_bytes() / predicted_memory(options).peak();
  return int(std::clamp(fit, 1.0, most));
}

}  // namespace ganymede::study
