#include <ganymede/tools/study/gan_unit.h>

#include <algorithm>
#include <deque>
#include <exception>
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
    sound_ = false;
    run_->advance();
    sound_ = true;
  }
  /// Saves the state, where the last iteration came to its end, and says so; or why it could not.
  std::string stopped() {
    if (!sound_) return {};
    const StreamScope on(stream_);
    try {
      return std::string(run_->stopped().what()) + "\n";
    } catch (const std::exception& e) {
      return std::string(e.what()) + "\n";
    }
  }

 private:
  Stream stream_;  // outlives what works on it
  std::unique_ptr<GanTraining> training_;
  std::unique_ptr<GanRun> run_;
  bool sound_ = true;
};

std::string stopped(std::list<OnOwnStream>& running) {
  std::string words;
  for (OnOwnStream& one : running) words += one.stopped();
  if (!words.empty()) words.pop_back();  // the last line's end
  return words;
}

using Place = std::pair<Unit, GanJob>;

/// The GANs of a study that are not trained yet.
std::deque<Place> untrained(const Context& c) {
  std::deque<Place> places;
  for (const Unit& unit : c.units())
    for (const GanJob& job : gan_jobs(c, unit.fold))
      if (!c.folder || !is_trained(*c.folder, gan_place(unit, job))) places.emplace_back(unit, job);
  return places;
}

void take_turns(const Context& c, std::deque<Place> waiting, int at_once) {
  std::list<OnOwnStream> running;
  const Stoppable stoppable;
  try {
    while (!waiting.empty() || !running.empty()) {
      for (; !waiting.empty() && std::ssize(running) < at_once; waiting.pop_front())
        running.emplace_back(c, waiting.front().first, waiting.front().second);
      running.remove_if([](const OnOwnStream& one) { return one.finished(); });
      if (interrupt_requested() && !running.empty()) throw Interrupted(stopped(running));
      for (OnOwnStream& one : running) one.advance();
    }
  } catch (const Interrupted&) {
    throw;
  } catch (...) {
    stopped(running);  // the others keep what they have come to
    throw;
  }
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

int gans_at_once(const Context& c) {
  const auto places = std::ssize(untrained(c));
  if (places < 2) return 1;
  const int wanted = c.gans_at_once > 0 ? c.gans_at_once
                                        : gans_that_fit(gan_options(c.recipe, c.data.channels, 0));
  return int(std::min<std::int64_t>(wanted, places));
}

void train_gans(const Context& c) {
  if (const int at_once = gans_at_once(c); at_once > 1) take_turns(c, untrained(c), at_once);
}

}  // namespace ganymede::study
