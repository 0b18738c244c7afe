#include <ganymede/kernels/file.h>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string free_space(const std::string& folder) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0) return "an unknown number of";
  return fmt::format("{}", static_cast<unsigned long long>(info.f_bavail) * info.f_frsize);
}

[[noreturn]] void fail(const std::string& path, std::size_t needed, int code) {
  const std::string folder = folder_of(path);
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    throw FileError(fmt::format(
        "file '{}': disk full: {} bytes needed in '{}', {} free; the file is as it was; mend: free "
        "some space, or write to another folder",
        path, needed, folder, free_space(folder)));
  throw FileError(fmt::format(
      "file '{}': cannot be written: {}; mend: check that the folder '{}' exists and is writable",
      path, std::strerror(code), folder));
}

/// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    const int code = errno;  // of the failure that led here
    if (fd_ >= 0) ::close(fd_);
    errno = code;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  /// Some file systems report a full disk only here.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool write_synced(const std::string& path, std::span<const std::byte> bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  return file.get() >= 0 && write_all(file.get(), bytes) && ::fsync(file.get()) == 0 &&
         file.close();
}

// A second link, not a rename: between the two renames both names lead to a whole file.
bool keep(const std::string& path, const std::string& previous) {
  const std::string link = previous + ".tmp";
  ::unlink(link.c_str());
  if (::link(path.c_str(), link.c_str()) == 0)
    return std::rename(link.c_str(), previous.c_str()) == 0;
  if (errno == ENOENT) return true;                         // nothing to keep
  return std::rename(path.c_str(), previous.c_str()) == 0;  // a file system without links
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

void replace_file(const std::string& path, std::span<const std::byte> bytes,
                  const std::string& previous) {
  const std::string temporary = path + ".tmp";
  const bool written = write_synced(temporary, bytes) && (previous.empty() || keep(path, previous));
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    fail(path, bytes.size(), code);
  }
  // Where a folder cannot be opened or synced the rename above still holds, short of a power cut.
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

void write_file(const std::string& path, const std::string& text) {
  replace_file(path, std::as_bytes(std::span(text)));
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw FileError(fmt::format(
        "folder '{}': cannot be made: {}; mend: check its parent's permissions, or take another",
        path, error.message()));
}

void require_empty_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(path, error) && !(fs::is_directory(path, error) && fs::is_empty(path, error)))
    throw FileError(
        fmt::format("{}: exists and is not an empty folder; choose another or empty it", path));
}

}  // namespace ganymede
