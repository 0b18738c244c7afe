#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/png_parts.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

// An 8 x 8 grey ramp, value 16 (x + y), baseline JPEG.
const std::vector<std::uint8_t> ramp_jpeg{
    0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x0d, 0x09, 0x0a, 0x0b, 0x0a, 0x08, 0x0d,
    0x0b, 0x0a, 0x0b, 0x0e, 0x0e, 0x0d, 0x0f, 0x13, 0x20, 0x15, 0x13, 0x12, 0x12, 0x13, 0x27, 0x1c,
    0x1e, 0x17, 0x20, 0x2e, 0x29, 0x31, 0x30, 0x2e, 0x29, 0x2d, 0x2c, 0x33, 0x3a, 0x4a, 0x3e, 0x33,
    0x36, 0x46, 0x37, 0x2c, 0x2d, 0x40, 0x57, 0x41, 0x46, 0x4c, 0x4e, 0x52, 0x53, 0x52, 0x32, 0x3e,
    0x5a, 0x61, 0x5a, 0x50, 0x60, 0x4a, 0x51, 0x52, 0x4f, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x08,
    0x00, 0x08, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0xff, 0xc4, 0x00, 0x18,
    0x10, 0x00, 0x02, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x05, 0x06, 0x22, 0x32, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00,
    0x2c, 0x7d, 0x16, 0x68, 0x7f, 0xff, 0xd9};

void write_bytes(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  replace_file(path, std::as_bytes(std::span(bytes)));
}

/// Cuts the file to every length given and to its start, and expects a complaint each time.
void check_every_cut(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 97) {
    write_bytes(path, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)});
    INFO(length << " of " << bytes.size() << " bytes");
    CHECK_THROWS_AS(read_image_header(path), FormatError);
    const std::string message = message_of<FormatError>([&] { read_image(path); });
    CHECK(message.find(path) == 0);
    CHECK(message.find("replace the file or delete it") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("PNG keeps every depth and number of channels") {
  const TemporaryFolder folder;
  for (int bits : {8, 16})
    for (int channels : {1, 2, 3, 4}) {
      const Image image = test::picture(channels, 13, 7, channels, bits);
      write_png(folder / "a.png", image);
      CHECK(read_image(folder / "a.png") == image);
      const ImageHeader header = read_image_header(folder / "a.png");
      CHECK(header.height == 13);
      CHECK(header.width == 7);
      CHECK(header.channels == channels);
      CHECK(header.bits == bits);
    }
  CHECK(encode_png(test::picture(5)) == encode_png(test::picture(5)));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("JPEG is read") {
  const TemporaryFolder folder;
  write_bytes(folder / "ramp.JPEG", ramp_jpeg);
  const Image image = read_image(folder / "ramp.JPEG");
  CHECK(image.height() == 8);
  CHECK(image.channels() == 1);
  CHECK(std::abs(image.at(4, 4) - 128) < 6);
  CHECK(has_image_name("a/B.JPEG"));
  CHECK_FALSE(has_image_name("png"));
}

TEST_CASE("JPEG is written, and read back nearly the same") {
  const TemporaryFolder folder;
  Image image(37, 21, 3);
  for (int y = 0; y < 37; ++y)
    for (int x = 0; x < 21; ++x)
      for (int c = 0; c < 3; ++c) image.set(y, x, c, 6 * y + 15 * c);
  write_jpeg(folder / "a.jpg", image);
  const Image back = read_image(folder / "a.jpg");
  REQUIRE(describe(back) == describe(image));
  double worst = 0;
  for (std::size_t i = 0; i < image.size(); ++i)
    worst = std::max(worst, std::abs(double(back.value(i)) - image.value(i)));
  CHECK(worst < 8);
  CHECK(encode_jpeg(image, 30).size() < encode_jpeg(image, 98).size());
  check_every_cut(folder / "cut.jpg", encode_jpeg(test::picture(1, 40, 30, 3)));
  CHECK_THROWS_AS(encode_jpeg(Image(8, 8, 4)), ShapeError);
  CHECK_THROWS_AS(encode_jpeg(Image(8, 8, 3, 16)), ShapeError);
  CHECK_THROWS_AS(encode_jpeg(Image(8, 8, 3), 0), SettingError);
}

TEST_CASE("a truncated PNG or JPEG is refused, wherever it is cut") {
  const TemporaryFolder folder;
  check_every_cut(folder / "cut.png", encode_png(test::picture(1, 40, 30, 3)));
  check_every_cut(folder / "cut.jpg", ramp_jpeg);
}

TEST_CASE("a PNG with flipped bytes is refused") {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes = encode_png(test::picture(1, 40, 30));
  for (std::size_t at = 8; at < bytes.size(); at += 37) {
    bytes[at] ^= 0x10;
    write_bytes(folder / "bad.png", bytes);
    CHECK_THROWS_AS(read_image(folder / "bad.png"), FormatError);
    bytes[at] ^= 0x10;
  }
}

TEST_CASE("a text file called .png is refused by name") {
  const TemporaryFolder folder;
  folder.write("note.png", "this is no picture");
  const std::string message = message_of<FormatError>([&] { read_image(folder / "note.png"); });
  CHECK(message.find("note.png: not a PNG or JPEG") != std::string::npos);
}

TEST_CASE("a 30000 x 30000 header is refused before anything is allocated") {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> bytes = encode_png(test::picture(1));
  for (std::size_t at : {16u, 20u}) bytes[at + 2] = 30000 >> 8, bytes[at + 3] = 30000 & 255;
  write_bytes(folder / "huge.png", bytes);
  const std::string message =
      message_of<FormatError>([&] { read_image_header(folder / "huge.png"); });
  CHECK(message.find("30000 x 30000 pixels, more than the limit") != std::string::npos);
}

TEST_CASE("a missing image and a folder are named") {
  const TemporaryFolder folder;
  CHECK(message_of<FileError>([&] { read_image(folder / "no.png"); }).find("no.png") !=
        std::string::npos);
  CHECK_THROWS_AS(read_image(folder.path()), FileError);
}

TEST_CASE("a file that cannot be written whole leaves nothing behind") {
  const TemporaryFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 64;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message =
      message_of<FileError>([&] { write_png(folder / "a.png", test::picture(1, 100, 100)); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(message.find("a.png': disk full") != std::string::npos);
  CHECK(fs::is_empty(folder.path()));
  CHECK_THROWS_AS(write_file(folder / "none/a.txt", "text"), FileError);
}

TEST_CASE("a JPEG with more codes than there are is refused") {
  const TemporaryFolder folder;
  std::vector<std::uint8_t> table(2 + 17 + 300, 0);  // 200 codes of 8 bits, 100 of 9
  table[0] = std::uint8_t(table.size() >> 8), table[1] = std::uint8_t(table.size());
  table[2 + 8] = 200, table[2 + 9] = 100;
  table.insert(table.begin(), {0xff, 0xc4});
  std::vector<std::uint8_t> bytes = ramp_jpeg;
  bytes.insert(bytes.begin() + 2, table.begin(), table.end());
  write_bytes(folder / "many.jpg", bytes);
  const std::string message = message_of<FormatError>([&] { read_image(folder / "many.jpg"); });
  CHECK(message.find("many.jpg: a table of its codes is damaged") != std::string::npos);

  bytes = ramp_jpeg;  // a table that says more codes than its segment holds
  const std::size_t at = std::size_t(
      std::search(bytes.begin(), bytes.end(), table.begin(), table.begin() + 2) - bytes.begin());
  bytes[at + 4 + 5] = 9;
  write_bytes(folder / "short.jpg", bytes);
  CHECK_THROWS_AS(read_image_header(folder / "short.jpg"), FormatError);
}

TEST_CASE("a PNG that holds far more than its pixels is refused before it is unpacked") {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> whole = encode_png(test::picture(1, 1, 1));
  const std::string text(whole.begin(), whole.end());
  png::Bytes file(whole.begin(), whole.begin() + std::ptrdiff_t(text.find("IDAT") - 4));
  for (int i = 0; i < 2; ++i) png::put_chunk(file, "IDAT", png::Bytes(40'000, 0));
  png::put_chunk(file, "IEND", {});
  write_bytes(folder / "bomb.png", file);
  const std::string message =
      message_of<FormatError>([&] { read_image_header(folder / "bomb.png"); });
  CHECK(message.find("more data than its pixels") != std::string::npos);
}
