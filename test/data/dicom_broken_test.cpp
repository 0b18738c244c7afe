// Files that cannot be read: named with their reason and left out, never a crash.

#include <catch2/catch.hpp>

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
