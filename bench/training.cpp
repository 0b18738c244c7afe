// bench/training: whole training steps of each recipe's GAN, detector and classifiers, and the sum
// of their convolutions timed alone in the same run.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>

#include "compare.h"
#include "program.h"
#include "steps.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;

struct Options {
  CommonOptions common;
  StepOptions steps;
  std::string what = "gan", filter;
  std::vector<std::string> set;
};

void time_recipe(Stream& stream, const Recipe& recipe, const Options& o, nlohmann::json& results) {
  const auto wanted = [&](const std::string& kind, const std::string& name) {
    return (o.what == "all" || o.what == kind) && name.find(o.filter) != std::string::npos;
  };
  const auto add = [&](nlohmann::json timed) {
    if (!o.set.empty()) timed["set"] = fmt::format("{}", fmt::join(o.set, " "));
    results.push_back(std::move(timed));
  };
  const auto gan = [&](const std::string& kind, BenchGan subject) {
    if (wanted(kind, subject.name)) add(time_gan(stream, std::move(subject), o.steps));
  };
  gan("gan", gan_of(recipe, o.steps.classes));
  if (has_detector(recipe)) gan("detector", detector_of(recipe));
  for (const std::string& network : recipe.texts("classifier.networks"))
    if (wanted("classifiers", recipe.name() + "/" + network))
      add(time_classifier(stream, recipe, network, o.steps));
}

/// What --vendor asks for must be there before anything is timed.
void require_vendor(const std::vector<Stream>& streams) {
  for (const Stream& stream : streams) {
    const DeviceKind kind = stream.device().kind;
    if (stream.kernels() == KernelSource::vendor)
      throw SettingError("--vendor: with --kernels vendor there is nothing of ours beside it");
    if (const std::string missing = why_no_vendor_kernels(kind); !missing.empty())
      throw SettingError("--vendor: " + missing);
    if (kind == DeviceKind::cuda && stream.math_mode() == MathMode::bf16)
      throw SettingError("--vendor: cuDNN has no bf16 convolutions of f32 tensors; --math tf32");
  }
}

void run(const Options& o) {
  const nlohmann::json before = earlier_numbers(o.common);
  nlohmann::json j{{"version", GANYMEDE_VERSION}, {"onednn", bool(GANYMEDE_ONEDNN)}};
  j["results"] = nlohmann::json::array();
  std::vector<Stream> streams = streams_of(o.common);
  if (o.steps.vendor) require_vendor(streams);
  for (Stream& stream : streams)
    for (const RecipeSummary& summary : Recipe::list()) {
      Recipe recipe = Recipe::shipped(summary.name);
      for (const std::string& assignment : o.set) recipe.set(assignment);
      time_recipe(stream, recipe, o, j["results"]);
    }
  if (j["results"].empty())
    throw SettingError("--what " + o.what + " --filter '" + o.filter + "': no recipe has that");
  finish_numbers(o.common, before, j);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times whole training steps of each recipe's GAN, detector and classifiers.",
               "training"};
  declare(app, o.common);
  app.add_option("--what", o.what,
                 "gan (default), detector (the AnoGAN that searches images), classifiers or all")
      ->check(CLI::IsMember({"gan", "detector", "classifiers", "all"}));
  app.add_option("--filter", o.filter,
                 "only what contains this text: a recipe's name, RECIPE/NETWORK of a classifier, "
                 "RECIPE/anogan of a detector");
  app.add_option("--set", o.set, "key=value of every recipe, such as gan.clip=0")
      ->type_size(1)
      ->allow_extra_args(false);
  app.add_option("--batch", o.steps.batch, "images per batch (default: the recipe's)")
      ->check(CLI::Range(2, 4096));
  app.add_option("--classes", o.steps.classes,
                 "that the classifiers tell apart and conditional GANs are told")
      ->check(CLI::Range(2, 1000));
  app.add_option("--rounds", o.steps.rounds, "samples; the median counts")
      ->check(CLI::Range(1, 1000));
  app.add_option("--steps", o.steps.steps, "steps per sample")->check(CLI::Range(1, 100000));
  auto* parts = app.add_flag("!--no-parts", o.steps.parts, "leave the convolutions alone out");
  app.add_flag("--vendor", o.steps.vendor,
               "time the convolutions alone by the vendor's kernels too (cuda: cuDNN; cpu: oneDNN)")
      ->excludes(parts);
  app.footer("Example: OMP_NUM_THREADS=2 training --what all --filter retina --json out.json");
  return run_program(app, argc, argv, [&] { run(o); });
}
