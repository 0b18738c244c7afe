#include <ganymede/tools/score/table.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::score {
namespace {

using Json = nlohmann::ordered_json;

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("  {:<22}{}\n", name, value);
}

std::string number(const Json& value) {
  return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : "-";
}

/// One draw of all images has no spread between subsets.
std::string kid_text(const Json& k) {
  const int subsets = k["subsets"].get<int>(), size = k["subset_size"].get<int>();
  return fmt::format(
      "{} (standard error {}; {})", number(k["value"]), number(k["standard_error"]),
      subsets == 1 ? fmt::format("all {} of both", size)
                   : fmt::format("sd {} between {} subsets of {}", number(k["sd"]), subsets, size));
}

std::string features_text(const Json& f) {
  std::string text =
      fmt::format("{}, {} dims, resize {}; n = {} fakes, {} reals\n", f["name"].get<std::string>(),
                  f["dims"].get<int>(), f["resize"].get<std::string>(), f["fake"].get<int>(),
                  f["real"].get<int>());
  const auto reason = [](const Json& part) {
    return "not given: " + part["reason"].get<std::string>();
  };
  const Json &d = f["frechet"], &k = f["kid"];
  text += line(f["distance_name"].get<std::string>(),
               d.contains("reason") ? reason(d) : d["in_words"].get<std::string>());
  if (d.contains("gpu") && !d["gpu"]["refusal"].is_null())
    text += line("", "not on the GPU: " + d["gpu"]["refusal"].get<std::string>());
  text += line("KID", k.contains("reason") ? reason(k) : kid_text(k));
  const auto pair = [&](const char* key, const char* first, const char* second) {
    if (f.contains(key))
      text += line(fmt::format("{}, {}", first, second),
                   number(f[key][first]) + ", " + number(f[key][second]));
  };
  pair("precision_recall", "precision", "recall");
  pair("density_coverage", "density", "coverage");
  return text;
}

std::string both_sides(const std::string& name, const Json& part) {
  if (part.is_null()) return {};
  const auto value = [](const Json& side) {
    return number(side.is_object() ? side["value"] : side);
  };
  return line(name, fmt::format("fakes {}, reals {}", value(part["fake"]), value(part["real"])));
}

std::string window_text(const Json& window) {
  const std::string run = window["run"];
  return fmt::format("DICOM through the window '{}'{}\n", window["name"].get<std::string>(),
                     run.empty() ? "" : ", as the run in " + run);
}

}  // namespace

std::string table_text(const Json& run) {
  const Json& scores = run["scores"];
  std::string text = run.contains("window") ? window_text(run["window"]) : "";
  for (const Json& f : scores["features"]) text += features_text(f);
  text += "among the images of a side (mean over pairs)\n";
  const Json& d = scores["diversity"];
  text += both_sides("L1", d["l1"]) + both_sides("SSIM", d["ssim"]);
  if (!d["ms_ssim"].is_null())
    text += both_sides(fmt::format("MS-SSIM ({} scales)", d["ms_ssim"]["scales"].get<int>()),
                       d["ms_ssim"]);
  if (scores.contains("classifier")) {
    text +=
        "Inception-like score of " + scores["classifier"]["classifier"].get<std::string>() + "\n";
    text += both_sides("exp mean KL", scores["classifier"]);
  }
  if (!run.contains("audit")) return text;
  const Json& audit = run["audit"]["fakes"];
  text += fmt::format("memorisation, against {}{}\n", run.contains("train") ? "" : "the reals in ",
                      scores["audited_against"].get<std::string>());
  return text + "  " + audit["sentence"].get<std::string>() + "\n";  // it begins with the verdict
}

}  // namespace ganymede::score
