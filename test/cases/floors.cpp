// The house's walls: who may include whom, and what no library source may contain.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "test/places.h"

namespace {

namespace fs = std::filesystem;

const fs::path root = ganymede::test::source_folder();

/// Which floors a floor may include.
const std::map<std::string, std::string> allowed{{"kernels", "kernels"},
                                                 {"engine", "kernels engine"},
                                                 {"data", "kernels data"},
                                                 {"models", "kernels engine data models"},
                                                 {"tools", "kernels engine data models tools"}};

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The text without comments and string literals, so that prose cannot break a rule.
std::string code_of(const std::string& text) {
  static const std::regex noise(R"(//[^\n]*|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+')");
  std::string code = std::regex_replace(text, noise, "");
  for (std::size_t at; (at = code.find("/*")) != std::string::npos;) {
    const std::size_t end = code.find("*/", at);
    code.erase(at, end == std::string::npos ? end : end + 2 - at);
  }
  return code;
}

void for_sources(const std::string& floor,
                 const std::function<void(const fs::path&, const std::string&)>& f) {
  for (const auto& entry : fs::recursive_directory_iterator(root / floor)) {
    const std::string suffix = entry.path().extension();
    if (suffix != ".h" && suffix != ".cpp" && suffix != ".cu" && suffix != ".cuh") continue;
    f(fs::relative(entry.path(), root), text_of(entry.path()));
  }
}

std::vector<std::string> includes_of(const std::string& text) {
  static const std::regex line(R"(#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it)
    found.push_back((*it)[1]);
  return found;
}

bool in_folder(const fs::path& file, const std::string& folder) {
  return file.generic_string().starts_with(folder + "/");
}

void forbid(const fs::path& file, const std::string& code, const std::string& pattern,
            const char* instead) {
  std::smatch found;
  if (std::regex_search(code, found, std::regex(pattern)))
    FAIL_CHECK(file.string() << " contains '" << found.str() << "': " << instead);
}

}  // namespace

TEST_CASE("floors: a file includes only from its own floor or below", "[floors]") {
  static const std::regex ours("ganymede/([a-z]+)/.*");
  for (const auto& floor_and_below : allowed) {
    const std::string &floor = floor_and_below.first, &below = floor_and_below.second;
    for_sources(floor, [&](const fs::path& file, const std::string& text) {
      for (const std::string& include : includes_of(text)) {
        std::smatch match;
        if (!std::regex_match(include, match, ours) || !allowed.contains(match[1])) continue;
        const std::string target = match[1];
        if ((" " + below + " ").find(" " + target + " ") == std::string::npos)
          FAIL_CHECK(file.string() << " includes <" << include << ">, a floor it must not know");
      }
    });
  }
  SUCCEED();
}

namespace {

bool is_public_header(const fs::path& file) {
  return file.extension() == ".h" && !in_folder(file, "kernels/cuda") &&
         !in_folder(file, "kernels/cpu") && !in_folder(file, "kernels/simt") &&
         !in_folder(file, "kernels/vendor");
}

/// A header that says so itself; no other header may include it.
bool is_private(const std::string& text) {
  return text.find("For .cpp files only") != std::string::npos;
}

}  // namespace

TEST_CASE("floors: public headers carry no foreign types", "[floors]") {
  const std::regex foreign("(cuda|dnnl|oneapi|Eigen|hdf5|H5|nlohmann|toml|CLI|gdcm|stb).*");
  for (const std::string floor : {"kernels", "engine", "data", "models"})
    for_sources(floor, [&](const fs::path& file, const std::string& text) {
      if (!is_public_header(file)) return;
      for (const std::string& include : includes_of(text)) {
        const bool leads_out = std::regex_match(include, foreign) && !is_private(text);
        const fs::path ours = root / fs::path(include).lexically_relative("ganymede");
        const bool to_private = include.starts_with("ganymede/") && is_private(text_of(ours));
        if (leads_out || to_private)
          FAIL_CHECK(file.string() << " includes <" << include << ">: keep it in a .cpp");
      }
    });
  SUCCEED();
}

namespace {

/// Headers for the library's own files. Beside them the drawings of phantoms and the layouts of
/// data sets, which are found by folder.
const std::map<std::string, std::string> own_by_floor{
    {"kernels",
     "displacement file pool_state runtime sanitizer ssim_window staging stream_state stride_phase "
     "system_memory upsampling_weights winograd_matrices winograd_plan"},
    {"engine",
     "checkpoint_file checkpoint_keras checkpoint_sections h5_file h5_handle hash node ops/check "
     "ops/composite"},
    {"data",
     "allocate broken deal dicom_codec dicom_elements dicom_set image_index image_structure "
     "parallel png_parts private_names text"},
    {"models",
     "backbone feature_pixels inception_blocks layer_chain recipe_files quality/dense quality/join "
     "quality/kernel_matrix quality/memorisation_judge quality/nuclear_norm quality/polar "
     "quality/resample_units quality/resampled_frechet quality/splitmix"}};

std::set<std::string> own_headers() {
  std::set<std::string> headers;
  for (const auto& [floor, names] : own_by_floor) {
    std::istringstream words(names);
    for (std::string name; words >> name;) headers.insert(floor + "/" + name + ".h");
  }
  return headers;
}

/// The header and every one of ours that it leads to, as "engine/var.h".
std::set<std::string> reached_from(const std::string& header) {
  std::set<std::string> reached{header};
  std::vector<std::string> pending{header};
  while (!pending.empty()) {
    const std::string text = text_of(root / pending.back());
    pending.pop_back();
    for (const std::string& include : includes_of(text))
      if (include.starts_with("ganymede/") && include != "ganymede/config.h") {
        const std::string next = include.substr(std::string("ganymede/").size());
        if (reached.insert(next).second) pending.push_back(next);
      }
  }
  return reached;
}

}  // namespace

TEST_CASE("floors: ganymede.h is the whole public interface", "[floors]") {
  const std::set<std::string> reached = reached_from("models/ganymede.h"), own = own_headers();
  for (const std::string& header : reached)
    if (own.contains(header) || !is_public_header(header))
      FAIL_CHECK(header << " is installed, as models/ganymede.h leads to it: keep it in a .cpp");
  for (const std::string& header : own)
    if (!fs::exists(root / header)) FAIL_CHECK(header << " is gone: take it out of own_by_floor");
  for (const std::string floor : {"kernels", "engine", "data", "models"})
    for_sources(floor, [&](const fs::path& file, const std::string&) {
      const std::string header = file.generic_string();
      if (!is_public_header(file) || reached.contains(header) || own.contains(header)) return;
      if (in_folder(file, "data/phantom") || in_folder(file, "data/layouts")) return;
      FAIL_CHECK(header << " is not reached from models/ganymede.h, hence not installed: include "
                           "it there, or name it in own_by_floor");
    });
  SUCCEED();
}

TEST_CASE("floors: the library neither prints nor exits", "[floors]") {
  for (const std::string floor : {"kernels", "engine", "data", "models"})
    for_sources(floor, [](const fs::path& file, const std::string& text) {
      const std::string code = code_of(text);
      forbid(file, code, R"((^|[^_\w.>])(exit|abort|_Exit|quick_exit|terminate)\s*\()",
             "throw instead");
      forbid(file, code, R"(\bstd::(cout|cerr|clog)\b)", "the tools print");
      forbid(file, code, R"((^|[^_\w])f?printf\s*\(|fmt::print|\bputs\s*\()", "the tools print");
    });
  SUCCEED();
}

TEST_CASE("floors: kernels are launched and share memory by the house's rules", "[floors]") {
  for_sources("kernels", [](const fs::path& file, const std::string& text) {
    const std::string code = code_of(text);
    const std::string name = file.filename();
    if (in_folder(file, "kernels/simt")) return;
    forbid(file, code, "<<<", "use launch()");
    if (name != "launch.cuh") forbid(file, code, "__shared__", "use shared_memory<Shared>()");
    if (!name.starts_with("primitives"))
      forbid(file, code, R"(\b(asm|__asm__)\b)", "PTX belongs into primitives*.cuh");
    forbid(file, code, R"(\batomicAdd\s*\(\s*\(?\s*float)", "no float atomics: fixed order");
  });
  SUCCEED();
}
