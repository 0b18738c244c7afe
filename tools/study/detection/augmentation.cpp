#include <ganymede/tools/study/detection/augmentation.h>

#include <fmt/format.h>

#include <ganymede/models/pixels.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/detection/search.h>

namespace ganymede::study {
Synthesis augment(const Context& c, const Unit& unit, Gan& gan, Augmenter by) {
  const int learnt = learnt_class(c.data, c.recipe);
  const std::string who = to_string(by);
  Candidates made{.of_class = learnt,
                  .learnt = c.data.samples(0, Part::train, learnt),
                  .held_out = c.data.samples(0, Part::validation, learnt),
                  .images = {},
                  .scores = {},
                  .probabilities = {},
                  .suffix = by == Augmenter::anogan ? "-anogan" : ""};
  std::vector<Image> queries;
  for (NamedImage& input : augmentation_inputs(c, by)) {
    made.inputs.push_back(input.path);
    queries.push_back(std::move(input.image));
  }
  gan.with_average([&] {
    const Finder finder = search_finder(
        search_space(gan, ""), augmentation_search_options(c.recipe), unit.seed, "augment/" + who);
    made.images =
        find_images(*c.folder, fmt::format("search/{}/{}", who, unit.name),
                    fmt::format("{}, images by {}", unit.name, who), finder, c.data, queries)
            .images;
  });
  made.scores = gan.score(gather_images(resident(c.data, made.images), {}));
  const int wanted = int(queries.size());
  return chosen_of(c, unit, std::move(made), wanted);
}

}  // namespace ganymede::study
