#include <ganymede/data/dicom_elements.h>

#include <zlib.h>

#include <string_view>
#include <utility>

namespace ganymede {
namespace {

constexpr const char* no_dicom = "not a DICOM file, whatever its name says";
constexpr const char* damaged = "its DICOM elements are damaged or end too early";
constexpr const char* truncated = "the pixel data are truncated";

constexpr std::string_view short_types =
    "AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US ";
constexpr std::string_view long_types = "OB OD OF OL OV OW SQ SV UC UN UR UT UV ";
constexpr std::uint32_t undefined_length = 0xffffffff;
constexpr std::uint32_t item = 0xfffee000, item_end = 0xfffee00d, sequence_end = 0xfffee0dd,
                        pixel_data = 0x7fe00010, syntax_tag = 0x00020010;
constexpr int deepest = 16;

struct Fault {
  const char* reason;
};

struct Head {
  std::uint32_t tag = 0, length = 0;
  std::string type;
  bool is_sequence = false;
};

/// The bytes from `at` on, unpacked; stops at `largest`, which no slice reaches.
std::string inflated(const std::string& bytes, std::size_t at) {
  constexpr std::size_t largest = std::size_t{1} << 28;
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Fault{damaged};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(&bytes[at]));
  stream.avail_in = static_cast<uInt>(bytes.size() - at);
  std::string out, part(1 << 16, '\0');
  int state = Z_OK;
  while (state == Z_OK && out.size() < largest) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(part, 0, part.size() - stream.avail_out);
    if (state == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) break;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) throw Fault{damaged};
  return out;
}

/// Walks over a file. Every step throws Fault where it would leave the file.
class Walk {
 public:
  Walk(std::string& bytes, DicomElements& found) : bytes_(bytes), found_(found) {}

  void file() {
    if (bytes_.size() >= 132 && bytes_.compare(128, 4, "DICM") == 0) {
      at_ = 132;
      meta();
      if (found_.syntax.empty()) throw Fault{damaged};
      if (found_.syntax == "1.2.840.10008.1.2.1.99" && at_ < bytes_.size())
        bytes_ = bytes_.substr(0, at_) + inflated(bytes_, at_);
      implicit_ = found_.syntax == "1.2.840.10008.1.2";
      found_.big_endian = big_endian_ = found_.syntax == "1.2.840.10008.1.2.2";
    } else {
      bare();
    }
    elements(bytes_.size(), 0);
  }

 private:
  bool is_type(std::size_t at, std::string_view types) const {
    if (at + 2 > bytes_.size()) return false;
    const std::string word = bytes_.substr(at, 2) + " ";
    const std::size_t found = types.find(word);
    return found != std::string_view::npos && found % 3 == 0;
  }

  /// A file without preamble: its first element says how it is written.
  void bare() {
    if (bytes_.size() < 16 || number(2, 0) != 0x0008) throw Fault{no_dicom};
    implicit_ = !is_type(4, short_types) && !is_type(4, long_types);
    found_.syntax = implicit_ ? "1.2.840.10008.1.2" : "1.2.840.10008.1.2.1";
  }

  std::uint32_t number(int size, std::size_t at) const {
    if (at + std::size_t(size) > bytes_.size()) throw Fault{damaged};
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) {
      const auto byte = static_cast<std::uint8_t>(bytes_[at + std::size_t(i)]);
      value |= std::uint32_t{byte} << (8 * (big_endian_ ? size - 1 - i : i));
    }
    return value;
  }

  std::uint32_t take(int size) {
    const std::uint32_t value = number(size, at_);
    at_ += std::size_t(size);
    return value;
  }

  std::uint32_t take_tag() {
    const std::uint32_t group = take(2);
    return group << 16 | take(2);
  }

  Head take_head() {
    Head element;
    element.tag = take_tag();
    if (element.tag >> 16 == 0xfffe || implicit_) {
      element.length = take(4);
      element.is_sequence = element.length == undefined_length && element.tag != pixel_data;
      return element;
    }
    const bool is_long = is_type(at_, long_types);
    if (!is_long && !is_type(at_, short_types)) throw Fault{damaged};
    element.type = bytes_.substr(at_, 2);
    element.is_sequence = element.type == "SQ";
    at_ += is_long ? 4 : 2;
    element.length = take(is_long ? 4 : 2);
    if (element.length == undefined_length && element.tag != pixel_data) element.is_sequence = true;
    return element;
  }

  void keep(const Head& element) {
    found_.values[element.tag] = {element.type, at_, element.length};
  }

  void skip(std::uint32_t length, const char* reason = damaged) {
    if (length > bytes_.size() - at_) throw Fault{reason};
    at_ += length;
  }

  /// Group 2, always explicit and little endian.
  void meta() {
    std::uint32_t last = 0;
    while (at_ + 2 <= bytes_.size() && number(2, at_) == 2) {
      const Head element = take_head();
      if (element.is_sequence || element.tag <= last) throw Fault{damaged};
      last = element.tag;
      keep(element);
      skip(element.length);
    }
    std::string& syntax = found_.syntax;
    if (const auto entry = found_.values.find(syntax_tag); entry != found_.values.end())
      syntax = bytes_.substr(entry->second.begin, entry->second.length);
    while (!syntax.empty() && (syntax.back() == '\0' || syntax.back() == ' ')) syntax.pop_back();
  }

  /// The elements up to `end`, or up to the end of an item.
  void elements(std::size_t end, int depth) {
    std::uint32_t last = 0;
    while (at_ < end) {
      const Head element = take_head();
      if (depth > 0 && element.tag == item_end) return;
      if (element.tag <= last || element.tag >> 16 == 0xfffe) throw Fault{damaged};
      last = element.tag;
      if (element.tag == pixel_data && depth == 0) {
        found_.pixels = at_;
        found_.declared = element.length;
        // Short plain pixels are measured where their extents are known.
        if (element.length != undefined_length) return;
        fragments();
        found_.declared = static_cast<std::uint32_t>(at_ - found_.pixels);
        found_.has_fragments = true;
        return;
      } else if (element.tag == pixel_data && element.length == undefined_length) {
        fragments();  // of an icon
      } else if (element.is_sequence) {
        sequence_by_type(element, depth + 1);
      } else {
        if (depth == 0) keep(element);
        skip(element.length);
      }
    }
    if (at_ != end) throw Fault{damaged};
  }

  /// One of unknown type is written implicitly and in little endian, whatever the file is (DICOM
  /// PS3.5, 6.2.2); some writers name types in it all the same.
  void sequence_by_type(const Head& element, int depth) {
    const bool implicit = implicit_, big_endian = big_endian_;
    constexpr std::size_t to_type = 12;  // behind the item's tag and length and an element's tag
    const bool names_types =
        is_type(at_ + to_type, short_types) || is_type(at_ + to_type, long_types);
    if (element.type == "UN" && !names_types) {
      implicit_ = true;
      big_endian_ = false;
    }
    sequence(element.length, depth);
    implicit_ = implicit;
    big_endian_ = big_endian;
  }

  void sequence(std::uint32_t length, int depth) {
    if (depth > deepest) throw Fault{damaged};
    const bool open = length == undefined_length;
    if (!open && length > bytes_.size() - at_) throw Fault{damaged};
    const std::size_t end = open ? bytes_.size() : at_ + length;
    while (at_ < end) {
      const std::uint32_t tag = take_tag(), size = take(4);
      if (open && tag == sequence_end) return;
      if (tag != item) throw Fault{damaged};
      if (size == undefined_length) {
        elements(bytes_.size(), depth);
      } else {
        if (size > end - at_) throw Fault{damaged};
        elements(at_ + size, depth);
      }
    }
    if (open) throw Fault{damaged};
  }

  void fragments() {
    for (;;) {
      if (at_ + 8 > bytes_.size()) throw Fault{truncated};
      const std::uint32_t tag = take_tag(), size = take(4);
      if (tag == sequence_end) return;
      if (tag != item) throw Fault{damaged};
      skip(size, truncated);
    }
  }

  std::string& bytes_;
  DicomElements& found_;
  std::size_t at_ = 0;
  bool implicit_ = false, big_endian_ = false;
};

}  // namespace

DicomElements walk_dicom(std::string& bytes) {
  DicomElements found;
  try {
    Walk(bytes, found).file();
  } catch (const Fault& fault) {
    found.fault = fault.reason;
  }
  return found;
}

}  // namespace ganymede
