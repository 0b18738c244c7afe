// Files that cannot be read: named with their reason and left out, never a crash.

#include <catch2/catch.hpp>

#include <algorithm>
#include <initializer_list>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>

#include "dicom_support.h"

using namespace ganymede;
using ganymede::test::DicomFile;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::skipped;
using ganymede::test::slice;
using ganymede::test::TemporaryFolder;
using ganymede::test::text_of;
using ganymede::test::without_dicom;

namespace {

std::string shortened(const DicomFile& file, std::size_t missing) {
  const std::string text = text_of(file);
  return text.substr(0, text.size() - missing);
}

}  // namespace

TEST_CASE("bad DICOM files are named and skipped", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  folder.write("good.dcm", text_of(slice()));
  folder.write("truncated.dcm", shortened(slice(), 5));
  DicomFile file = slice();
  file.stored.pop_back();  // an element that is whole and too short
  file.height = 2, file.width = 3;
  folder.write("short.dcm", text_of(file));
  folder.write("empty.dcm", "");
  folder.write("text.dcm", "not a picture at all");
  file = slice();
  file.stored.clear();
  folder.write("no_pixels.dcm", text_of(file));
  file = slice();
  file.height = file.width = 60000;
  folder.write("huge.dcm", text_of(file));
  file = slice();
  file.more = {{0x0028, 0x0008, "IS", "2"}};
  folder.write("frames.dcm", text_of(file));
  file = slice();
  file.more = {{0x0028, 0x0004, "CS", "RGB"}};
  folder.write("colour.dcm", text_of(file));
  file = slice();
  file.rle = true;
  folder.write("rle.dcm", shortened(file, 30));
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.samples.size() == 1);
  CHECK(dataset.samples[0].path == "good.dcm");
  CHECK(skipped(dataset, "truncated.dcm", "the pixel data are truncated: 7 of 12 bytes"));
  CHECK(skipped(dataset, "short.dcm", "the pixel data are truncated: 10 of 12 bytes"));
  CHECK(skipped(dataset, "empty.dcm", "the file is empty"));
  CHECK(skipped(dataset, "text.dcm", "not a DICOM file"));
  CHECK(skipped(dataset, "no_pixels.dcm", "no pixel data"));
  CHECK(skipped(dataset, "huge.dcm", "60000 x 60000 pixels, more than the limit of 16384"));
  CHECK(skipped(dataset, "frames.dcm", "2 frames in one file"));
  CHECK(skipped(dataset, "colour.dcm", "a colour picture"));
  CHECK(skipped(dataset, "rle.dcm", "the pixel data are truncated"));
  CHECK(dataset.skipped.size() == 9);
  fs::remove(folder / "good.dcm");
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder.path()); }), "no image can be read"));
}

TEST_CASE("damaged DICOM files end in an error, not in a crash", "[dicom]") {
  if (without_dicom()) return;
  HostRng rng(7, "test/dicom/damage");
  const TemporaryFolder folder;
  for (int i = 0; i < 300; ++i) {
    DicomFile file = slice();
    file.implicit = i % 3 == 1, file.rle = i % 3 == 2;
    std::string text = text_of(file);
    for (int k = 0; k < 3; ++k) text[rng.below(std::uint32_t(text.size()))] = char(rng.below(256));
    if (i % 2 == 0) text.resize(rng.below(std::uint32_t(text.size())));
    folder.write("a.dcm", text);
    bool whole = true;
    try {
      whole = !read_dicom(folder / "a.dcm").stored.empty();
    } catch (const Error& error) {
      whole = error.what() != std::string();
    }
    CHECK(whole);
  }
}

TEST_CASE("damaged compressed pixels end in an error, not in a crash", "[dicom]") {
  if (without_dicom()) return;
  HostRng rng(8, "test/dicom/damage");
  const TemporaryFolder folder;
  int refused = 0;
  for (const char* name : {"jpeg-lossless", "jpeg-ls", "jpeg-2000"}) {
    const std::vector<std::uint8_t> bytes =
        read_file((test::source_folder() / "test/golden/dicom/signed16" / name).string() + ".dcm");
    for (int i = 0; i < 40; ++i) {
      std::string text(bytes.begin(), bytes.end());
      for (int k = 0; k < 3; ++k) text[text.size() - 1 - rng.below(250)] = char(rng.below(256));
      folder.write("a.dcm", text);
      try {
        read_dicom(folder / "a.dcm");
      } catch (const FormatError&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 30);
}

TEST_CASE("DICOM files are known by their mark where the name says nothing", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  folder.write("IM0001", text_of(slice()));
  folder.write("IM0002.7", text_of(slice({0, 1, 2, 3, 4, 5})));
  folder.write("notes", "text without an ending");
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.samples.size() == 2);
  CHECK(dataset.samples[0].path == "IM0001");
  CHECK(skipped(dataset, "notes", "not a PNG or JPEG"));
}

namespace {

/// The file's text with elements before the first one that begins with `tag`.
std::string with_elements(const DicomFile& file, const std::string& tag, const std::string& more) {
  std::string text = text_of(file);
  const std::size_t at = text.find(tag);
  REQUIRE(at != std::string::npos);
  return text.insert(at, more);
}

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += char(value);
  return bytes;
}

const std::string open_length = "\xff\xff\xff\xff";
const std::string item_begins = bytes_of({0xfe, 0xff, 0x00, 0xe0}),
                  item_ends = bytes_of({0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0}),
                  sequence_ends = bytes_of({0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0});
const std::string patient_tag = bytes_of({0x10, 0, 0x20, 0}),
                  pixels_tag = bytes_of({0xe0, 0x7f, 0x10, 0});

}  // namespace

TEST_CASE("DICOM: a sequence of unknown type holds implicit elements", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string inner = bytes_of({9, 0, 0x20, 0, 4, 0, 0, 0}) + "abcd";
  const std::string sequence = bytes_of({9, 0, 0x10, 0}) + "UN" + bytes_of({0, 0}) + open_length +
                               item_begins + open_length + inner + item_ends + sequence_ends;
  folder.write("a.dcm", with_elements(slice(), patient_tag, sequence));
  CHECK(read_dicom(folder / "a.dcm").stored.size() == 6);
  const std::size_t at = sequence.find(inner);  // against the standard, with types
  std::string typed = sequence;
  typed.replace(at, inner.size(), bytes_of({9, 0, 0x20, 0}) + "LO" + bytes_of({4, 0}) + "abcd");
  folder.write("a.dcm", with_elements(slice(), patient_tag, typed));
  CHECK(read_dicom(folder / "a.dcm").stored.size() == 6);
}

TEST_CASE("DICOM: an icon may be compressed", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string fragments = item_begins + bytes_of({2, 0, 0, 0}) + "xx" + sequence_ends;
  const std::string icon = bytes_of({0x88, 0, 0, 2}) + "SQ" + bytes_of({0, 0}) + open_length +
                           item_begins + open_length + pixels_tag + "OB" + bytes_of({0, 0}) +
                           open_length + fragments + item_ends + sequence_ends;
  folder.write("a.dcm", with_elements(slice(), pixels_tag, icon));
  CHECK(read_dicom(folder / "a.dcm").stored.size() == 6);
}

TEST_CASE("DICOM: a name of unknown type is a secret all the same", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string name =
      bytes_of({0x10, 0, 0x10, 0}) + "UN" + bytes_of({0, 0, 8, 0, 0, 0}) + "Doe^Jane";
  folder.write("a.dcm", with_elements(slice(), patient_tag, name));
  const DicomFacts facts = read_dicom_header(folder / "a.dcm");
  CHECK(std::ranges::count(facts.secrets, "Doe^Jane") == 1);
}

TEST_CASE("DICOM: a rescale or a window that is no number is none", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  DicomFile file = slice();
  file.slope = "nan", file.widths = "inf";
  folder.write("a.dcm", text_of(file));
  const DicomHeader header = read_dicom_header(folder / "a.dcm").header;
  CHECK_FALSE(header.has_rescale);
  CHECK(header.windows.empty());
}
