#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <ganymede/data/dataset.h>
#include <ganymede/data/phantom/phantom.h>

namespace ganymede::phantom {

/// One more image beside the labelled ones.
struct Extra {
  std::string path;
  int label, index;
  bool ungradable;  ///< underexposed until nothing can be seen
};

/// Where the parts of a written set go, all paths below its folder. The ending of an image's path
/// decides between PNG and JPEG.
struct WrittenSet {
  std::vector<std::string> images;                         ///< per sample
  std::vector<std::pair<std::string, std::string>> texts;  ///< path, content
  std::vector<Extra> extras;
  /// What lies on disk for image i; null where it is the phantom itself.
  Image (*stored)(const Image&, std::size_t i) = nullptr;
  /// Writes image i where it is neither PNG nor JPEG; else empty.
  std::function<void(const std::string& file, const Image&, std::size_t i)> write;
};

/// A layout that phantoms can be written in.
struct WrittenLayout {
  const char* name;
  std::string kind;  ///< the only kind that fits; empty: any
  WrittenSet (*plan)(const PhantomOptions&, const Dataset&);
};

WrittenSet plan_messidor_2(const PhantomOptions& options, const Dataset& dataset);
WrittenSet plan_aptos(const PhantomOptions& options, const Dataset& dataset);
WrittenSet plan_eyepacs(const PhantomOptions& options, const Dataset& dataset);
WrittenSet plan_chest_xray_pneumonia(const PhantomOptions& options, const Dataset& dataset);
WrittenSet plan_idrid(const PhantomOptions& options, const Dataset& dataset);
WrittenSet plan_rsna(const PhantomOptions& options, const Dataset& dataset);

/// Throws SettingError where there is no such layout or the kind does not fit it, naming those that
/// do.
const WrittenLayout& written_layout(const std::string& name, const std::string& kind);

}  // namespace ganymede::phantom
