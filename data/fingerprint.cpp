#include <cmath>
#include <string_view>

#include <fmt/core.h>

#include <ganymede/data/broken.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/resize.h>

namespace ganymede {
namespace {

/// Two 64-bit lanes, each multiplied and folded; not against an adversary.
class Hash {
 public:
  void add(std::uint64_t value) {
    a_ = mix(a_ ^ value, 0x9E3779B97F4A7C15u);
    b_ = mix(b_ + value, 0xD6E8FEB86659FD93u);
  }
  void add(std::string_view text) {
    for (unsigned char c : text) add(std::uint64_t{c});
    add(text.size());
  }
  std::array<std::uint64_t, 2> value() const { return {a_, b_}; }

 private:
  static std::uint64_t mix(std::uint64_t x, std::uint64_t prime) {
    x *= prime;
    return x ^ (x >> 29);
  }
  std::uint64_t a_ = 0x243F6A8885A308D3u, b_ = 0x13198A2E03707344u;
};

bool is_opaque(const Image& image) {
  const int channels = image.channels();
  for (std::size_t i = channels - 1; i < image.size(); i += channels)
    if (image.value(i) != image.max_value()) return false;
  return true;
}

bool is_grey(const Image& image) {
  for (std::size_t i = 0; i < image.size(); i += 3)
    if (image.value(i) != image.value(i + 1) || image.value(i) != image.value(i + 2)) return false;
  return true;
}

/// The same picture saved as grey, RGB or RGBA becomes the same image.
Image plain(const Image& image) {
  const bool alpha = image.channels() == 2 || image.channels() == 4;
  const Image colours = alpha && is_opaque(image) ? drop_alpha(image) : image;
  return colours.channels() == 3 && is_grey(colours) ? to_grey(colours) : colours;
}

std::array<std::uint64_t, 2> hash_of(const Image& image) {
  Hash hash;
  for (int extent : {image.height(), image.width(), image.channels(), image.bits()})
    hash.add(static_cast<std::uint64_t>(extent));
  for (std::size_t i = 0; i < image.size(); ++i)
    hash.add(static_cast<std::uint64_t>(image.value(i)));
  return hash.value();
}

std::vector<float> thumbnail_of(const Image& image) {
  const Image grey = to_bits(to_grey(image), 16);
  const Image small = resize(grey, thumbnail_side, thumbnail_side, Resize::area);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < small.size(); ++i) mean += small.value(i);
  mean /= double(small.size());
  for (std::size_t i = 0; i < small.size(); ++i)
    square += (small.value(i) - mean) * (small.value(i) - mean);
  const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  std::vector<float> out(small.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>((small.value(i) - mean) * scale);
  return out;
}

}  // namespace

Fingerprint fingerprint(const Image& image) { return {hash_of(plain(image)), thumbnail_of(image)}; }

std::vector<Fingerprint> fingerprints(const Dataset& dataset) {
  std::vector<Fingerprint> prints(dataset.samples.size());
  refuse_broken(dataset, faults_of(dataset, [&](std::size_t i) {
                  prints[i] = fingerprint(load_image(dataset, dataset.samples[i]));
                }));
  return prints;
}

std::string digest(const Dataset& dataset, const std::vector<Fingerprint>& prints) {
  Hash hash;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    for (const std::string* text : {&sample.path, &sample.label, &sample.patient, &sample.split})
      hash.add(*text);
    for (std::uint64_t word : prints[i].hash) hash.add(word);
  }
  return fmt::format("{:016x}{:016x}", hash.value()[0], hash.value()[1]);
}

}  // namespace ganymede
