#include <ganymede/data/file.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

[[noreturn]] void fail_writing(const std::string& path, int reason) {
  const char* mend = reason == ENOSPC || reason == EDQUOT
                         ? "free some space or choose another folder"
                         : "check the folder and its permissions or choose another";
  throw FileError(fmt::format("{}: cannot be written: {}; {}", path, std::strerror(reason), mend));
}

/// 0, or the reason why not all bytes reached the disk.
int write_and_sync(const std::string& path, const char* bytes, std::size_t count) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  int reason = 0;
  while (count > 0 && reason == 0) {
    const ssize_t written = ::write(file, bytes, count);
    if (written < 0) {
      if (errno != EINTR) reason = errno;
      continue;
    }
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
  if (reason == 0 && ::fsync(file) != 0) reason = errno;
  if (::close(file) != 0 && reason == 0) reason = errno;
  return reason;
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::string& path, std::size_t limit) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw FileError(fmt::format("{}: is a folder, a file was expected", path));
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0)
    throw FileError(fmt::format("{}: cannot be opened: {}; check the name and its permissions",
                                path, std::strerror(errno ? errno : ENOENT)));
  if (static_cast<std::size_t>(size) > limit)
    throw FormatError(fmt::format("{}: {} bytes, more than the {} that this kind of file may have",
                                  path, size, limit));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  if (size > 0 && !file.read(reinterpret_cast<char*>(bytes.data()), size))
    throw FileError(fmt::format("{}: cannot be read to its end; check the disk", path));
  return bytes;
}

void write_file(const std::string& path, const void* bytes, std::size_t count) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  int reason = write_and_sync(temporary, static_cast<const char*>(bytes), count);
  if (reason == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
  if (reason == 0) return;
  ::unlink(temporary.c_str());
  fail_writing(path, reason);
}

void write_file(const std::string& path, const std::string& text) {
  write_file(path, text.data(), text.size());
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail_writing(path, error.value());
}

}  // namespace ganymede
