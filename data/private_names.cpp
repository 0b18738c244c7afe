#include <ganymede/data/private_names.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/core.h>

#include <ganymede/data/dicom.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/text.h>

namespace ganymede {
namespace {

constexpr std::size_t shortest_hidden = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// First position from `at` on whose character `belongs` refuses.
template <class Belongs>
std::size_t end_of_run(std::string_view text, std::size_t at, Belongs belongs) {
  while (at < text.size() && belongs(text[at])) ++at;
  return at;
}

/// Where the UID (four numbers or more) that begins at `at` ends, or `at`.
std::size_t end_of_uid(std::string_view text, std::size_t at) {
  if (at > 0 && is_digit(text[at - 1])) return at;
  std::size_t end = end_of_run(text, at, is_digit);
  if (end == at) return at;
  int numbers = 1;
  for (; end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]); ++numbers)
    end = end_of_run(text, end + 1, is_digit);
  return numbers >= 4 ? end : at;
}

/// Where an id as the RSNA set has them (ID_00019828f) that begins at `at` ends, or `at`.
std::size_t end_of_rsna_id(std::string_view text, std::size_t at) {
  constexpr std::size_t fewest_digits = 6;
  if (at > 0 && is_word(text[at - 1])) return at;
  if (lower_case(std::string(text.substr(at, 3))) != "id_") return at;
  const std::size_t end = end_of_run(text, at + 3, is_hex);
  return end - (at + 3) >= fewest_digits ? end : at;
}

/// The text with each UID and each id replaced. By hand: std::regex calls itself for every
/// character, and values may be longer than the stack bears.
std::string ids_replaced(std::string_view text, std::string_view by) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::max(end_of_uid(text, at), end_of_rsna_id(text, at));
    if (end == at) {
      result += text[at++];
    } else {
      result += by;
      at = end;
    }
  }
  return result;
}

bool holds_id(std::string_view text) { return ids_replaced(text, "") != text; }

std::vector<std::string> components_of(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string ending_of(const std::string& name) {
  return has_image_name(name) || has_dicom_name(name) ? name.substr(name.rfind('.')) : "";
}

std::string stem_of(const std::string& name) {
  return name.substr(0, name.size() - ending_of(name).size());
}

/// The words in a value or name, in lower case: "DOE^JANE" holds two.
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces;
  std::string piece;
  for (const char c : lower_case(text) + " ") {
    const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
    if (part) {
      piece += c;
    } else if (!piece.empty()) {
      pieces.push_back(std::move(piece));
      piece.clear();
    }
  }
  return pieces;
}

/// Whether one of the file's secrets is a part of its own path's component.
bool holds_own(const PrivateNames::File& file, const std::string& component) {
  const std::string lower = lower_case(component);
  return std::any_of(file.secrets.begin(), file.secrets.end(), [&](const std::string& secret) {
    return secret.size() >= shortest_hidden && lower.find(lower_case(secret)) != std::string::npos;
  });
}

void replace_all(std::string& text, std::string& lower, const std::string& part,
                 const std::string& by) {
  for (std::size_t at = lower.find(part); at != std::string::npos; at = lower.find(part, at)) {
    text.replace(at, part.size(), by);
    lower.replace(at, part.size(), by);
    at += by.size();
  }
}

}  // namespace

PrivateNames::PrivateNames(const std::vector<File>& files) {
  for (const File& file : files) {
    taken_.insert(lower_case(file.path));
    for (const std::string& secret : file.secrets) {
      secrets_.insert(lower_case(secret));
      // The numbers inside a UID, and single letters, are in other names too.
      if (holds_id(secret)) continue;
      for (const std::string& piece : pieces_of(secret))
        if (piece.size() > 1) pieces_.insert(piece);
    }
  }
  for (const File& file : files) rename_folders(file);
  for (std::size_t i = 0; i < files.size(); ++i) rename(files[i], i + 1);
  for (const std::string& secret : secrets_) replace(secret, "(hidden)");
  std::sort(replacements_.begin(), replacements_.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
}

void PrivateNames::replace(const std::string& part, const std::string& by) {
  if (part.size() >= shortest_hidden) replacements_.emplace_back(lower_case(part), by);
}

bool PrivateNames::is_secret(const std::string& word) const {
  const std::string plain = trimmed(word);
  return plain.size() >= shortest_hidden && secrets_.contains(lower_case(plain));
}

bool PrivateNames::reveals(const std::string& component) const {
  const auto is_value = [&](const std::string& text) {
    return secrets_.contains(lower_case(trimmed(text)));
  };
  if (is_value(component) || is_value(stem_of(component))) return true;
  if (holds_id(component)) return true;
  const std::vector<std::string> pieces = pieces_of(stem_of(component));
  return std::any_of(pieces.begin(), pieces.end(),
                     [&](const std::string& piece) { return pieces_.contains(piece); });
}

/// `name`, or the first of name-2, name-3, ... that no file has.
std::string PrivateNames::unused(const std::string& name, const std::string& ending) const {
  std::string candidate = name + ending;
  for (int i = 2; taken_.contains(lower_case(candidate)); ++i)
    candidate = fmt::format("{}-{}{}", name, i, ending);
  return candidate;
}

void PrivateNames::rename_folders(const File& file) {
  const std::vector<std::string> parts = components_of(file.path);
  std::string source;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    source += parts[i] + "/";
    if (folders_.contains(source) || !(holds_own(file, parts[i]) || reveals(parts[i]))) continue;
    folders_[source] = fmt::format("folder-{:03}", folders_.size() + 1);
    replace(parts[i], folders_[source]);
  }
}

void PrivateNames::rename(const File& file, std::size_t number) {
  const std::vector<std::string> parts = components_of(file.path);
  std::string source, shown;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    source += parts[i] + "/";
    shown += (folders_.contains(source) ? folders_[source] : parts[i]) + "/";
  }
  const std::string& name = parts.back();
  std::string last = name;
  if (holds_own(file, name) || reveals(name)) {
    last = unused(shown + fmt::format("image-{:05}", number), ending_of(name)).substr(shown.size());
    replace(name, last);
    replace(stem_of(name), stem_of(last));
  }
  public_[file.path] = shown + last;
}

std::string PrivateNames::public_path(const std::string& path) const {
  const auto known = public_.find(path);
  if (known != public_.end()) return known->second;
  std::string shown, source;
  for (const std::string& part : components_of(path)) {
    source += part + "/";
    const auto folder = folders_.find(source);
    shown += (folder != folders_.end() ? folder->second : reveals(part) ? "(hidden)" : part) + "/";
  }
  shown.pop_back();
  return shown;
}

std::string PrivateNames::hidden(const std::string& text) const {
  std::string result = text, lower = lower_case(text);
  for (const auto& [part, by] : replacements_) replace_all(result, lower, part, by);
  return ids_replaced(result, "(hidden)");
}

}  // namespace ganymede
