#include <ganymede/tools/study/detection/search.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

double number_in(const Table& table, std::size_t row, int column) {
  const std::string& cell = table.rows[row][std::size_t(column)];
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw DataError(table.place(row) + ": '" + cell +
                    "' is no number; delete the file to search again");
  return value;
}

/// The files of one search.
class FoundFiles {
 public:
  /// `height` and `width` of one image.
  FoundFiles(const RunFolder& folder, const std::string& where, int height, int width)
      : folder_(folder),
        where_(where),
        height_(height),
        in_strip_(std::size_t(std::max<std::int64_t>(
            1, std::min<std::int64_t>(max_image_side / height,
                                      max_image_pixels / (std::int64_t{1} * height * width))))) {}

  /// What earlier runs found, of so many queries the first.
  Found read(int batch, std::size_t queries) const {
    Found found;
    if (!folder_.has(table())) return found;
    const Table rows = read_table(folder_.file(table()));
    if (rows.rows.size() > queries)
      throw DataError(fmt::format(
          "{} has {} rows, but {} were to be found: it is of other images; delete {} to search "
          "again",
          folder_.file(table()), rows.rows.size(), counted(std::int64_t(queries), "image"),
          folder_.file(where_)));
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      found.matches.push_back({number_in(rows, i, 0), number_in(rows, i, 1), number_in(rows, i, 2),
                               int(number_in(rows, i, 3))});
    const std::size_t all = found.matches.size();
    for (std::size_t begin = 0; begin < all; begin += std::size_t(batch))
      for_each_strip(begin, std::min(all, begin + std::size_t(batch)),
                     [&](std::size_t first, std::size_t count) {
                       const auto images = strip_of(first, count);
                       found.images.insert(found.images.end(), images.begin(), images.end());
                     });
    return found;
  }

  /// The newest batch's images first: a table never speaks of images that are not there.
  void add(const std::vector<Image>& newest, const std::vector<LatentMatch>& all) const {
    const std::size_t begin = all.size() - newest.size();
    for_each_strip(begin, all.size(), [&](std::size_t first, std::size_t count) {
      const auto from = newest.begin() + std::ptrdiff_t(first - begin);
      write_png(folder_.file(strip(first)),
                image_grid(std::vector<Image>(from, from + std::ptrdiff_t(count)), 1, 0));
    });
    std::vector<std::vector<std::string>> rows;
    for (const LatentMatch& m : all)
      rows.push_back({fmt::format("{}", m.residual), fmt::format("{}", m.discrimination),
                      fmt::format("{}", m.score), fmt::format("{}", m.steps)});
    write_table(folder_.file(table()), {"residual", "discrimination", "score", "steps"}, rows);
  }

 private:
  std::string table() const { return where_ + "/found.csv"; }
  std::string strip(std::size_t first) const { return fmt::format("{}/{:05}.png", where_, first); }

  /// A batch is one strip, or several where one would be larger than a picture may be.
  template <class Body>
  void for_each_strip(std::size_t begin, std::size_t end, Body body) const {
    for (std::size_t first = begin; first < end; first += in_strip_)
      body(first, std::min(in_strip_, end - first));
  }

  /// The images of a strip.
  std::vector<Image> strip_of(std::size_t first, std::size_t count) const {
    const Image image = read_image(folder_.file(strip(first)));
    if (image.height() == int(count) * height_) return cut_strip(image, count);
    throw DataError(fmt::format(
        "{} is no strip of {} images of {} rows, as {} says; delete {} to "
        "search again",
        folder_.file(strip(first)), count, height_, folder_.file(table()), folder_.file(where_)));
  }

  const RunFolder& folder_;
  std::string where_;
  int height_;
  std::size_t in_strip_;  ///< images, at most
};

}  // namespace

std::vector<double> Found::scores() const {
  std::vector<double> all;
  for (const LatentMatch& m : matches) all.push_back(m.score);
  return all;
}

Finder search_finder(SearchSpace space, const LatentSearchOptions& o, std::uint64_t seed,
                     const std::string& path) {
  const auto search = std::make_shared<LatentSearch>(std::move(space), o, seed, path);
  return {
      [search](const Tensor& queries, std::int64_t first, const LatentSearch::Progress& progress) {
        return search->run(queries, first, progress);
      },
      o.batch, std::int64_t(o.steps) * o.restarts};
}

Found find_images(const RunFolder& folder, const std::string& where, const std::string& title,
                  const Finder& finder, const Prepared& data, const std::vector<Image>& queries) {
  const FoundFiles files(folder, where, data.images.height, data.images.width);
  Found all = files.read(finder.batch, queries.size());
  const auto count = std::int64_t(queries.size()), steps = finder.steps;
  if (std::ssize(all.matches) == count) return all;
  const Tensor images = gather_images(resident(data, queries), {});
  auto done = std::int64_t(all.matches.size());
  const Stoppable stoppable;
  Progress progress(title, count * steps, 0, done * steps);
  for (; done < count; done = std::int64_t(all.matches.size())) {
    const std::int64_t end = std::min<std::int64_t>(count, done + finder.batch);
    const auto watch = [&](std::int64_t, int step, double score) {
      if (interrupt_requested())
        throw Interrupted(fmt::format(
            "{} stopped after {} of {} images, which are kept; the same command goes on from there",
            title, done, count));
      progress.step(done * steps + (end - done) * step, {{"A", score}});
    };
    const LatentMatches found = finder.run(images.slice(done, end), done, watch);
    const std::vector<Image> pictures = to_images(found.images, data.bits);
    all.matches.insert(all.matches.end(), found.matches.begin(), found.matches.end());
    all.images.insert(all.images.end(), pictures.begin(), pictures.end());
    files.add(pictures, all.matches);
    progress.step(end * steps);
  }
  progress.finish();
  return all;
}

}  // namespace ganymede::study
