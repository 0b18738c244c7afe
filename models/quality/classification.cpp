#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/classification.h>

#include <algorithm>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);  // 0/0 is NaN on purpose
}

}  // namespace

std::int64_t Confusion::total() const {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::int64_t Confusion::of_class(int truth) const {
  std::int64_t sum = 0;
  for (int predicted = 0; predicted < classes; ++predicted) sum += at(truth, predicted);
  return sum;
}

std::int64_t Confusion::predicted_as(int predicted) const {
  std::int64_t sum = 0;
  for (int truth = 0; truth < classes; ++truth) sum += at(truth, predicted);
  return sum;
}

Confusion& Confusion::operator+=(const Confusion& other) {
  if (classes == 0) return *this = other;
  if (other.classes != classes)
    throw ShapeError(fmt::format("confusion: {} classes added to {}", other.classes, classes));
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  return *this;
}

Confusion confusion_matrix(std::span<const int> truth, std::span<const int> predicted,
                           int classes) {
  if (truth.size() != predicted.size())
    throw ShapeError(
        fmt::format("confusion_matrix: {} labels, {} predictions", truth.size(), predicted.size()));
  Confusion result{classes, std::vector<std::int64_t>(std::size_t(classes) * classes)};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const int label : {truth[i], predicted[i]})
      if (label < 0 || label >= classes)
        throw DataError(fmt::format("confusion_matrix: label {} of image {} is outside 0..{}",
                                    label, i, classes - 1));
    ++result.counts[std::size_t(truth[i]) * classes + predicted[i]];
  }
  return result;
}

double accuracy(const Confusion& confusion) {
  std::int64_t right = 0;
  for (int c = 0; c < confusion.classes; ++c) right += confusion.at(c, c);
  return ratio(right, confusion.total());
}

double balanced_accuracy(const Confusion& confusion) {
  double sum = 0;
  for (int c = 0; c < confusion.classes; ++c) sum += sensitivity(confusion, c);
  return sum / confusion.classes;
}

double sensitivity(const Confusion& confusion, int positive) {
  return ratio(confusion.at(positive, positive), confusion.of_class(positive));
}

double specificity(const Confusion& confusion, int positive) {
  const auto negatives = confusion.total() - confusion.of_class(positive);
  const auto taken = confusion.predicted_as(positive) - confusion.at(positive, positive);
  return ratio(negatives - taken, negatives);
}

double class_f1(const Confusion& confusion, int of_class) {
  return ratio(2 * confusion.at(of_class, of_class),
               confusion.of_class(of_class) + confusion.predicted_as(of_class));
}

double f1(const Confusion& confusion, int positive) {
  if (confusion.classes == 2) return class_f1(confusion, positive);
  double sum = 0;
  int occurring = 0;
  for (int c = 0; c < confusion.classes; ++c) {
    if (confusion.of_class(c) + confusion.predicted_as(c) == 0) continue;
    sum += class_f1(confusion, c);
    ++occurring;
  }
  return sum / occurring;
}

double quadratic_kappa(const Confusion& confusion) {
  double seen = 0, expected = 0;
  const double total = static_cast<double>(confusion.total());
  for (int truth = 0; truth < confusion.classes; ++truth)
    for (int predicted = 0; predicted < confusion.classes; ++predicted) {
      const double weight = double(truth - predicted) * (truth - predicted);
      seen += weight * static_cast<double>(confusion.at(truth, predicted));
      expected += weight * static_cast<double>(confusion.of_class(truth)) *
                  static_cast<double>(confusion.predicted_as(predicted)) / total;
    }
  return 1 - seen / expected;
}

Majority majority_class(std::span<const int> labels, int classes) {
  if (labels.empty()) throw DataError("majority_class: there is no label");
  const auto counts = confusion_matrix(labels, labels, classes);
  Majority result;
  for (int c = 1; c < classes; ++c)
    if (counts.at(c, c) > counts.at(result.of_class, result.of_class)) result.of_class = c;
  result.share = ratio(counts.at(result.of_class, result.of_class), counts.total());
  return result;
}

std::vector<int> argmax_rows(std::span<const double> scores, int classes) {
  std::vector<int> result;
  for (std::size_t row = 0; row + classes <= scores.size(); row += classes) {
    const auto begin = scores.begin() + row;
    result.push_back(int(std::max_element(begin, begin + classes) - begin));
  }
  return result;
}

}  // namespace ganymede::quality
