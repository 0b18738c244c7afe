#include <fmt/format.h>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/checkpoint_file.h>
#include <ganymede/engine/checkpoint_keras.h>
#include <ganymede/engine/checkpoint_sections.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

template <class T>
void write_as(H5File& file, const std::string& path, const Tensor& tensor) {
  const auto values = tensor.host<T>();
  file.write<T>(path, tensor.shape(), values);
}

void write_tensor(H5File& file, const std::string& path, const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::f32:
      return write_as<float>(file, path, tensor);
    case DType::u8:
      return write_as<std::uint8_t>(file, path, tensor);
    case DType::u16:
      return write_as<std::uint16_t>(file, path, tensor);
    case DType::i32:
      return write_as<std::int32_t>(file, path, tensor);
    case DType::i64:
      return write_as<std::int64_t>(file, path, tensor);
  }
}

}  // namespace

CheckpointWriter::CheckpointWriter()
    : file_(std::make_unique<H5File>(H5File::create("checkpoint in memory"))) {
  file_->make_group(checkpoint::home);
}
CheckpointWriter::~CheckpointWriter() = default;
CheckpointWriter::CheckpointWriter(CheckpointWriter&&) noexcept = default;
CheckpointWriter& CheckpointWriter::operator=(CheckpointWriter&&) noexcept = default;

void CheckpointWriter::add_network_at(const std::string& group, const std::string& name,
                                      Module& module, const Shape& input) {
  if (name.empty() || name == checkpoint::home || name.find('/') != std::string::npos)
    throw UsageError("checkpoint: '" + name + "' cannot name a network");
  if (group.empty() ? !networks_.empty() : !root_.empty())
    throw UsageError("checkpoint: a network at the root is the only one of its file");
  keras::write_weights(*file_, group, module);
  for (const NamedState& state : state_of(module))
    if (state.role == NamedState::Role::progress)
      write_tensor(*file_,
                   fmt::format("{}{}/{}/{}", checkpoint::progress, name, state.layer, state.name),
                   state.tensor);
  file_->write_text(checkpoint::layers + name, to_text(describe(module, input)));
  networks_.push_back(name);
}

void CheckpointWriter::add_network(const std::string& name, Module& module, const Shape& input) {
  add_network_at(name, name, module, input);
}

void CheckpointWriter::add_root_network(const std::string& name, Module& module,
                                        const Shape& input) {
  add_network_at("", name, module, input);
  root_ = name;
}

void CheckpointWriter::add_optimizer(const std::string& name, Optimizer& optimizer) {
  for (const auto& [key, tensor] : optimizer.state())
    write_tensor(*file_, fmt::format("{}{}/{}", checkpoint::optimizers, name, key), tensor);
}

void CheckpointWriter::add_random(Rng& rng) {
  const std::int64_t state[]{std::int64_t(rng.seed()), rng.position().host<std::int64_t>()[0]};
  file_->write<std::int64_t>(checkpoint::random + rng.path(), {2}, state);
}

void CheckpointWriter::add_tensor(const std::string& name, const Tensor& tensor) {
  write_tensor(*file_, checkpoint::tensors + name, tensor);
}

void CheckpointWriter::add_counter(const std::string& name, std::int64_t value) {
  file_->write<std::int64_t>(checkpoint::counters + name, {}, {&value, 1});
}

void CheckpointWriter::add_number(const std::string& name, double value) {
  file_->write<double>(checkpoint::numbers + name, {}, {&value, 1});
}

void CheckpointWriter::add_text(const std::string& name, const std::string& text) {
  if (text.find('\0') != std::string::npos)
    throw UsageError("checkpoint: the text '" + name + "' contains a zero byte");
  file_->write_text(checkpoint::texts + name, text);
}

void CheckpointWriter::add_series(const std::string& name, std::span<const float> values) {
  file_->write(checkpoint::series + name, {std::int64_t(values.size())}, values);
}

void CheckpointWriter::save(const std::string& path) && {
  if (!file_) throw UsageError("checkpoint: saved already");
  if (const std::string table = kernel_table_text(current_stream()); !table.empty())
    add_text("kernel_table", table);
  file_->write_attribute(checkpoint::home, "networks", networks_);
  file_->write_attribute(checkpoint::home, "root", root_);
  const std::unique_ptr<H5File> file = std::move(file_);
  auto image = std::move(*file).image();
  write_checkpoint_file(path, image);
}

}  // namespace ganymede
