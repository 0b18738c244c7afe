#include <ganymede/tools/study/gan_run.h>

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include <ganymede/models/pixels.h>

#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* speed = "images_per_second";  // in the log

double minutes_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count() / 60.0;
}

/// The same 64 noise vectors each time, so that the pictures show one thing growing.
void draw_samples(GanTraining& training, const std::string& path, int bits) {
  Rng rng(0, "samples");
  const int classes = std::max(1, training.gan().options().network.classes);
  std::vector<Image> images;
  for (int k = 0; k < classes; ++k)  // of a conditional GAN the classes row after row
    for (Image& image : to_images(training.sample(classes > 1 ? 16 : 64, rng, k), bits))
      images.push_back(std::move(image));
  write_png(path, image_grid(images, 8));
}

std::size_t looks_of(const GanTraining& training) {
  return training.watched() ? training.watched()->distance.size() : 0;
}

GanFiles files_of(const RunFolder& folder, const std::string& where) {
  const std::string base = "gan/" + where + "/";
  return {folder.file(base + "checkpoint.h5"), folder.file(base + "generator.h5"),
          folder.file(base + "discriminator.h5"), folder.file(base + "samples.png")};
}

/// From its checkpoint, where there is one.
GanTraining& resumed(GanTraining& training, const GanFiles& files) {
  if (std::filesystem::exists(files.checkpoint)) training.resume(files.checkpoint);
  return training;
}

}  // namespace

GanRun::GanRun(GanTraining& training, const Recipe& recipe, const RunFolder& folder,
               const std::string& where, const std::string& title, const GanNotes& notes,
               ProgressStyle style)
    : training_(resumed(training, files_of(folder, where))),
      files_(files_of(folder, where)),
      name_("gan/" + where),
      title_(title),
      notes_(notes),
      log_(folder),
      progress_(title, training.iterations(), training.gan().options().batch, training.done(),
                style),
      minutes_(recipe.number("gan.checkpoint_minutes")),
      every_(recipe.integer("gan.sample_every")) {
  if (!training.finished()) return;
  finished_ = std::filesystem::exists(files_.discriminator);
  if (!finished_) finish();  // it was stopped between its end and its last file
}

void GanRun::advance() {
  const GanHistory& h = training_.history();
  const std::size_t losses = h.generator.size(), looks = looks_of(training_);
  training_.advance();
  std::vector<ProgressValue> shown;
  if (!h.generator.empty()) shown = {{"D", h.discriminator.back()}, {"G", h.generator.back()}};
  progress_.step(training_.done(), std::move(shown));
  log_what_is_new(losses, looks);
  if (training_.done() % every_ == 0) draw_samples(training_, files_.samples, 8);
  if (training_.finished())
    finish();
  else if (minutes_since(saved_) >= minutes_)
    save();
}

void GanRun::log_what_is_new(std::size_t losses, std::size_t looks) {
  const GanHistory& h = training_.history();
  if (h.generator.size() > losses)
    log_.add(name_, {{"iteration", training_.done()},
                     {"discriminator", h.discriminator.back()},
                     {"generator", h.generator.back()},
                     {"score_real", h.score_real.back()},
                     {"score_fake", h.score_fake.back()},
                     {speed, progress_.images_per_second()}});
  if (looks_of(training_) > looks)
    log_.add(name_, {{"iteration", training_.done()},
                     {"watch_kid", training_.watched()->distance.back()}});
}

void GanRun::save() {
  training_.save(files_.checkpoint, notes_);
  saved_ = Clock::now();
}

void GanRun::finish() {
  progress_.finish();
  draw_samples(training_, files_.samples, 8);
  save();
  training_.save_weights(notes_, files_.generator, files_.discriminator);
  finished_ = true;
}

Interrupted GanRun::stopped() {
  save();
  return Interrupted(title_ + " stopped at iteration " + std::to_string(training_.done()) + " of " +
                     std::to_string(training_.iterations()) +
                     ", its state is saved; the same command goes on from there");
}

bool is_trained(const RunFolder& folder, const std::string& where) {
  return std::filesystem::exists(files_of(folder, where).discriminator);  // written last
}

void run_to_end(GanRun& run) {
  const Stoppable stoppable;
  while (!run.finished()) {
    if (interrupt_requested()) throw run.stopped();
    run.advance();
  }
}

nlohmann::json logged_speed(const RunFolder& folder, const std::string& where) {
  return RunLog(folder).last("gan/" + where, speed);
}

}  // namespace ganymede::study
