#include <ganymede/tools/study/gan_unit.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <nlohmann/json.hpp>

#include <ganymede/models/pixels.h>
#include <ganymede/models/settings.h>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/run_log.h>
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

}  // namespace

GanFiles run_training(GanTraining& training, const Recipe& recipe, const RunFolder& folder,
                      const std::string& where, const std::string& title, const GanNotes& notes) {
  const GanFiles files = files_of(folder, where);
  if (std::filesystem::exists(files.checkpoint)) training.resume(files.checkpoint);
  if (training.finished() && std::filesystem::exists(files.discriminator)) return files;
  const double minutes = recipe.number("gan.checkpoint_minutes");
  const std::int64_t every = recipe.integer("gan.sample_every");
  Gan& gan = training.gan();
  const GanHistory& h = training.history();
  const RunLog log(folder);
  const Stoppable stoppable;
  Progress progress(title, training.iterations(), gan.options().batch, training.done());
  Clock::time_point saved = Clock::now();
  while (!training.finished()) {
    if (interrupt_requested()) {
      training.save(files.checkpoint, notes);
      throw Interrupted(title + " stopped at iteration " + std::to_string(training.done()) +
                        " of " + std::to_string(training.iterations()) +
                        ", its state is saved; the same command goes on from there");
    }
    const std::size_t logged = h.generator.size(), looks = looks_of(training);
    training.advance();
    progress.step(training.done(), h.generator.empty()
                                       ? std::vector<ProgressValue>{}
                                       : std::vector<ProgressValue>{{"D", h.discriminator.back()},
                                                                    {"G", h.generator.back()}});
    if (h.generator.size() > logged)
      log.add("gan/" + where, {{"iteration", training.done()},
                               {"discriminator", h.discriminator.back()},
                               {"generator", h.generator.back()},
                               {"score_real", h.score_real.back()},
                               {"score_fake", h.score_fake.back()},
                               {speed, progress.images_per_second()}});
    if (looks_of(training) > looks)
      log.add("gan/" + where,
              {{"iteration", training.done()}, {"watch_kid", training.watched()->distance.back()}});
    if (training.done() % every == 0) draw_samples(training, files.samples, 8);
    if (minutes_since(saved) < minutes) continue;
    training.save(files.checkpoint, notes);
    saved = Clock::now();
  }
  progress.finish();
  draw_samples(training, files.samples, 8);
  training.save(files.checkpoint, notes);
  training.save_weights(notes, files.generator, files.discriminator);
  return files;
}

nlohmann::json logged_speed(const RunFolder& folder, const std::string& where) {
  return RunLog(folder).last("gan/" + where, speed);
}

std::string gan_place(const Unit& unit, const GanJob& job) { return job.folder + "/" + unit.name; }

std::unique_ptr<GanTraining> untrained_gan(const Context& c, const Unit& unit, const GanJob& job) {
  const int classes = job.conditional ? c.data.classes() : 0;
  return std::make_unique<GanTraining>(
      gan_options(c.recipe, c.data.channels, classes), gan_schedule(c.recipe),
      resident(c.data, training_samples(c, unit.fold, job)), unit.seed, job.path);
}

std::unique_ptr<GanTraining> train_gan(const Context& c, const Unit& unit, const GanJob& job) {
  auto training = untrained_gan(c, unit, job);
  start_watch(*training, c.recipe, held_out_of(c, unit.fold, job), unit.seed);
  run_training(*training, c.recipe, *c.folder, gan_place(unit, job),
               unit.name + ", gan " + job.name,
               {.recipe = c.recipe.toml(),
                .classes = job.conditional ? c.data.dataset.classes : std::vector<std::string>{}});
  return training;
}

}  // namespace ganymede::study
