#pragma once
// Private to the h5 files: owners of HDF5's numbers, and what h5_file.cpp and h5_read.cpp share.

#include <cstdint>
#include <string>
#include <utility>

#include <ganymede/engine/h5_file.h>

namespace ganymede {

/// Owner of one HDF5 identifier (hid_t, a 64-bit number).
class H5Handle {
 public:
  using Close = int (*)(std::int64_t);
  H5Handle() = default;
  H5Handle(std::int64_t id, Close close) : id_(id), close_(close) {}
  ~H5Handle() {
    if (id_ >= 0) close_(id_);
  }
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  explicit operator bool() const { return id_ >= 0; }
  std::int64_t id() const { return id_; }

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

/// Keeps HDF5 from printing errors for a scope; gives an embedder's own handler back after it.
class H5Quiet {
 public:
  H5Quiet();
  ~H5Quiet();
  H5Quiet(const H5Quiet&) = delete;
  H5Quiet& operator=(const H5Quiet&) = delete;

 private:
  int (*function_)(std::int64_t, void*) = nullptr;
  void* data_ = nullptr;
};

struct H5File::State {
  H5Handle file;
  std::string name;         ///< for messages
  std::uint64_t bytes = 0;  ///< of the file on disk; 0 while it is being made

  /// Throws FormatError: "file 'x.h5': 'dense/kernel:0' ...", with HDF5's own reason added.
  [[noreturn]] void fail(const std::string& object, const std::string& what) const;
  H5Handle own(std::int64_t id, H5Handle::Close close, const std::string& object,
               const char* what) const {
    if (id < 0) fail(object, what);
    return {id, close};
  }
  void check(std::int64_t status, const std::string& object, const char* what) const {
    if (status < 0) fail(object, what);
  }
  /// The group or dataset at `path`, reached through hard links only; empty where there is none.
  H5Handle find(const std::string& path) const;
  H5Handle at(const std::string& path) const;
};

/// The components of "a/b/c"; empty ones are dropped.
std::vector<std::string> h5_components(const std::string& path);

}  // namespace ganymede
