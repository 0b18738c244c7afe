#include <ganymede/data/phantom/dicom_file.h>

#include <array>
#include <map>

namespace ganymede::phantom {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr const char* ct_image_storage = "1.2.840.10008.5.1.4.1.1.2";
constexpr std::uint32_t undefined_length = 0xffffffff;

struct Value {
  std::string vr;
  Bytes bytes;
  bool undefined = false;
};

/// By tag, so that they are written in ascending order.
using Elements = std::map<std::uint32_t, Value>;

std::uint32_t tag(unsigned group, unsigned element) { return group << 16 | element; }

void put16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value & 0xffff);
  put16(out, value >> 16);
}

void put_tag(Bytes& out, std::uint32_t number) {
  put16(out, number >> 16);
  put16(out, number & 0xffff);
}

/// Values have an even length: UIDs are filled with a zero, texts with a blank.
void set_text(Elements& elements, std::uint32_t number, const std::string& vr, std::string text) {
  if (text.size() % 2 != 0) text += vr == "UI" ? '\0' : ' ';
  elements[number] = {vr, Bytes(text.begin(), text.end())};
}

void set_number(Elements& elements, unsigned element, int value, const char* vr = "US") {
  Bytes bytes;
  put16(bytes, static_cast<unsigned>(value) & 0xffff);
  elements[tag(0x0028, element)] = {vr, bytes};
}

void put_element(Bytes& out, std::uint32_t number, const Value& value, bool implicit) {
  const auto length =
      value.undefined ? undefined_length : static_cast<std::uint32_t>(value.bytes.size());
  put_tag(out, number);
  const bool is_long = value.vr == "OB" || value.vr == "OW";
  if (!implicit) {
    out.insert(out.end(), value.vr.begin(), value.vr.end());
    if (is_long) put16(out, 0);
  }
  if (implicit || is_long)
    put32(out, length);
  else
    put16(out, length);
  out.insert(out.end(), value.bytes.begin(), value.bytes.end());
}

Bytes plain_pixels(const DicomFile& file) {
  Bytes out;
  for (const int value : file.stored) {
    out.push_back(static_cast<std::uint8_t>(value));
    if (file.bits_allocated == 16) out.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  return out;
}

/// PackBits of one row: runs of up to 128 equal bytes, literals of up to 128 others.
void pack_row(Bytes& out, const Bytes& row) {
  for (std::size_t at = 0; at < row.size();) {
    std::size_t run = 1;
    while (at + run < row.size() && run < 128 && row[at + run] == row[at]) ++run;
    if (run > 1) {
      out.push_back(static_cast<std::uint8_t>(257 - run));
      out.push_back(row[at]);
      at += run;
      continue;
    }
    std::size_t end = at + 1;
    while (end < row.size() && end - at < 128 &&
           (end + 1 == row.size() || row[end] != row[end + 1]))
      ++end;
    out.push_back(static_cast<std::uint8_t>(end - at - 1));
    out.insert(out.end(), row.begin() + static_cast<std::ptrdiff_t>(at),
               row.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
}

/// A plane of bytes for each byte of a value, the high one first, behind a header of 64 bytes.
Bytes rle_frame(const DicomFile& file) {
  const int planes = file.bits_allocated / 8;
  Bytes header, body;
  put32(header, static_cast<std::uint32_t>(planes));
  for (int plane = planes - 1; plane >= 0; --plane) {
    put32(header, static_cast<std::uint32_t>(64 + body.size()));
    for (int y = 0; y < file.height; ++y) {
      Bytes row;
      for (int x = 0; x < file.width; ++x)
        row.push_back(
            static_cast<std::uint8_t>(file.stored[std::size_t(y) * file.width + x] >> (8 * plane)));
      pack_row(body, row);
    }
    if (body.size() % 2 != 0) body.push_back(0);
  }
  header.resize(64);
  header.insert(header.end(), body.begin(), body.end());
  return header;
}

/// An empty table of offsets, one fragment, the end.
Bytes encapsulated(const Bytes& frame) {
  Bytes out;
  put_tag(out, tag(0xfffe, 0xe000));
  put32(out, 0);
  put_tag(out, tag(0xfffe, 0xe000));
  put32(out, static_cast<std::uint32_t>(frame.size()));
  out.insert(out.end(), frame.begin(), frame.end());
  put_tag(out, tag(0xfffe, 0xe0dd));
  put32(out, 0);
  return out;
}

void set_pixels(Elements& elements, const DicomFile& file) {
  Value& pixels = elements[tag(0x7fe0, 0x0010)];
  pixels.vr = file.rle || file.bits_allocated == 8 ? "OB" : "OW";
  pixels.undefined = file.rle;
  pixels.bytes = file.rle ? encapsulated(rle_frame(file)) : plain_pixels(file);
  if (pixels.bytes.size() % 2 != 0) pixels.bytes.push_back(0);
}

void set_identity(Elements& elements, const DicomFile& file) {
  set_text(elements, tag(0x0008, 0x0016), "UI", ct_image_storage);
  set_text(elements, tag(0x0008, 0x0018), "UI", file.instance);
  set_text(elements, tag(0x0008, 0x0060), "CS", "CT");
  set_text(elements, tag(0x0010, 0x0020), "LO", file.patient);
  set_text(elements, tag(0x0020, 0x000d), "UI", file.study);
  set_text(elements, tag(0x0020, 0x000e), "UI", file.series);
}

void set_form(Elements& elements, const DicomFile& file) {
  set_number(elements, 0x0002, 1);
  set_text(elements, tag(0x0028, 0x0004), "CS", file.inverted ? "MONOCHROME1" : "MONOCHROME2");
  set_number(elements, 0x0010, file.height);
  set_number(elements, 0x0011, file.width);
  set_number(elements, 0x0100, file.bits_allocated);
  set_number(elements, 0x0101, file.bits_stored);
  set_number(elements, 0x0102, file.bits_stored - 1);
  set_number(elements, 0x0103, file.is_signed ? 1 : 0);
  if (file.padding) set_number(elements, 0x0120, *file.padding, file.is_signed ? "SS" : "US");
  set_text(elements, tag(0x0028, 0x1050), "DS", file.centres);
  set_text(elements, tag(0x0028, 0x1051), "DS", file.widths);
  set_text(elements, tag(0x0028, 0x1052), "DS", file.intercept);
  set_text(elements, tag(0x0028, 0x1053), "DS", file.slope);
}

/// Preamble, mark and group 2, which is always explicit.
Bytes preamble(const DicomFile& file) {
  Elements meta;
  meta[tag(0x0002, 0x0001)] = {"OB", {0, 1}};
  set_text(meta, tag(0x0002, 0x0002), "UI", ct_image_storage);
  set_text(meta, tag(0x0002, 0x0003), "UI", file.instance);
  set_text(meta, tag(0x0002, 0x0010), "UI",
           file.rle        ? "1.2.840.10008.1.2.5"
           : file.implicit ? "1.2.840.10008.1.2"
                           : "1.2.840.10008.1.2.1");
  set_text(meta, tag(0x0002, 0x0012), "UI", "1.2.3.4");
  Bytes group;
  for (const auto& [number, value] : meta) put_element(group, number, value, false);
  Bytes out(128, 0);
  for (const char c : {'D', 'I', 'C', 'M'}) out.push_back(static_cast<std::uint8_t>(c));
  Bytes length;
  put32(length, static_cast<std::uint32_t>(group.size()));
  put_element(out, tag(0x0002, 0x0000), {"UL", length}, false);
  out.insert(out.end(), group.begin(), group.end());
  return out;
}

}  // namespace

std::vector<std::uint8_t> encode_dicom(const DicomFile& file) {
  Elements elements;
  set_identity(elements, file);
  set_form(elements, file);
  for (const DicomElement& e : file.more) set_text(elements, tag(e.group, e.element), e.vr, e.text);
  std::erase_if(elements, [](const auto& entry) { return entry.second.bytes.empty(); });
  if (!file.stored.empty()) set_pixels(elements, file);
  Bytes out = file.preamble ? preamble(file) : Bytes{};
  for (const auto& [number, value] : elements) put_element(out, number, value, file.implicit);
  return out;
}

}  // namespace ganymede::phantom
