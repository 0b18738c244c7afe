#include "sample_run.h"

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/image_audit.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/splitmix.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/run_json.h>

#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

namespace ganymede::test {

namespace {

using namespace quality;
using report::Json;

constexpr int seeds = 3, test_images = 22, side = 32;

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }
double normal(SplitMix64& random) { return normal_quantile(.001 + .998 * uniform(random)); }

TestSamples samples() {
  TestSamples result;
  for (int i = 0; i < test_images; ++i) result.labels.push_back(i % 2);
  return result;
}

std::vector<Predictions> predictions(const TestSamples& test, double signal, std::uint64_t key) {
  std::vector<Predictions> result(seeds);
  for (int s = 0; s < seeds; ++s) {
    SplitMix64 random(key, std::uint64_t(s));
    for (const int label : test.labels)
      result[s].scores.push_back(1 / (1 + std::exp(-signal * (label - .5) - normal(random))));
    result[s].predicted = apply_threshold(result[s].scores, .5, 1, 0);
  }
  return result;
}

Json arm_json(const TestSamples& test, const std::vector<Predictions>& arm) {
  Json json;
  for (const auto metric : reported_metrics(2))
    json[to_string(metric)] = report::metric_json(bootstrap_metric(metric, test, arm));
  Confusion sum;
  for (const auto& one : arm) sum += confusion_matrix(test.labels, one.predicted, 2);
  json["confusion"] = report::confusion_json(sum.counts, 2);
  std::vector<std::vector<RocPoint>> curves;
  for (const auto& one : arm) curves.push_back(roc_curve(one.scores, test.labels, 1));
  json["roc"] = report::roc_json(mean_roc(curves));
  json["threshold"] = .5;
  json["trials"] = 3;
  return json;
}

/// A skull with a bright spot where `bleeding`.
std::vector<float> slice(SplitMix64& random, bool bleeding, double noise) {
  const double a = 10 + 3 * uniform(random), b = 12 + 2 * uniform(random);
  const double x0 = 16 + 4 * normal(random), y0 = 16 + 4 * normal(random);
  const double grey = .25 + .2 * uniform(random), lean = .4 * normal(random);
  std::vector<float> pixels;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double u = x - 15.5 + lean * (y - 15.5) * .3, v = y - 15.5;
      const double r = std::sqrt(u * u / (a * a) + v * v / (b * b));
      double value = r < .88 ? grey + .08 * std::sin(x * .7 + y * .4) : r < 1 ? .95 : 0;
      const double spot = ((x - x0) * (x - x0) + (y - y0) * (y - y0)) / 12;
      if (bleeding && r < .85) value += .45 * std::exp(-spot);
      pixels.push_back(float(value + noise * normal(random) * (r < 1)));
    }
  return pixels;
}

std::vector<float> slices(int count, bool bleeding, double noise, std::uint64_t key) {
  SplitMix64 random(key);
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    const auto one = slice(random, bleeding, noise);
    pixels.insert(pixels.end(), one.begin(), one.end());
  }
  return pixels;
}

ImageSet set_of(const std::vector<float>& pixels) {
  return {pixels, int(pixels.size()) / (side * side), side, side, 1};
}

struct ClassPictures {
  std::vector<float> train, held_out, fakes;
};

ClassPictures class_pictures(bool bleeding) {
  const std::uint64_t key = bleeding ? 100 : 200;
  ClassPictures result{slices(72, bleeding, .03, key),
                       slices(bleeding ? 17 : 110, bleeding, .03, key + 1),
                       slices(72, bleeding, .06, key + 2)};
  for (int i = 0; bleeding && i < side * side; ++i)  // the fourth fake is a copy
    result.fakes[3 * side * side + i] = result.train[9 * side * side + i] + (i % 2 ? .01f : -.01f);
  return result;
}

const std::map<std::string, bool> classes{{"hemorrhage", true}, {"normal <none>", false}};

std::string folder_of(const std::string& name) { return name.substr(0, name.find(' ')); }

Json gan_json(std::uint64_t key) {
  SplitMix64 random(key);
  Json losses{
      {"iteration", Json::array()}, {"generator", Json::array()}, {"discriminator", Json::array()}};
  for (int i = 0; i < 450; ++i) {
    losses["iteration"].push_back(i);
    losses["generator"].push_back(.7 + 1.4 * (1 - std::exp(-i / 90.)) + .25 * normal(random));
    losses["discriminator"].push_back(.35 + .9 * std::exp(-i / 60.) + .06 * normal(random));
  }
  return {{"iterations", 450},
          {"epochs", 100},
          {"images_per_second", 812.4},
          {"parameters", {{"generator", 329601}, {"discriminator", 58945}}},
          {"losses", losses},
          {"frechet",
           {{"fakes", 8.31},
            {"untrained", 41.7},
            {"feature", "resnet50, arm none, validation"},
            {"interval", {7.9, 9.02}},
            {"paper", {{"value", 1.289}, {"d", 768}, {"comparable", false}}},
            {"n", 72},
            {"d", 512}}},
          {"diversity", {{"fakes", .131}, {"reals", .172}}}};
}

Json made_run() {
  const auto test = samples();
  std::map<std::string, std::vector<Predictions>> arms{{"none", predictions(test, .9, 11)},
                                                       {"classic", predictions(test, 1.4, 12)},
                                                       {"gan", predictions(test, 1.1, 13)},
                                                       {"classic+gan", predictions(test, 1.5, 14)}};
  Json run{
      {"verb", "study"}, {"recipe", "headct-dcgan32"}, {"seed", 1}, {"seeds", seeds}, {"folds", 1}};
  run["notes"] = {
      "ResNet-50 trained from scratch: no ImageNet weights are shipped, so these are not the "
      "paper's numbers."};
  for (const auto& [name, predicted] : arms)
    run["arms"][name]["resnet50"] = arm_json(test, predicted);

  VerdictRules rules;
  rules.quick = true;
  const auto difference =
      bootstrap_difference(Metric::auc, test, arms["classic+gan"], arms["classic"]);
  const auto mean = [&](const char* arm) {
    return run["arms"][arm]["resnet50"]["auc"]["mean"].get<double>();
  };
  run["verdict"] = report::verdict_json(
      decide(rules, tested_classes(test, {"normal <none>", "hemorrhage"}),
             {{"resnet50", mean("classic+gan"), mean("classic"), difference}}));
  run["floor"] = {{"statistic", "minimum"},
                  {"higher_is_positive", false},
                  {"development_auc", .81},
                  {"auc", .78},
                  {"interval", {.58, .97}}};

  run["data"] = {{"path", "data/head-ct <b>&\"quoted\"</b>"},
                 {"layout", "head-ct-hemorrhage"},
                 {"classes", {"normal <none>", "hemorrhage"}},
                 {"positive", "hemorrhage"},
                 {"images", 200},
                 {"patients", 197},
                 {"skipped", {{{"file", "head_ct/.DS_Store"}, {"reason", "a dot-file"}}}}};
  const auto part = [](int each) {
    return Json{{"train", each == 0 ? 144 : 72},
                {"validation", each == 0 ? 34 : 17},
                {"test", each == 0 ? 22 : 11}};
  };
  run["split"] = part(0);
  run["split"]["by_class"] = {{"normal <none>", part(1)}, {"hemorrhage", part(1)}};
  run["split"]["duplicates"] = {
      {{"images", {"188", "189"}}, {"kind", "identical pixels"}, {"part", "train"}},
      {{"images", {"198", "199"}},
       {"kind", "nearly identical (correlation .994)"},
       {"part", "train"}},
      {{"images", {"011", "061"}},
       {"kind", "nearly identical (correlation .989)"},
       {"part", "test"}}};

  for (const auto& [name, bleeding] : classes) {
    const auto pictures = class_pictures(bleeding);
    const auto folder = "synthetic/" + folder_of(name) + "/";
    run["gan"][name] = gan_json(bleeding);
    run["synthetic"][name] = {
        {"made", 80},
        {"kept", 72},
        {"rejected", 8},
        {"reasons", {{"near-identical to a training image", 1}, {"taken for the other class", 7}}},
        {"real", folder + "real.png"},
        {"grid", folder + "grid.png"},
        {"nearest", folder + "nearest.png"},
        {"rejected_grid", folder + "rejected.png"}};
    const auto gradients = gradient_features({side, side, 1});
    run["audit"][name] =
        report::audit_json(audit_images(*gradients, set_of(pictures.fakes), set_of(pictures.train),
                                        set_of(pictures.held_out)),
                           gradients->info().name);
    run["audit"][name]["pairs"] = folder + "nearest.png";
  }
  run["quick"] = {{"on", true},
                  {"changed",
                   {{{"key", "gan.width"}, {"old", 128}, {"new", 32}},
                    {{"key", "gan.epochs"}, {"old", 2500}, {"new", 100}},
                    {{"key", "classifier.input"}, {"old", 128}, {"new", 32}}}}};
  run["settings"] = {{"data", {{"size", 32}, {"channels", 1}, {"duplicates", "group"}}},
                     {"gan",
                      {{"model", "dcgan32"},
                       {"latent", 100},
                       {"batch", 16},
                       {"learning_rate", 2e-4},
                       {"beta1", .5}}},
                     {"classic", {{"rotation", 40.}, {"strengths", {.5, 1., 1.5}}}},
                     {"classifier", {{"networks", {"resnet50"}}, {"steps", 1600}}},
                     {"study", {{"metric", "auc"}}}};
  run["timing"] = {{"gan", {{"hemorrhage", 74.2}, {"normal <none>", 71.9}}},
                   {"classifiers", 251.},
                   {"report", .4},
                   {"total", 402.7}};
  run["versions"] = {{"ganymede", "0.1.0"}, {"compiler", "g++ 12.2"}, {"oneDNN", "2.6.3"}};
  return run;
}

}  // namespace

Json sample_run() {
  static const Json run = made_run();  // some seconds of bootstrap, once
  return run;
}

namespace {

std::vector<Image> images_of(const std::vector<float>& pixels, const std::vector<int>& chosen) {
  std::vector<Image> images;
  for (const int i : chosen)
    images.push_back(from_float(pixels.data() + std::size_t(i) * side * side, side, side, 1));
  return images;
}

std::vector<int> first(int count) {
  std::vector<int> indices;
  for (int i = 0; i < count; ++i) indices.push_back(i);
  return indices;
}

}  // namespace

void write_sample_run(const std::filesystem::path& folder) {
  for (const auto& [name, bleeding] : classes) {
    const auto pictures = class_pictures(bleeding);
    const auto out = folder / "synthetic" / folder_of(name);
    make_folder(out.string());
    std::vector<int> nearest;
    for (const auto& n : nearest_images(set_of(pictures.fakes), set_of(pictures.train)))
      nearest.push_back(n.index);
    nearest.resize(24);
    const auto fakes = images_of(pictures.fakes, first(24));
    write_png((out / "real.png").string(), image_grid(images_of(pictures.train, first(32)), 8));
    write_png((out / "grid.png").string(), image_grid(images_of(pictures.fakes, first(32)), 8));
    write_png((out / "nearest.png").string(),
              report::paired_grid(fakes, images_of(pictures.train, nearest), 8));
    write_png((out / "rejected.png").string(),
              image_grid(images_of(pictures.fakes, {60, 61, 62, 63, 64, 65, 66, 67}), 8));
  }
  write_file((folder / "run.json").string(), sample_run().dump(1));
}

}  // namespace ganymede::test
