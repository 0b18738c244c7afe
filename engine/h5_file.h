#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ganymede/engine/shape.h>

namespace ganymede {

/// An HDF5 file: groups, datasets of numbers or text, attributes of strings. Objects are named by
/// paths from the root ("generator/dense/kernel:0"; "" is the root). Every failure is a FormatError
/// or FileError that names the file and the object. Equal contents written in equal order give
/// equal bytes. T is float, double, u8, u16, i32 or i64.
class H5File {
 public:
  /// Bytes before HDF5's own part, free for the owner's use.
  static constexpr std::size_t user_block = 512;

  /// A new file in memory; `name` is used in messages.
  static H5File create(const std::string& name);
  /// An existing file, read only. What a foreign file may claim is limited: extents that its bytes
  /// cannot hold, links that lead out of it, plugins and deep nesting are refused.
  static H5File open(const std::string& path);
  ~H5File();
  H5File(H5File&&) noexcept;
  H5File& operator=(H5File&&) noexcept;

  /// Groups on the way are made. Throws where the name is taken.
  void make_group(const std::string& path);
  template <class T>
  void write(const std::string& path, const Shape& shape, std::span<const T> values);
  void write_text(const std::string& path, const std::string& text);
  /// A string, or a list of them, as h5py writes them (fixed length, padded with zeros). A list too
  /// long for one attribute is cut into name0, name1, ... as Keras does.
  void write_attribute(const std::string& object, const std::string& name, const std::string& text);
  void write_attribute(const std::string& object, const std::string& name,
                       const std::vector<std::string>& texts);
  /// The finished file's bytes, user block (zeros) included. Nothing can be written after this.
  std::vector<std::byte> image() &&;

  bool exists(const std::string& path) const;
  bool is_dataset(const std::string& path) const;
  /// Names in a group, sorted.
  std::vector<std::string> children(const std::string& group) const;
  /// Paths, relative to `group`, of all datasets below it, sorted by component.
  std::vector<std::string> datasets(const std::string& group) const;
  /// Extents of a dataset of numbers.
  Shape shape(const std::string& path) const;
  /// Converts between widths, not between whole and floating numbers.
  template <class T>
  std::vector<T> read(const std::string& path) const;
  std::string read_text(const std::string& path) const;
  /// An attribute's strings of fixed length; nothing where the object has no such attribute.
  std::optional<std::vector<std::string>> attribute(const std::string& object,
                                                    const std::string& name) const;

  const std::string& name() const;

  struct State;  ///< engine/h5_handle.h

 private:
  explicit H5File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ganymede
