#include <ganymede/models/resident_set.h>

#include <ganymede/kernels/error.h>

namespace ganymede {

void require_labels(const ResidentSet& set, int classes, const std::string& reader) {
  if (std::int64_t(set.labels.size()) != set.count())
    throw UsageError(reader + ": " + std::to_string(set.labels.size()) + " labels for " +
                     std::to_string(set.count()) + " images");
  for (const std::int32_t label : set.labels)
    if (label < 0 || label >= classes)
      throw UsageError(reader + ": label " + std::to_string(label) + " is none of its " +
                       std::to_string(classes) + " classes");
}

}  // namespace ganymede
