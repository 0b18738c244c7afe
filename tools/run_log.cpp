#include <ganymede/tools/run_log.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string now_in_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

std::string text_of(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

void RunLog::add(const std::string& what, nlohmann::json entry) const {
  entry["time"] = now_in_utc();
  entry["what"] = what;
  const std::string line = text_of(entry, -1) + "\n";
  // One call, so that a process that is killed leaves whole lines.
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool written = file >= 0 && ::write(file, line.data(), line.size()) == ssize_t(line.size());
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!written)
    throw FileError(
        fmt::format("file '{}': cannot be written: {}; mend: free some space, check "
                    "its permissions, then give the same command again",
                    path_, std::strerror(reason)));
}

std::vector<nlohmann::json> RunLog::values(const std::string& what,
                                           const std::string& field) const {
  std::vector<nlohmann::json> found;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);  // a full disk cuts lines
    if (!entry.is_object() || entry.value("what", "") != what) continue;
    if (const auto at = entry.find(field); at != entry.end()) found.push_back(*at);
  }
  return found;
}

nlohmann::json RunLog::last(const std::string& what, const std::string& field) const {
  const auto found = values(what, field);
  return found.empty() ? nlohmann::json() : found.back();
}

double RunLog::sum(const std::string& what, const std::string& field) const {
  double total = 0;
  for (const nlohmann::json& value : values(what, field))
    if (value.is_number()) total += value.get<double>();
  return total;
}

}  // namespace ganymede
