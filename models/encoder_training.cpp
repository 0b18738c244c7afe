#include <ganymede/models/encoder_training.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

struct NamedSeries {
  const char* name;
  std::vector<float> EncoderHistory::*member;
};
constexpr NamedSeries series[] = {{"iteration", &EncoderHistory::iteration},
                                  {"loss", &EncoderHistory::loss},
                                  {"loss_pixels", &EncoderHistory::pixels},
                                  {"loss_features", &EncoderHistory::features}};

void require_same(const std::string& path, const char* what, std::int64_t in_file,
                  std::int64_t here) {
  if (in_file != here)
    throw FormatError("checkpoint '" + path + "': the encoder was trained with " + what + " " +
                      std::to_string(in_file) + ", here it is " + std::to_string(here) +
                      "; give the same or another --out");
}

}  // namespace

EncoderTraining::EncoderTraining(SearchSpace space, const LatentEncoderOptions& options,
                                 ResidentSet images, std::uint64_t seed, const std::string& path)
    : encoder_(std::move(space), options, seed, path),
      data_(std::move(images)),
      index_({options.batch}, DType::i32),
      order_(data_.images.shape()[0], seed, path + "/order"),
      seed_(seed),
      log_every_(std::max(1, options.steps / 500)),
      path_(path) {}

void EncoderTraining::advance() {
  index_.assign(order_.batch(done_, encoder_.options().batch));
  encoder_.step(gather_images(data_.images, index_));
  ++done_;
  if (done_ % log_every_ == 0 || finished()) log();
}

void EncoderTraining::log() {
  const EncoderLosses now = encoder_.losses();
  if (!std::isfinite(now.loss))
    throw Error("encoder '" + path_ + "': the loss is no longer finite at iteration " +
                std::to_string(done_) +
                "; lower detect.encoder_rate, and see that the generator's images are finite");
  history_.iteration.push_back(float(done_));
  history_.loss.push_back(now.loss);
  history_.pixels.push_back(now.pixels);
  history_.features.push_back(now.features);
}

void EncoderTraining::save(const std::string& path, const std::string& recipe) {
  CheckpointWriter writer;
  writer.add_network("encoder", encoder_.network(),
                     discriminator_input(encoder_.options().network, 1));
  writer.add_optimizer("encoder", encoder_.optimizer());
  writer.add_counter("iteration", done_);
  writer.add_counter("images", data_.images.shape()[0]);
  writer.add_counter("seed", std::bit_cast<std::int64_t>(seed_));
  writer.add_counter("channels", encoder_.options().network.channels);
  writer.add_text("recipe", recipe);
  writer.add_text("path", path_);
  for (const NamedSeries& s : series) writer.add_series(s.name, history_.*s.member);
  writer.add_series("loss_sums", encoder_.loss_sums());
  std::move(writer).save(path);
}

void EncoderTraining::resume(const std::string& path) {
  const CheckpointReader reader(path);
  require_same(path, "a number of images of", reader.counter("images"), data_.images.shape()[0]);
  require_same(path, "seed", reader.counter("seed"), std::bit_cast<std::int64_t>(seed_));
  reader.load_network("encoder", encoder_.network());
  reader.load_optimizer("encoder", encoder_.optimizer());
  done_ = reader.counter("iteration");
  for (const NamedSeries& s : series) history_.*s.member = reader.series(s.name);
  encoder_.restore_loss_sums(reader.series("loss_sums"));
}

}  // namespace ganymede
