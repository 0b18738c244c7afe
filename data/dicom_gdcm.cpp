// The only file that knows GDCM. It never sees a file of the user's: Debian's GDCM is built with
// assertions, which would end the program at a damaged element, so compressed pixels are handed to
// it behind a header made here.

#include <sstream>

#include <gdcmDicts.h>
#include <gdcmGlobal.h>
#include <gdcmImageReader.h>
#include <gdcmTrace.h>

#include <ganymede/data/dicom_codec.h>

namespace ganymede {
namespace {

/// GDCM reports on std::cerr, tags and values included.
void silence_gdcm() {
  static const bool once = [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
    return true;
  }();
  static_cast<void>(once);
}

/// Explicit VR, little endian, as every compressed file has.
class Stream {
 public:
  Stream() : bytes_(128, '\0') { bytes_ += "DICM"; }

  void number(unsigned element, int value) {
    head(0x0028, element, "US", 2);
    put(unsigned(value), 2);
  }
  void text(unsigned group, unsigned element, const char* type, std::string value) {
    if (value.size() % 2 != 0) value += type == std::string("UI") ? '\0' : ' ';
    head(group, element, type, value.size());
    bytes_ += value;
  }
  void pixels(std::string_view fragments) {
    put(0x7fe0, 2), put(0x0010, 2);
    bytes_ += "OB";
    put(0, 2), put(0xffffffff, 4);
    bytes_ += fragments;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void put(unsigned value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }
  void head(unsigned group, unsigned element, const char* type, std::size_t length) {
    put(group, 2), put(element, 2);
    bytes_ += type;
    put(unsigned(length), 2);
  }

  std::string bytes_;
};

std::string as_file(const DicomHeader& header, const std::string& syntax,
                    std::string_view fragments) {
  constexpr const char* kind = "1.2.840.10008.5.1.4.1.1.7";  // secondary capture: any grey picture
  Stream stream;
  stream.text(0x0002, 0x0002, "UI", kind);
  stream.text(0x0002, 0x0003, "UI", "1.2.3");
  stream.text(0x0002, 0x0010, "UI", syntax);
  stream.text(0x0008, 0x0016, "UI", kind);
  stream.text(0x0008, 0x0018, "UI", "1.2.3");
  stream.number(0x0002, 1);
  stream.text(0x0028, 0x0004, "CS", "MONOCHROME2");
  stream.number(0x0010, header.height);
  stream.number(0x0011, header.width);
  stream.number(0x0100, header.bits_allocated);
  stream.number(0x0101, header.bits_stored);
  stream.number(0x0102, header.high_bit);
  stream.number(0x0103, header.is_signed ? 1 : 0);
  stream.pixels(fragments);
  return stream.bytes();
}

}  // namespace

std::string dicom_type(std::uint32_t tag) {
  const gdcm::Dict& dictionary = gdcm::Global::GetInstance().GetDicts().GetPublicDict();
  const auto& entry = dictionary.GetDictEntry(
      gdcm::Tag(static_cast<std::uint16_t>(tag >> 16), static_cast<std::uint16_t>(tag)));
  return gdcm::VR::GetVRString(entry.GetVR());
}

std::string decode_pixels(const DicomHeader& header, const std::string& syntax,
                          std::string_view fragments) {
  silence_gdcm();
  std::istringstream stream(as_file(header, syntax, fragments));
  gdcm::ImageReader reader;
  reader.SetStream(stream);
  try {
    if (!reader.Read()) return "";
    const gdcm::Image& image = reader.GetImage();
    if (image.GetPixelFormat().GetBitsAllocated() != header.bits_allocated) return "";
    std::string values(image.GetBufferLength(), '\0');
    return image.GetBuffer(values.data()) ? values : "";
  } catch (const std::exception&) {  // the same as an answer of false
    return "";
  }
}

}  // namespace ganymede
