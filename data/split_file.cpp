#include <ganymede/data/split.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

void write_split(const std::string& path, const Dataset& dataset, const Split& split) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < split.part.size(); ++i)
    rows.push_back({dataset.samples[i].path, dataset.samples[i].label, name_of(split.part[i]),
                    std::to_string(split.group[i])});
  write_table(path, {"image", "label", "part", "group"}, rows);
}

Split read_split(const std::string& path, const Dataset& dataset, const std::vector<int>& groups) {
  Dataset marked = dataset;
  apply_split(marked, path);
  Split split{{}, groups, {}};
  for (const Sample& sample : marked.samples)
    for (Part part : parts_and_rest)
      if (sample.split == name_of(part)) split.part.push_back(part);
  return split;
}

}  // namespace ganymede
