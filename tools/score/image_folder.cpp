#include <ganymede/tools/score/image_folder.h>

#include <numeric>

#include <fmt/format.h>

#include <ganymede/data/duplicates.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/fakes_window.h>

namespace ganymede::score {
namespace {

std::string extents(const ImageHeader& h) { return fmt::format("{}x{}", h.width, h.height); }

/// The one size of all images.
ImageHeader common_size(const Dataset& dataset) {
  const Sample& first = dataset.samples.front();
  for (const Sample& sample : dataset.samples)
    if (sample.header.width != first.header.width || sample.header.height != first.header.height)
      throw DataError(fmt::format(
          "{}: '{}' is {}, '{}' is {} pixels; bring all to one size with --size N", dataset.root,
          first.path, extents(first.header), sample.path, extents(sample.header)));
  return first.header;
}

LoadOptions form_of(const Dataset& dataset, const ImageForm& form) {
  LoadOptions o;
  o.channels = form.channels;
  o.resize = Resize::area;
  if (form.size > 0) {
    o.height = o.width = form.size;
    o.pad_to_square = true;
    return o;
  }
  const ImageHeader size = common_size(dataset);
  o.height = size.height;
  o.width = size.width;
  return o;
}

}  // namespace

Tensor ImageFolder::resident() const {
  const Shape shape{stack.count, stack.height, stack.width, stack.channels};
  return stack.bits == 16 ? Tensor::from(stack.words, shape) : Tensor::from(stack.bytes, shape);
}

ImageFolder open_images(const std::string& path, const ImageForm& form) {
  ImageFolder folder{
      .path = path, .dataset = open_dataset(path), .groups = {}, .stack = {}, .values = {}};
  take_fakes_window(folder.dataset, form.window, form.fakes);
  if (form.patients)
    folder.groups = group_samples(folder.dataset,
                                  find_duplicates(folder.dataset, fingerprints(folder.dataset)));
  std::vector<int> all(folder.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  folder.stack = load_images(folder.dataset, all, form_of(folder.dataset, form));
  folder.values = folder.stack.to_float();
  return folder;
}

void require_same_form(const ImageFolder& a, const ImageFolder& b) {
  const ImageStack &x = a.stack, &y = b.stack;
  if (x.width != y.width || x.height != y.height)
    throw DataError(fmt::format(
        "{} has images of {}x{}, {} of {}x{} pixels; bring both to one size with --size N", a.path,
        x.width, x.height, b.path, y.width, y.height));
  if (x.channels != y.channels)
    throw DataError(fmt::format(
        "{} has images of {} channels, {} of {}; say how to read them with --channels 1 or 3",
        a.path, x.channels, b.path, y.channels));
}

void require_comparable(const ImageFolder& a, const ImageFolder& b) {
  require_same_form(a, b);
  for (const ImageFolder* folder : {&a, &b})
    if (folder->count() < 2)
      throw DataError(fmt::format("{}: {} image; a set of images wants at least 2, take more",
                                  folder->path, folder->count()));
}

}  // namespace ganymede::score
