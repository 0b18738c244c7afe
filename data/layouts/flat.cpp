// Images side by side without labels: for train, sample, score and detect.

#include <ganymede/data/layouts/layout.h>

namespace ganymede {
namespace {

bool recognise(const Folder& folder) { return !folder.images.empty(); }

Dataset read(const Folder& folder) {
  Dataset dataset;
  dataset.layout = "flat";
  for (const std::string& path : folder.images) {
    Sample sample;
    sample.path = path;
    dataset.samples.push_back(std::move(sample));
  }
  for (const std::string& path : folder.others)
    dataset.skipped.push_back({path, "not a PNG or JPEG"});
  return dataset;
}

}  // namespace

const Layout flat_layout{"flat", recognise, read, true};

}  // namespace ganymede
