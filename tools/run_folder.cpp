#include <ganymede/tools/run_folder.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/models/recipe_text.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;
constexpr const char* settings_file = "run.toml";
constexpr const char* lock_file = ".lock";

std::string comment_of(const RunSetting& setting) {
  std::string words = setting.in_words;
  const bool is_text = is_utf8(words);
  for (char& c : words)
    if (std::iscntrl(static_cast<unsigned char>(c)) || (!is_text && (c & 0x80) != 0))
      c = '?';  // a comment ends with its line, and the file is UTF-8
  return words.empty() ? "" : "  # " + words;
}

std::string settings_text(const Recipe& recipe, const std::vector<RunSetting>& settings) {
  std::string text = recipe.toml() + "\n[run]\n";
  for (const RunSetting& setting : settings)
    text += fmt::format("{} = {}{}\n", setting.name, to_toml(RecipeValue(setting.value)),
                        comment_of(setting));
  const Stream& stream = current_stream();
  // What is as it always was is not named, so that older folders go on. Arms that are compared are
  // trained on one kind of device.
  if (stream.device().kind == DeviceKind::cuda) text += "device = \"cuda\"\n";
  if (stream.math_mode() != default_math_mode(stream.device()))
    text += fmt::format("math = {}\n",
                        to_toml(RecipeValue(std::string(kernels::name_of(stream.math_mode())))));
  if (stream.kernels() != KernelSource::own)
    text += fmt::format("kernels = {}\n",
                        to_toml(RecipeValue(std::string(to_string(stream.kernels())))));
  if (const auto table = kernels::kernel_table(stream))
    text += fmt::format("kernel_table = {}\n", to_toml(RecipeValue(table->sha256)));
  return text;
}

/// Not the texts about the recipe, nor what --quick would have changed.
bool is_setting(const std::string& key) {
  return key.find('.') != std::string::npos && !key.starts_with("quick.");
}

struct SettingText {
  std::string value, in_words;
};
using SettingTexts = std::map<std::string, SettingText>;

SettingTexts values_of(const std::string& text, const std::string& place) {
  SettingTexts values;
  for (const RecipeLine& line : read_recipe_text(text, place))
    if (is_setting(line.key))
      values[line.key] = {to_toml(line.value), line.key.starts_with("run.") ? line.comment : ""};
  return values;
}

/// A fingerprint tells a person nothing, but what was noted beside it does.
std::string changed_data(const std::string& begun, const SettingText& there,
                         const SettingText& here) {
  if (there.in_words == here.in_words)
    return begun + fmt::format(": {} then and now, but pixels, labels, patients or parts differ",
                               here.in_words);
  if (there.in_words.empty()) return begun + fmt::format(": {} now", here.in_words);
  return begun + fmt::format(": {} then, {} now", there.in_words, here.in_words);
}

/// The settings that are fingerprints, and what to say where one differs.
const std::map<std::string, std::string> fingerprints{
    {"run.data", "the data is not the one that this run was begun with (run.data)"},
    {"run.inputs", "the inputs are not the ones that this run was begun with (run.inputs)"}};

std::vector<std::string> differences(const SettingTexts& there, const SettingTexts& here) {
  std::vector<std::string> found;
  const auto setting = [](const SettingTexts& values, const std::string& key) {
    const auto entry = values.find(key);
    return entry == values.end() ? SettingText{"not set", ""} : entry->second;
  };
  SettingTexts all = there;
  all.insert(here.begin(), here.end());
  for (const auto& [key, any] : all) {
    const SettingText old = setting(there, key), now = setting(here, key);
    if (old.value == now.value) continue;
    const auto begun = fingerprints.find(key);
    found.push_back(begun != fingerprints.end() && !now.in_words.empty()
                        ? changed_data(begun->second, old, now)
                        : fmt::format("{} is {} there and {} here", key, old.value, now.value));
  }
  return found;
}

/// The few that say most, for one forgotten --quick is a difference in twenty keys: first what the
/// command line set ([run]).
std::string summary(std::vector<std::string> found) {
  constexpr std::size_t shown = 6;
  std::stable_partition(found.begin(), found.end(), [](const auto& text) {
    return text.starts_with("run.") || text.starts_with("the data ") ||
           text.starts_with("the inputs ");
  });
  const std::size_t more = found.size() - std::min(found.size(), shown);
  found.resize(found.size() - more);
  return fmt::format("{}{}", fmt::join(found, "; "),
                     more ? fmt::format("; and {} more", more) : std::string());
}

/// What a process that was killed early leaves behind.
bool is_leftover(const fs::path& path) {
  return path.filename() == lock_file || path.filename().string().starts_with(settings_file);
}

/// True for a run with these settings, false for a folder that is empty or not there.
bool matches(const fs::path& folder, const std::string& wanted) {
  const fs::path file = folder / settings_file;
  if (fs::exists(file)) {
    const std::vector<std::uint8_t> bytes = read_file(file.string());
    const std::string text(bytes.begin(), bytes.end());
    const auto found = differences(values_of(text, file.string()), values_of(wanted, "this run"));
    if (found.empty()) return true;
    throw SettingError(fmt::format(
        "{} holds a run with other settings: {}. Take another --out, or the same settings; nothing "
        "was touched",
        folder.string(), summary(found)));
  }
  if (!fs::exists(folder)) return false;
  if (!fs::is_directory(folder))
    throw SettingError(fmt::format("{} is a file; --out wants a folder", folder.string()));
  for (const auto& entry : fs::directory_iterator(folder))
    if (!is_leftover(entry.path()))
      throw SettingError(
          fmt::format("{} is not empty and holds no run; take another --out, nothing was touched",
                      folder.string()));
  return false;
}

/// A killed process frees its lock by itself.
int locked(const std::string& path) {
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0)
    throw FileError(
        fmt::format("{}: {}; the run folder must be writable", path, std::strerror(errno)));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(lock);
    throw SettingError(fmt::format("another process works in {}; wait for it or take another --out",
                                   fs::path(path).parent_path().string()));
  }
  return lock;
}

}  // namespace

void require_new_folder(const std::string& verb, const std::string& out) {
  if (!fs::exists(out)) return;
  if (!fs::is_directory(out))
    throw SettingError(fmt::format("{}: --out {} is a file; take a new folder", verb, out));
  if (!fs::is_empty(out))
    throw SettingError(fmt::format("{}: --out {} is not empty; take a new folder", verb, out));
}

RunFolder RunFolder::open(const std::string& path, const Recipe& recipe,
                          const std::vector<RunSetting>& settings) {
  const std::string text = settings_text(recipe, settings);
  matches(path, text);  // before anything is made
  make_folder(path);
  RunFolder folder(path, locked((fs::path(path) / lock_file).string()));
  folder.continued_ = matches(path, text);  // again: another process may have been faster
  if (!folder.continued_) write_file(folder.file(settings_file), text);
  return folder;
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) close(lock_);
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      continued_(other.continued_) {}

std::string RunFolder::file(const std::string& name) const {
  const fs::path file = fs::path(path_) / name;
  make_folder(file.parent_path().string());
  return file.string();
}

bool RunFolder::has(const std::string& name) const { return fs::exists(fs::path(path_) / name); }

}  // namespace ganymede
