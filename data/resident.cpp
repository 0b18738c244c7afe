#include <ganymede/data/resident.h>

#include <algorithm>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

void copy_into(ImageStack& stack, int i, const Image& image) {
  const std::size_t at = i * stack.image_size();
  if (stack.bits == 8)
    std::copy(image.bytes().begin(), image.bytes().end(), stack.bytes.begin() + at);
  else
    std::copy(image.words().begin(), image.words().end(), stack.words.begin() + at);
}

/// Fixes channels and bits from the first header; the others must agree.
LoadOptions settled(const Dataset& dataset, const std::vector<int>& indices, LoadOptions options) {
  const Sample& first = dataset.samples[indices.front()];
  const LoadOptions given = options;
  if (given.channels == 0) options.channels = first.header.channels;
  if (given.bits == 0) options.bits = first.header.bits;
  for (int i : indices) {
    const Sample& sample = dataset.samples[i];
    const auto refuse = [&](const char* what, int one, int other) {
      throw DataError(fmt::format("{}: '{}' has {} {}, '{}' has {}; choose with data.{}",
                                  dataset.root, first.path, one, what, sample.path, other, what));
    };
    if (given.channels == 0 && sample.header.channels != options.channels)
      refuse("channels", options.channels, sample.header.channels);
    if (given.bits == 0 && sample.header.bits != options.bits)
      refuse("bits", options.bits, sample.header.bits);
  }
  return options;
}

}  // namespace

Image ImageStack::image(int i) const {
  Image out(height, width, channels, bits);
  const std::size_t at = i * image_size();
  if (bits == 8)
    std::copy_n(bytes.begin() + at, image_size(), out.bytes().begin());
  else
    std::copy_n(words.begin() + at, image_size(), out.words().begin());
  return out;
}

std::vector<float> ImageStack::to_float(float low, float high) const {
  const float scale = (high - low) / static_cast<float>(max_value());
  std::vector<float> out(count * image_size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = low + scale * static_cast<float>(bits == 8 ? bytes[i] : words[i]);
  return out;
}

Image prepare(const Image& image, const LoadOptions& options) {
  Image out = image;
  if (options.channels != 0 && options.channels != image.channels())
    out = to_channels(out, options.channels);
  if (options.bits != 0) out = to_bits(out, options.bits);
  if (options.pad_to_square) out = pad_to_square(out);
  return resize(out, options.height, options.width, options.resize);
}

ImageStack load_images(const Dataset& dataset, const std::vector<int>& indices,
                       const LoadOptions& options) {
  if (options.height < 1 || options.width < 1)
    throw ShapeError(fmt::format("load_images: extents {} x {}", options.height, options.width));
  if (indices.empty())
    throw DataError(fmt::format("{}: no image to load in this part", dataset.root));
  const LoadOptions all = settled(dataset, indices, options);
  ImageStack stack{
      static_cast<int>(indices.size()), all.height, all.width, all.channels, all.bits, {}, {}, {}};
  const std::size_t total = stack.count * stack.image_size();
  stack.bits == 8 ? stack.bytes.resize(total) : stack.words.resize(total);
  for (int i : indices) stack.labels.push_back(dataset.samples[i].class_index);
  parallel_for(indices.size(), [&](std::size_t i) {
    const Sample& sample = dataset.samples[indices[i]];
    const Image image = load_image(dataset, sample);
    try {
      copy_into(stack, static_cast<int>(i), prepare(image, all));
    } catch (const FormatError& error) {
      throw FormatError(sample.path + ": " + error.what());
    }
  });
  return stack;
}

}  // namespace ganymede
