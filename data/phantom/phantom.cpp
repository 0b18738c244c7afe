#include <ganymede/data/phantom/phantom.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <span>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/data/phantom/chest_xray.h>
#include <ganymede/data/phantom/fundus.h>
#include <ganymede/data/phantom/head_ct.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede {
namespace {

struct Kind {
  const char* name;
  std::vector<std::string> classes;
  Phantom (*make)(const PhantomOptions&, int label, int index);
  /// Names the patient of an image; null where every image has one of its own.
  std::string (*patient)(int label, int index);
  const char* note;
};

const Kind& kind_of(const std::string& name) {
  static const std::array kinds{
      Kind{"head-ct",
           {"normal", "hemorrhage"},
           phantom::make_head_ct,
           nullptr,
           "a phantom: procedural images, every image a patient of its own"},
      Kind{"chest-xray",
           {"normal", "pneumonia"},
           phantom::make_chest_xray,
           phantom::chest_patient,
           "a phantom: procedural images, one to three of each patient"},
      Kind{"fundus",
           {"0", "1", "2", "3", "4"},
           phantom::make_fundus,
           phantom::fundus_person,
           "a phantom: procedural images, two of each patient"}};
  for (const Kind& kind : kinds)
    if (name == kind.name) return kind;
  std::vector<std::string> known;
  for (const Kind& kind : kinds) known.emplace_back(kind.name);
  throw SettingError(fmt::format("phantom:{}: no such phantom{}there are {}", name,
                                 did_you_mean(name, known), joined(known, ", ")));
}

double number_in(const std::string& key, const std::string& text, double low, double high) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end || !(value >= low && value <= high))
    throw SettingError(
        fmt::format("phantom: {} = '{}', expected a number from {} to {}", key, text, low, high));
  return value;
}

std::uint64_t seed_in(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    throw SettingError(fmt::format("phantom: seed = '{}', expected a whole number", text));
  return seed;
}

bool flag_in(const std::string& key, const std::string& text) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  throw SettingError(fmt::format("phantom: {} = '{}', expected true or false", key, text));
}

void set_option(PhantomOptions& options, const std::string& key, const std::string& text) {
  if (key == "n") {
    options.per_class = static_cast<int>(number_in(key, text, 1, 100000));
  } else if (key == "size") {
    options.size = static_cast<int>(number_in(key, text, 32, 2048));
  } else if (key == "difficulty") {
    options.difficulty = number_in(key, text, 0.25, 8);
  } else if (key == "seed") {
    options.seed = seed_in(text);
  } else if (key == "shuffle_labels") {
    options.shuffle_labels = flag_in(key, text);
  } else {
    static const std::vector<std::string> known{"n", "size", "seed", "difficulty",
                                                "shuffle_labels"};
    throw SettingError(fmt::format("phantom: unknown key '{}'{}there are {}", key,
                                   did_you_mean(key, known), joined(known, ", ")));
  }
}

/// Exchanges labels among the samples; the images stay.
void shuffle_labels(Dataset& dataset, std::uint64_t seed) {
  std::vector<int> labels;
  for (const Sample& sample : dataset.samples) labels.push_back(sample.class_index);
  HostRng rng(seed, "phantom/shuffle_labels");
  rng.shuffle(std::span<int>(labels));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    dataset.samples[i].class_index = labels[i];
    dataset.samples[i].label = dataset.classes[labels[i]];
  }
}

}  // namespace

bool is_phantom(const std::string& path) { return path.starts_with("phantom:"); }

PhantomOptions parse_phantom(const std::string& path) {
  PhantomOptions options;
  std::string rest = path.substr(std::string("phantom:").size());
  const std::size_t question = rest.find('?');
  options.kind = rest.substr(0, question);
  kind_of(options.kind);
  rest = question == std::string::npos ? "" : rest.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    set_option(options, pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    rest = rest.substr(std::min(end + 1, rest.size()));
  }
  return options;
}

std::string path_of(const PhantomOptions& options) {
  return fmt::format("phantom:{}?n={}&size={}&seed={}&difficulty={}&shuffle_labels={}",
                     options.kind, options.per_class, options.size, options.seed,
                     options.difficulty, options.shuffle_labels ? 1 : 0);
}

Phantom make_phantom(const PhantomOptions& options, int label, int index) {
  return kind_of(options.kind).make(options, label, index);
}

std::vector<std::string> phantom_classes(const std::string& kind) { return kind_of(kind).classes; }

Dataset open_phantom(const std::string& path) {
  const PhantomOptions options = parse_phantom(path);
  const Kind& kind = kind_of(options.kind);
  Dataset dataset;
  dataset.root = path;
  dataset.layout = "phantom";
  dataset.classes = kind.classes;
  const int classes = static_cast<int>(kind.classes.size());
  dataset.samples.resize(std::size_t{1} * classes * options.per_class);
  parallel_for(dataset.samples.size(), [&](std::size_t i) {
    const int label = static_cast<int>(i) % classes, index = static_cast<int>(i) / classes;
    const auto image = std::make_shared<const Image>(make_phantom(options, label, index).image);
    Sample& sample = dataset.samples[i];
    sample.path = fmt::format("{}/{:05}.png", options.kind, i);
    sample.class_index = label;
    sample.label = dataset.classes[label];
    if (kind.patient) sample.patient = kind.patient(label, index);
    sample.header = {image->height(), image->width(), image->channels(), image->bits()};
    sample.memory = image;
  });
  if (options.shuffle_labels) shuffle_labels(dataset, options.seed);
  dataset.notes.push_back(kind.note);
  if (options.shuffle_labels)
    dataset.notes.push_back("labels are shuffled: no classifier can do better than chance");
  return dataset;
}

}  // namespace ganymede
