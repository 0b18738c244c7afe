#include <ganymede/tools/study/detection/encoder_unit.h>

#include <chrono>

#include <fmt/format.h>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>

namespace ganymede::study {

void run_encoder_training(EncoderTraining& training, const Recipe& recipe, const RunFolder& folder,
                          const std::string& file, const std::string& title) {
  using Clock = std::chrono::steady_clock;
  const std::string path = folder.file(file), settings = recipe.toml();
  if (folder.has(file)) training.resume(path);
  if (training.finished()) return;
  const std::chrono::duration<double> between(60 * recipe.number("gan.checkpoint_minutes"));
  const Stoppable stoppable;
  Progress progress(title, training.iterations(), training.encoder().options().batch,
                    training.done());
  Clock::time_point saved = Clock::now();
  while (!training.finished()) {
    if (interrupt_requested()) {
      training.save(path, settings);
      throw Interrupted(
          fmt::format("{} stopped at iteration {} of {}, its state is saved; the same command goes "
                      "on from there",
                      title, training.done(), training.iterations()));
    }
    training.advance();
    const auto& losses = training.history().loss;
    progress.step(training.done(), losses.empty()
                                       ? std::vector<ProgressValue>{}
                                       : std::vector<ProgressValue>{{"loss", losses.back()}});
    if (Clock::now() - saved < between) continue;
    training.save(path, settings);
    saved = Clock::now();
  }
  progress.finish();
  training.save(path, settings);
}

}  // namespace ganymede::study
