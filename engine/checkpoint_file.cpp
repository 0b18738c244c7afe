#include <ganymede/engine/checkpoint_file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/hash.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

constexpr std::string_view magic = "ganymede-checkpoint 1\n";
constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n";
using Head = std::array<char, H5File::user_block>;

Head head_for(std::uint64_t bytes, const std::string& hash) {
  Head head{};
  const std::string text = fmt::format("{}bytes {}\nsha256 {}\n", magic, bytes, hash);
  std::ranges::copy(text, head.begin());
  return head;
}

bool begins_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

struct Beginning {
  Head head{};
  std::uint64_t bytes = 0;  ///< of the whole file
};

Beginning read_beginning(const std::string& path) {
  Beginning b;
  if (std::filesystem::is_directory(path))
    throw FileError(fmt::format("checkpoint '{}': is a folder; name the .h5 file in it", path));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  const std::streamoff size = file.tellg();
  file.seekg(0);
  if (!file || size < 0)
    throw FileError(
        fmt::format("checkpoint '{}': cannot be read: {}; check its name and permissions", path,
                    errno ? std::strerror(errno) : "not a file"));
  b.bytes = static_cast<std::uint64_t>(size);
  file.read(b.head.data(), static_cast<std::streamsize>(b.head.size()));
  return b;
}

std::uint64_t promised_bytes(const Head& head) {
  std::uint64_t bytes = 0;
  const std::string_view key = "bytes ";
  if (!begins_with({head.data() + magic.size(), key.size()}, key)) return 0;
  for (const char* p = head.data() + magic.size() + key.size(); *p >= '0' && *p <= '9'; ++p)
    bytes = bytes * 10 + std::uint64_t(*p - '0');
  return bytes;
}

/// What is wrong with the file; empty where nothing is.
std::string fault_of(const std::string& path, const Beginning& b, Origin& origin) {
  const std::string_view head(b.head.data(), b.head.size());
  origin = begins_with(head, hdf5_signature) ? Origin::foreign : Origin::ganymede;
  if (origin == Origin::foreign) return {};
  if (b.bytes == 0) return "is empty";
  if (!begins_with(head, magic)) return "is no checkpoint and no HDF5 file, or its head is damaged";
  const std::uint64_t promised = promised_bytes(b.head);
  if (b.bytes < promised)
    return fmt::format("is truncated: {} of {} bytes are there", b.bytes, promised);
  if (b.head != head_for(b.bytes, file_hash(path, H5File::user_block)))
    return "its contents do not match their hash (damaged)";
  return {};
}

bool whole(const std::string& path) {
  try {
    Origin origin{};
    return fault_of(path, read_beginning(path), origin).empty();
  } catch (const FileError&) {
    return false;
  }
}

std::string mend_for(const std::string& path) {
  const std::string previous = previous_checkpoint(path);
  if (previous != path && whole(previous))
    return fmt::format(
        "the previous checkpoint '{0}' is whole: rename it to '{1}' to go on from it", previous,
        path);
  return "copy it anew from where it came, or delete it and start again";
}

}  // namespace

std::string previous_checkpoint(const std::string& path) {
  const std::string extension = ".h5";
  const bool named = path.size() >= extension.size() && path.ends_with(extension);
  const std::string stem = named ? path.substr(0, path.size() - extension.size()) : path;
  return stem + ".previous" + (named ? extension : "");
}

void write_checkpoint_file(const std::string& path, std::span<std::byte> image) {
  const Head head = head_for(image.size(), sha256(image.subspan(H5File::user_block)));
  std::memcpy(image.data(), head.data(), head.size());
  replace_file(path, image, previous_checkpoint(path));
}

Origin verify_checkpoint_file(const std::string& path) {
  Beginning beginning;
  try {
    beginning = read_beginning(path);
  } catch (const FileError& error) {
    if (!whole(previous_checkpoint(path))) throw;
    throw FileError(fmt::format("{}; mend: {}", error.what(), mend_for(path)));
  }
  Origin origin{};
  const std::string fault = fault_of(path, beginning, origin);
  if (!fault.empty())
    throw FormatError(fmt::format("checkpoint '{}': {}; mend: {}", path, fault, mend_for(path)));
  return origin;
}

}  // namespace ganymede
