// The extension for animations in the third edition of the PNG specification: acTL says how many
// frames, an fcTL stands before each, the first is the picture itself (IDAT), later ones are fdAT:
// a sequence number and what an IDAT would hold.

#include <ganymede/data/png_animation.h>

#include <fmt/core.h>

#include <ganymede/data/png_parts.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

constexpr int level = 6;  // of zlib

void require_alike(const std::vector<Image>& frames) {
  if (frames.empty()) throw ShapeError("png animation: there is no frame");
  for (const Image& frame : frames)
    if (describe(frame) != describe(frames.front()))
      throw ShapeError(fmt::format("png animation: a frame of {} among frames of {}",
                                   describe(frame), describe(frames.front())));
}

png::Bytes animation_control(std::size_t frames) {
  png::Bytes data;
  png::put_number(data, static_cast<std::uint32_t>(frames));
  png::put_number(data, 0);  // plays for ever
  return data;
}

png::Bytes frame_control(std::uint32_t sequence, const Image& frame, int milliseconds) {
  png::Bytes data;
  png::put_number(data, sequence);
  png::put_number(data, static_cast<std::uint32_t>(frame.width()));
  png::put_number(data, static_cast<std::uint32_t>(frame.height()));
  png::put_number(data, 0);  // left
  png::put_number(data, 0);  // top
  png::put_short(data, static_cast<std::uint32_t>(milliseconds));
  png::put_short(data, 1000);       // ... of so many a second
  data.insert(data.end(), {0, 0});  // leave it; replace what is there
  return data;
}

}  // namespace

std::vector<std::uint8_t> encode_png_animation(const std::vector<Image>& frames, int milliseconds) {
  require_alike(frames);
  if (milliseconds < 1 || milliseconds > 65535)
    throw SettingError("png animation: a frame lasts 1 to 65535 milliseconds");
  png::Bytes out;
  png::put_signature(out);
  png::put_chunk(out, "IHDR", png::header_of(frames.front()));
  png::put_chunk(out, "acTL", animation_control(frames.size()));
  std::uint32_t sequence = 0;
  for (const Image& frame : frames) {
    png::put_chunk(out, "fcTL", frame_control(sequence++, frame, milliseconds));
    const png::Bytes picture = png::data_of(frame, level);
    if (sequence == 1) {
      png::put_chunk(out, "IDAT", picture);
      continue;
    }
    png::Bytes data;
    png::put_number(data, sequence++);
    data.insert(data.end(), picture.begin(), picture.end());
    png::put_chunk(out, "fdAT", data);
  }
  png::put_chunk(out, "IEND", {});
  return out;
}

void write_png_animation(const std::string& path, const std::vector<Image>& frames,
                         int milliseconds) {
  const png::Bytes bytes = encode_png_animation(frames, milliseconds);
  replace_file(path, std::as_bytes(std::span(bytes)));
}

}  // namespace ganymede
