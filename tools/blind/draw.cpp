#include <ganymede/tools/blind/draw.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/data/resident.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/tools/blind/pick.h>
#include <ganymede/tools/fakes_window.h>

namespace ganymede::blind {
namespace {

constexpr int usual_count = 12;  // paper 004's readings are of two dozen pictures
constexpr int most = 500;        // of each kind: one page

void require_valid(const DrawOptions& o) {
  if (std::filesystem::weakly_canonical(o.real) == std::filesystem::weakly_canonical(o.fake))
    throw SettingError("blind: --real and --fake are one folder; name the real images' own");
  if (o.count < 0 || o.count > most)
    throw SettingError(fmt::format("blind: --count lies outside 1 to {}", most));
  if (o.size < 0 || o.size > 4096) throw SettingError("blind: --size lies outside 0 to 4096");
  if (o.channels != 0 && o.channels != 1 && o.channels != 3)
    throw SettingError("blind: --channels is 0 (those of the fakes), 1 or 3");
}

/// Samples that may be shown.
std::vector<int> candidates(const Dataset& dataset, const std::string& of_class) {
  std::vector<int> chosen(dataset.samples.size());
  std::iota(chosen.begin(), chosen.end(), 0);
  if (of_class.empty() || dataset.classes.empty()) return chosen;
  const int wanted = class_named(dataset, "blind: --class", of_class);
  std::erase_if(chosen,
                [&](int i) { return dataset.samples[std::size_t(i)].class_index != wanted; });
  return chosen;
}

std::vector<int> some_of(std::vector<int> from, int count, std::uint64_t seed,
                         const std::string& path, const std::string& folder) {
  if (int(from.size()) < count)
    throw DataError(
        fmt::format("{}: {} images to draw from, {} are to be shown; add some or set "
                    "--count {}",
                    folder, from.size(), count, from.size()));
  HostRng(seed, path).shuffle(std::span(from));
  from.resize(std::size_t(count));
  return from;
}

int channels_of(const Dataset& fakes) {
  const auto colour = [](const Sample& s) { return s.header.channels >= 3; };
  return std::ranges::any_of(fakes.samples, colour) ? 3 : 1;
}

/// The form of the fakes, which reals take too: the other way round, enlarging would show.
LoadOptions form_of(const Dataset& fakes, const std::vector<int>& among, const DrawOptions& o) {
  LoadOptions form{.channels = o.channels > 0 ? o.channels : channels_of(fakes), .bits = 8};
  form.resize = Resize::area;
  const auto& first = fakes.samples[std::size_t(among.front())];
  for (int i : among) {
    const auto& sample = fakes.samples[std::size_t(i)];
    if (o.size == 0 &&
        (sample.header.height != first.header.height || sample.header.width != first.header.width))
      throw DataError(
          fmt::format("{}: '{}' and '{}' differ in size; bring all to one with --size N",
                      fakes.root, first.path, sample.path));
  }
  form.height = o.size > 0 ? o.size : first.header.height;
  form.width = o.size > 0 ? o.size : first.header.width;
  form.pad_to_square = form.height == form.width;
  return form;
}

void add_notes(Drawn& drawn, const Dataset& real, const Dataset& fake,
               const std::vector<int>& shown_reals, const LoadOptions& form, const DrawOptions& o) {
  if (o.of_class.empty() && real.classes.size() > 1 && real.classes != fake.classes)
    drawn.notes.push_back(
        fmt::format("the reals are of several classes ({}) and the fakes may not "
                    "be: what a class shows tells them apart; --class shows one",
                    joined(real.classes, ", ")));
  const auto small = [&](int i) {
    const ImageHeader& h = real.samples[std::size_t(i)].header;
    return std::max(h.height, h.width) < std::max(form.height, form.width);
  };
  if (const auto n = std::ranges::count_if(shown_reals, small); n > 0)
    drawn.notes.push_back(
        fmt::format("{} of the reals are smaller than {}x{} and were enlarged, "
                    "which shows; a smaller --size treats all alike",
                    n, form.width, form.height));
}

std::vector<Image> images_of(const Dataset& dataset, const std::vector<int>& which,
                             const LoadOptions& form) {
  const ImageStack stack = load_images(dataset, which, form);
  std::vector<Image> images;
  for (int i = 0; i < stack.count; ++i) images.push_back(stack.image(i));
  return images;
}

}  // namespace

Drawn draw(const DrawOptions& o) {
  require_valid(o);
  Dataset real = open_dataset(o.real), fake = open_dataset(o.fake);
  for (Dataset* set : {&real, &fake}) take_fakes_window(*set, o.window, o.fake);
  if (!o.window.empty() && !has_dicom(real) && !has_dicom(fake))
    refuse_window(o.window, "these sets");
  if (!o.of_class.empty() && real.classes.empty() && fake.classes.empty())
    throw SettingError("blind: --class " + o.of_class + ": neither set has classes; leave it out");
  std::vector<int> fakes = candidates(fake, o.of_class);
  if (!o.pick.empty()) fakes = picked_samples(o.pick, fake);
  Drawn drawn;
  drawn.count = o.count > 0 ? o.count : o.pick.empty() ? usual_count : int(fakes.size());
  const auto shown_reals =
      some_of(candidates(real, o.of_class), drawn.count, o.seed, "blind/real", o.real);
  const auto shown_fakes =
      some_of(fakes, drawn.count, o.seed, "blind/fake", o.pick.empty() ? o.fake : o.pick);
  const LoadOptions form = form_of(fake, fakes, o);
  std::vector<Image> all = images_of(real, shown_reals, form);
  for (Image& image : images_of(fake, shown_fakes, form)) all.push_back(std::move(image));
  std::vector<int> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  HostRng(o.seed, "blind/order").shuffle(std::span(order));
  for (int i : order) {
    drawn.reading.pictures.push_back(all[std::size_t(i)]);
    drawn.reading.fake.push_back(i >= drawn.count);
  }
  drawn.reading.picked = !o.pick.empty();
  add_notes(drawn, real, fake, shown_reals, form, o);
  return drawn;
}

}  // namespace ganymede::blind
