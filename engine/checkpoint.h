#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ganymede/engine/describe.h>
#include <ganymede/engine/module.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>

namespace ganymede {

class H5File;

/// Collects the state of a run and writes it as one .h5 file. Networks lie in Keras's layout, each
/// in a group of its name or at the root; everything else in the group `ganymede` beside them. Each
/// `add` copies the state as it is at that moment; a name can be added once. Equal state, added in
/// the same order, gives equal bytes. The stream's table of kernels is noted as text
/// `kernel_table`.
class CheckpointWriter {
 public:
  CheckpointWriter();
  ~CheckpointWriter();
  CheckpointWriter(CheckpointWriter&&) noexcept;
  CheckpointWriter& operator=(CheckpointWriter&&) noexcept;

  /// Weights, buffers, positions of dropout, and the table of layers for an input of extents
  /// `input` (batch axis included).
  void add_network(const std::string& name, Module& module, const Shape& input);
  /// The file's one network, at the root: what `keras.Model.load_weights` reads.
  void add_root_network(const std::string& name, Module& module, const Shape& input);
  /// Moments, step count, learning rate, moving averages.
  void add_optimizer(const std::string& name, Optimizer& optimizer);
  /// Seed and position of a random stream, under its own path.
  void add_random(Rng& rng);
  void add_tensor(const std::string& name, const Tensor& tensor);
  void add_counter(const std::string& name, std::int64_t value);
  void add_number(const std::string& name, double value);
  /// The recipe, versions, a class list, ...: UTF-8 without zeros.
  void add_text(const std::string& name, const std::string& text);
  void add_series(const std::string& name, std::span<const float> values);

  /// Replaces `path` by the new file, or leaves it untouched and throws FileError. The file before
  /// it stays as previous_checkpoint(path). Nothing can be added afterwards.
  void save(const std::string& path) &&;

 private:
  void add_network_at(const std::string& group, const std::string& name, Module& module,
                      const Shape& input);
  std::unique_ptr<H5File> file_;
  std::vector<std::string> networks_;
  std::string root_;
};

/// Reads a checkpoint whose hash was verified, or a foreign HDF5 file with Keras weights. Loading
/// is strict: a tensor that is missing, left over or of other extents is a FormatError that names
/// it, and nothing is changed then.
class CheckpointReader {
 public:
  /// Throws FileError or FormatError; a damaged file's message offers the previous checkpoint.
  explicit CheckpointReader(const std::string& path);
  ~CheckpointReader();
  CheckpointReader(CheckpointReader&&) noexcept;
  CheckpointReader& operator=(CheckpointReader&&) noexcept;

  /// Whether another program wrote the file.
  bool foreign() const { return foreign_; }
  /// In the order they were added; {"model"} for a foreign file.
  const std::vector<std::string>& networks() const { return networks_; }
  bool has_network(const std::string& name) const;
  /// The table of layers, from the file alone; without extents for a foreign file.
  std::vector<LayerRow> layers(const std::string& network) const;

  void load_network(const std::string& name, Module& module) const;
  void load_optimizer(const std::string& name, Optimizer& optimizer) const;
  /// Throws FormatError where the stream was saved under another seed.
  void load_random(Rng& rng) const;
  void load_tensor(const std::string& name, Tensor& tensor) const;

  std::int64_t counter(const std::string& name) const;
  double number(const std::string& name) const;
  std::string text(const std::string& name) const;
  std::vector<float> series(const std::string& name) const;
  bool has_counter(const std::string& name) const;
  bool has_text(const std::string& name) const;
  std::map<std::string, std::int64_t> counters() const;
  std::map<std::string, double> numbers() const;
  std::vector<std::string> texts() const;

  /// Where a network's Keras group is; "" is the root.
  std::string group_of(const std::string& network) const;
  const H5File& file() const { return *file_; }

 private:
  std::unique_ptr<H5File> file_;
  bool foreign_ = false;
  std::vector<std::string> networks_;
  std::string root_;
};

}  // namespace ganymede
