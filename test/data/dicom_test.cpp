// What DICOM files vary in, each in files written for the purpose. The writer is ours, the reader
// is not; the files in test/golden/dicom were compressed by GDCM's own encoders from the values
// that `coded` gives.

#include <cmath>

#include <catch2/catch.hpp>

#include <ganymede/data/hounsfield.h>
#include <ganymede/data/window.h>
#include <ganymede/kernels/error.h>

#include "dicom_support.h"

using namespace ganymede;
using ganymede::test::DicomFile;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::slice;
using ganymede::test::TemporaryFolder;
using ganymede::test::text_of;
using ganymede::test::without_dicom;

namespace {

using Values = std::vector<float>;

Hounsfield read_back(const DicomFile& file) {
  const TemporaryFolder folder;
  folder.write("a.dcm", text_of(file));
  return hounsfield(read_dicom(folder / "a.dcm"));
}

DicomHeader header_of(const DicomFile& file) {
  const TemporaryFolder folder;
  folder.write("a.dcm", text_of(file));
  return read_dicom_header(folder / "a.dcm").header;
}

std::vector<int> bytes_of(const Image& image) {
  return {image.bytes().begin(), image.bytes().end()};
}

Image shown(const Values& values, const std::string& window, int bits = 8) {
  return windowed({1, static_cast<int>(values.size()), values, false, {{30, 60}, {0, 10}}},
                  parse_window(window), bits);
}

}  // namespace

TEST_CASE("without GDCM the error says how to get it", "[dicom]") {
  if (reads_dicom()) return;
  const TemporaryFolder folder;
  folder.write("a.dcm", text_of(slice()));
  const std::string message = message_of<DataError>([&] { open_dataset(folder.path()); });
  CHECK(holds(message, "install libgdcm-dev"));
  CHECK(holds(message, "GANYMEDE_DICOM=ON"));
}

TEST_CASE("slope and intercept give Hounsfield units", "[dicom]") {
  if (without_dicom()) return;
  CHECK(read_back(slice()).values == Values{-1024, 0, 40, 80, 1000, 1976});
  DicomFile file = slice({-2, -1, 0, 1, 2, 3});
  file.slope = "+2.5E0 ", file.intercept = " -10.5";
  CHECK(read_back(file).values == Values{-15.5, -13, -10.5, -8, -5.5, -3});
  file = slice({0, 1, 2, 250, 254, 255});
  file.bits_allocated = file.bits_stored = 8;
  file.is_signed = false;
  CHECK(read_back(file).values == Values{-1024, -1023, -1022, -774, -770, -769});
  file = slice();
  file.slope = file.intercept = "";
  CHECK(read_back(file).values == Values{0, 1024, 1064, 1104, 2024, 3000});
  CHECK_FALSE(header_of(file).has_rescale);
}

TEST_CASE("unsigned 12-bit values with an intercept above -100 have wrapped around", "[dicom]") {
  if (without_dicom()) return;
  DicomFile file = slice({3096, 0, 40, 80, 1000, 3095});
  file.is_signed = false, file.bits_stored = 12, file.intercept = "0";
  CHECK(read_back(file).values == Values{-1000, 0, 40, 80, 1000, 3095});
  file.intercept = "-99";
  CHECK(read_back(file).values == Values{-1000, 0, 40, 80, 1000, 3095});
  file.intercept = "-100";
  CHECK(read_back(file).values == Values{2996, -100, -60, -20, 900, 2995});
  file.intercept = "-1024";
  CHECK(read_back(file).values == Values{2072, -1024, -984, -944, -24, 2071});
  file.intercept = "0", file.is_signed = true;  // 12 bits with a sign: 3096 is -1000
  CHECK(read_back(file).values == Values{-1000, 0, 40, 80, 1000, -1001});
}

TEST_CASE("padding is black in every window, and nothing is thinner than air", "[dicom]") {
  if (without_dicom()) return;
  DicomFile file = slice({-2000, 1024, 1064, 1104, -2000, 3000});
  CHECK(read_back(file).values == Values{-1024, 0, 40, 80, -1024, 1976});
  file.padding = -2000;
  const Hounsfield padded = read_back(file);
  CHECK(padded.values == Values{padding_value, 0, 40, 80, padding_value, 1976});
  for (const char* window : {"paper", "brain", "bone", "file", "[-5000,-4000]"})
    CHECK(windowed(padded, parse_window(window)).value(0) == 0);
  // Outside of the 12 bits: what is left of 63536 in 12 bits, 2096, is bone.
  file = slice({63536, 2096, 1064, 1104, 63536, 1024});
  file.is_signed = false, file.bits_stored = 12, file.padding = 63536;
  CHECK(read_back(file).values == Values{padding_value, 1072, 40, 80, padding_value, 0});
  file.padding.reset();  // then the bits above belong to no value
  CHECK(read_back(file).values[0] == 1072);
}

TEST_CASE("MONOCHROME1 is turned, its padding stays black", "[dicom]") {
  if (without_dicom()) return;
  DicomFile file = slice({-2000, 1024, 1064, 1104, 2024, 1044});
  file.padding = -2000, file.inverted = true;
  CHECK(bytes_of(windowed(read_back(file), parse_window("brain"), 8)) ==
        std::vector<int>{0, 255, 128, 0, 0, 191});
}

TEST_CASE("windows", "[dicom]") {
  const Values values{-1000, -5, 0, 20, 40, 80, 2000, padding_value};
  CHECK(bytes_of(shown(values, "brain")) == std::vector<int>{0, 0, 0, 64, 128, 255, 255, 0});
  CHECK(bytes_of(shown(values, "subdural")) == std::vector<int>{0, 19, 26, 51, 77, 128, 255, 0});
  CHECK(bytes_of(shown(values, "bone")) == std::vector<int>{0, 72, 73, 75, 77, 80, 255, 0});
  CHECK(bytes_of(shown(values, "soft")) == std::vector<int>{0, 97, 101, 114, 128, 154, 255, 0});
  CHECK(bytes_of(shown(values, "[0,2000]")) == std::vector<int>{0, 0, 0, 3, 5, 10, 255, 0});
  CHECK(bytes_of(shown(values, " [ -1000 , 2000 ] ")) ==
        std::vector<int>{0, 85, 85, 87, 88, 92, 255, 0});
  // Negative values become 0, the maximum of this image white.
  CHECK(bytes_of(shown(values, "paper")) == std::vector<int>{0, 0, 0, 3, 5, 10, 255, 0});
  CHECK(bytes_of(shown({-50, 10, 20}, "paper")) == std::vector<int>{0, 128, 255});
  CHECK(bytes_of(shown({-50, -10}, "paper")) == std::vector<int>{0, 0});
  CHECK(shown({0, 40, 80}, "brain", 16).words() == std::vector<std::uint16_t>{0, 32768, 65535});
  // Of several windows in a file the first; without one, all values.
  CHECK(bytes_of(shown(values, "file")) == std::vector<int>{0, 0, 0, 85, 170, 255, 255, 0});
  const Hounsfield bare{1, 3, {-100, 0, 100}, false, {}};
  CHECK(bytes_of(windowed(bare, parse_window("file"), 8)) == std::vector<int>{0, 128, 255});
  for (const char* wrong : {"", "Brain", "[1,1]", "[2,1]", "[1]", "1,2", "[a,b]", "[0,inf]", "[,]"})
    CHECK(holds(message_of<SettingError>([&] { parse_window(wrong); }),
                "expected paper, brain, subdural, bone, soft, file or [lo,hi]"));
}

TEST_CASE("window tags may have several values, or odd ones", "[dicom]") {
  if (without_dicom()) return;
  using Windows = std::vector<std::pair<double, double>>;
  DicomFile file = slice();
  file.centres = "00036\\600.5", file.widths = "00080\\2800";
  CHECK(header_of(file).windows == Windows{{36, 80}, {600.5, 2800}});
  file.widths = "80";
  CHECK(header_of(file).windows == Windows{{36, 80}});
  file.widths = "0\\x";
  CHECK(header_of(file).windows.empty());
  file.centres = file.widths = "";
  CHECK(header_of(file).windows.empty());
}

TEST_CASE("implicit and explicit VR, RLE, files without a preamble", "[dicom]") {
  if (without_dicom()) return;
  std::vector<int> stored;
  for (int i = 0; i < 40 * 300; ++i)
    stored.push_back(i % 300 < 200 ? 5 * (i / 300) : i * 37 % 2000);
  const DicomFile plain = slice(stored, 300);
  const Hounsfield expected = read_back(plain);
  CHECK(header_of(plain).coding == "explicit VR");
  DicomFile file = plain;
  file.implicit = true;
  CHECK(header_of(file).coding == "implicit VR");
  CHECK(read_back(file).values == expected.values);
  file.preamble = false;
  CHECK(read_back(file).values == expected.values);
  file = plain;
  file.rle = true;
  CHECK(header_of(file).coding == "RLE");
  CHECK(read_back(file).values == expected.values);
}

TEST_CASE("values compressed by another's encoders", "[dicom]") {
  if (without_dicom()) return;
  const auto coded = [](int i, bool is_signed) {
    const int value = (i * i * 7) % 3000 - (i % 5 != 0 ? 0 : 1000);
    return is_signed ? value : value & 4095;
  };
  for (const bool is_signed : {true, false})
    for (const char* name : {"big-endian", "deflated", "jpeg-lossless", "jpeg-ls", "jpeg-2000"}) {
      INFO(name << (is_signed ? " signed" : " unsigned"));
      const DicomPixels pixels =
          read_dicom((test::source_folder() / "test/golden/dicom" /
                      (is_signed ? "signed16" : "unsigned12") / (std::string(name) + ".dcm"))
                         .string());
      REQUIRE(pixels.stored.size() == 13 * 11);
      bool same = true;
      for (int i = 0; i < 13 * 11; ++i)
        same = same && pixels.stored[std::size_t(i)] == coded(i, is_signed);
      CHECK(same);
    }
}
