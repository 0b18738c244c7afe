#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace ganymede {

/// Where the values of a DICOM file lie: those of the top level with a length of their own, up to
/// the pixels.
struct DicomElements {
  struct Value {
    std::string type;  ///< two letters; empty with implicit VR
    std::size_t begin;
    std::uint32_t length;
  };
  std::map<std::uint32_t, Value> values;  ///< by group and element, 0xggggeeee
  std::string syntax;                     ///< the transfer syntax's UID
  bool big_endian = false;
  std::size_t pixels = 0;      ///< where they begin; 0: none
  std::uint32_t declared = 0;  ///< their length; of plain ones it may lead beyond the file
  bool has_fragments = false;  ///< compressed
  std::string fault;           ///< why the file cannot be used, or ""
};

/// Walks over a file's elements and checks types, lengths, order and the fragments of compressed
/// pixels. An own walk, since Debian's GDCM is built with assertions, which end the program at
/// a damaged element. A deflated file is inflated in place.
DicomElements walk_dicom(std::string& bytes);

}  // namespace ganymede
