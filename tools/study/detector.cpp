#include <ganymede/tools/study/detector.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/quality/pca_residual.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

using Row = std::vector<std::string>;

const char* const found_table = "detector/found.csv";

std::string overlay_path(int number) { return fmt::format("overlays/{:05}.png", number); }
std::string found_image(int number) { return fmt::format("detector/found/{:05}.png", number); }

int learnt_class(const Prepared& data, const Recipe& recipe) {
  return class_named(data.dataset, "detect.train_class", recipe.text("detect.train_class"));
}

double number_in(const Table& table, std::size_t row, int column) {
  const std::string& cell = table.rows[row][std::size_t(column)];
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw DataError(table.place(row) + ": '" + cell +
                    "' is no number; delete the file to search again");
  return value;
}

/// What earlier runs found: the first rows.
std::vector<LatentMatch> found_before(const RunFolder& folder) {
  std::vector<LatentMatch> matches;
  if (!folder.has(found_table)) return matches;
  const Table table = read_table(folder.file(found_table));
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    matches.push_back({number_in(table, i, 0), number_in(table, i, 1), number_in(table, i, 2),
                       int(number_in(table, i, 3))});
  return matches;
}

void keep_found(const RunFolder& folder, const std::vector<LatentMatch>& matches) {
  std::vector<Row> rows;
  for (const LatentMatch& m : matches)
    rows.push_back({fmt::format("{}", m.residual), fmt::format("{}", m.discrimination),
                    fmt::format("{}", m.score), fmt::format("{}", m.steps)});
  write_table(folder.file(found_table), {"residual", "discrimination", "score", "steps"}, rows);
}

SearchSpace space_of(GanTraining& detector, const Recipe& recipe) {
  Gan& gan = detector.gan();
  const GanNetworkOptions& network = gan.options().network;
  return anogan_space(gan.generator(), gan.discriminator(), network.latent,
                      feature_layers(gan.discriminator(), recipe.text("detect.layer"),
                                     discriminator_input(network, 1)));
}

void search(const Prepared& data, const Recipe& recipe, const RunFolder& folder,
            GanTraining& detector, std::uint64_t seed, Detection& to) {
  const LatentSearchOptions o = search_options(recipe);
  const Tensor images = gather_images(resident(data, to.samples).images, {});
  LatentSearch latent(space_of(detector, recipe), o, seed, "detect");
  to.matches = found_before(folder);
  const auto count = std::int64_t(to.samples.size()), steps = std::int64_t(o.steps) * o.restarts;
  auto done = std::int64_t(to.matches.size());
  const Stoppable stoppable;
  Progress progress("searching", count * steps, 0, done * steps);
  for (; done < count; done = std::int64_t(to.matches.size())) {
    const std::int64_t end = std::min<std::int64_t>(count, done + o.batch);
    const auto watch = [&](std::int64_t, int step, double score) {
      if (interrupt_requested())
        throw Interrupted(
            fmt::format("stopped after {} of {} images, which are kept; the same "
                        "command goes on from there",
                        done, count));
      progress.step(done * steps + (end - done) * step, {{"A", score}});
    };
    const LatentMatches found = latent.run(images.slice(done, end), done, watch);
    const std::vector<Image> pictures = to_images(found.images, data.bits);
    for (std::size_t i = 0; i < pictures.size(); ++i)
      write_png(folder.file(found_image(int(done) + int(i))), pictures[i]);
    to.matches.insert(to.matches.end(), found.matches.begin(), found.matches.end());
    keep_found(folder, to.matches);
  }
  progress.finish();
}

std::vector<float> values_of(const Prepared& data, const std::vector<int>& samples) {
  std::vector<Image> images;
  for (int i : samples) images.push_back(data.images.image(i));
  return to_values(images);
}

quality::ImageSet set_of(const Prepared& data, const std::vector<float>& values) {
  const int count = int(values.size() / (std::size_t(data.size) * data.size * data.channels));
  return {values, count, data.size, data.size, data.channels};
}

/// Grey, red where the found image is another: full red from half the range on.
Image overlay(const Image& image, const Image& found) {
  const Image grey = to_bits(to_grey(image), 8), other = to_bits(to_grey(found), 8);
  Image result(grey.height(), grey.width(), 3);
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const double heat = std::min(1.0, std::abs(grey.value(i) - other.value(i)) / 127.5);
    result.set(3 * i, grey.value(i) * (1 - heat) + 255 * heat);
    for (std::size_t c = 1; c < 3; ++c) result.set(3 * i + c, grey.value(i) * (1 - heat));
  }
  return result;
}

}  // namespace

std::vector<double> Detection::scores() const {
  std::vector<double> all;
  for (const LatentMatch& m : matches) all.push_back(m.score);
  return all;
}

std::unique_ptr<GanTraining> train_detector(const Prepared& data, const Recipe& recipe,
                                            const RunFolder& folder, std::uint64_t seed) {
  const int learnt = learnt_class(data, recipe);
  auto training = std::make_unique<GanTraining>(
      detector_options(recipe, data.channels), detector_schedule(recipe),
      resident(data, data.samples(0, Part::train, learnt)), seed, "detector");
  run_training(*training, recipe, folder, "detector",
               "AnoGAN " + data.dataset.classes[std::size_t(learnt)],
               {.recipe = recipe.toml(), .detector = true});
  return training;
}

Detection detect(const Prepared& data, const Recipe& recipe, const RunFolder& folder,
                 GanTraining& detector, std::uint64_t seed) {
  Detection d{.train_class = learnt_class(data, recipe),
              .samples = data.samples(0, Part::test),
              .matches = {},
              .baseline = {},
              .abnormal = {}};
  for (int i : d.samples)
    d.abnormal.push_back(data.dataset.samples[std::size_t(i)].class_index != d.train_class);
  search(data, recipe, folder, detector, seed, d);
  const auto learnt = values_of(data, data.samples(0, Part::train, d.train_class)),
             tested = values_of(data, d.samples);
  const quality::PcaResidual plane(set_of(data, learnt), int(recipe.integer("detect.components")));
  d.baseline = plane(set_of(data, tested));
  return d;
}

nlohmann::ordered_json write_extremes(const RunFolder& folder, const Detection& d) {
  const std::vector<double> scores = d.scores();
  std::vector<int> order = quality::sorted_order(scores);
  const std::size_t most = std::min<std::size_t>(8, order.size());
  nlohmann::ordered_json pictures = nlohmann::ordered_json::array();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::vector<Image> strips;
    for (std::size_t i = 0; i < most; ++i)
      strips.push_back(read_image(folder.file(overlay_path(order[i]))));
    write_png(folder.file("pictures/" + name + ".png"), image_grid(strips, 2));
    pictures.push_back({{"path", "pictures/" + name + ".png"}, {"text", text}});
  };
  write("lowest", "Lowest scores: image, what the generator makes of it, residual");
  std::ranges::reverse(order);
  write("highest", "Highest scores: image, what the generator makes of it, residual");
  return pictures;
}

void write_scores(const Prepared& data, const RunFolder& folder, const Detection& d) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < d.samples.size(); ++i) {
    const Sample& sample = data.dataset.samples[std::size_t(d.samples[i])];
    const LatentMatch& m = d.matches[i];
    const Image image = data.images.image(d.samples[i]),
                found = read_image(folder.file(found_image(int(i))));
    const std::string path = overlay_path(int(i));
    write_png(folder.file(path),
              enlarged(image_grid({to_bits(to_channels(image, 3), 8),
                                   to_bits(to_channels(found, 3), 8), overlay(image, found)},
                                  3),
                       480));
    rows.push_back({sample.path, sample.label, fmt::format("{:.4f}", m.residual),
                    fmt::format("{:.4f}", m.discrimination), fmt::format("{:.4f}", m.score),
                    std::to_string(m.steps), fmt::format("{:.5f}", d.baseline[i]), path});
  }
  write_table(folder.file("scores.csv"),
              {"image", "label", "residual", "discrimination", "score", "steps", "pca", "overlay"},
              rows);
}

}  // namespace ganymede::study
