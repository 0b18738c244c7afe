// An animation holds its frames: every chunk is read back by hand.

#include <catch2/catch.hpp>
#include <string>

#include <ganymede/data/image_structure.h>
#include <ganymede/data/png_animation.h>
#include <ganymede/data/png_parts.h>
#include <ganymede/kernels/error.h>

#include "test/data/support.h"

using namespace ganymede;
using test::TemporaryFolder;

namespace {

struct Chunk {
  std::string type;
  png::Bytes data;
};

std::uint32_t number(const png::Bytes& bytes, std::size_t at, int count = 4) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes.at(at + std::size_t(i));
  return value;
}

std::vector<Chunk> chunks_of(const png::Bytes& file) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < file.size();) {
    const std::size_t length = number(file, at);
    const auto start = file.begin() + std::ptrdiff_t(at);
    chunks.push_back(
        {std::string(start + 4, start + 8), {start + 8, start + 8 + std::ptrdiff_t(length)}});
    at += 12 + length;
  }
  return chunks;
}

/// A frame's data as a picture of its own.
Image decoded(const TemporaryFolder& folder, const png::Bytes& header, const png::Bytes& data) {
  png::Bytes file;
  png::put_signature(file);
  png::put_chunk(file, "IHDR", header);
  png::put_chunk(file, "IDAT", data);
  png::put_chunk(file, "IEND", {});
  replace_file(folder / "frame.png", std::as_bytes(std::span(file)));
  return read_image(folder / "frame.png");
}

std::vector<Image> some_frames(int channels, int bits) {
  std::vector<Image> frames;
  for (int i = 0; i < 5; ++i) frames.push_back(test::picture(i, 9, 13, channels, bits));
  return frames;
}

}  // namespace

TEST_CASE("an animation's frames decode to the same pixels") {
  const TemporaryFolder folder;
  for (int bits : {8, 16})
    for (int channels : {1, 2, 3, 4}) {
      const std::vector<Image> frames = some_frames(channels, bits);
      const png::Bytes file = encode_png_animation(frames, 80);
      CHECK(png_fault(file).empty());  // every checksum holds
      const auto chunks = chunks_of(file);
      REQUIRE(chunks.size() == 3 + 2 * frames.size());
      CHECK(chunks.front().type == "IHDR");
      CHECK(chunks.back().type == "IEND");
      const Chunk& control = chunks[1];
      CHECK(control.type == "acTL");
      CHECK(number(control.data, 0) == frames.size());
      CHECK(number(control.data, 4) == 0);  // for ever
      std::uint32_t sequence = 0;
      for (std::size_t i = 0; i < frames.size(); ++i) {
        const Chunk &frame = chunks[2 + 2 * i], &picture = chunks[3 + 2 * i];
        CHECK(frame.type == "fcTL");
        REQUIRE(frame.data.size() == 26);
        CHECK(number(frame.data, 0) == sequence++);
        CHECK(number(frame.data, 4) == 13);
        CHECK(number(frame.data, 8) == 9);
        CHECK(number(frame.data, 12) == 0);
        CHECK(number(frame.data, 16) == 0);
        CHECK(number(frame.data, 20, 2) == 80);
        CHECK(number(frame.data, 22, 2) == 1000);
        CHECK(number(frame.data, 24, 2) == 0);
        CHECK(picture.type == (i == 0 ? "IDAT" : "fdAT"));
        png::Bytes data = picture.data;
        if (i > 0) {
          CHECK(number(data, 0) == sequence++);
          data.erase(data.begin(), data.begin() + 4);
        }
        CHECK(decoded(folder, chunks[0].data, data) == frames[i]);
      }
    }
}

TEST_CASE("a viewer that knows no animations reads the first frame") {
  const TemporaryFolder folder;
  const auto frames = some_frames(3, 8);
  write_png_animation(folder / "a.png", frames, 40);
  CHECK(read_image(folder / "a.png") == frames.front());
  CHECK(encode_png_animation(frames, 40) == encode_png_animation(frames, 40));
}

TEST_CASE("an animation of unlike frames, or of none, is refused") {
  auto frames = some_frames(1, 8);
  CHECK_THROWS_AS(encode_png_animation({}, 40), ShapeError);
  CHECK_THROWS_AS(encode_png_animation(frames, 0), SettingError);
  CHECK_THROWS_AS(encode_png_animation(frames, 65536), SettingError);
  frames.push_back(Image(9, 12, 1));
  CHECK_THROWS_AS(encode_png_animation(frames, 40), ShapeError);
}

TEST_CASE("a stored PNG takes as many bytes for noise as for nothing, and reads the same") {
  const TemporaryFolder folder;
  for (int side : {7, 300}) {  // the second is more than one stored block of deflate
    const Image noise = test::picture(1, side, side, 3), flat(side, side, 3);
    const png::Bytes stored = png::encode(noise, 0);
    CHECK(stored.size() == png::encode(flat, 0).size());
    CHECK(png::encode(flat, 6).size() < stored.size());
    replace_file(folder / "a.png", std::as_bytes(std::span(stored)));
    CHECK(read_image(folder / "a.png") == noise);
  }
}
