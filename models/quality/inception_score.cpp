#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/inception_score.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

/// Rows in double, made to sum to 1.
std::vector<double> checked_rows(std::span<const float> probabilities, int classes) {
  if (classes < 1 || probabilities.size() % std::size_t(classes) != 0)
    throw ShapeError(fmt::format("inception_score: {} probabilities do not make rows of {}",
                                 probabilities.size(), classes));
  std::vector<double> rows(probabilities.begin(), probabilities.end());
  for (std::size_t start = 0; start < rows.size(); start += std::size_t(classes)) {
    double sum = 0;
    for (std::size_t i = start; i < start + std::size_t(classes); ++i)
      sum += rows[i] >= 0 ? rows[i] : std::nan("");
    if (!(std::abs(sum - 1) <= 1e-3))
      throw DataError(fmt::format(
          "inception_score: the probabilities of image {} sum to {}, not to 1; give a softmax",
          start / std::size_t(classes), sum));
    for (std::size_t i = start; i < start + std::size_t(classes); ++i) rows[i] /= sum;
  }
  return rows;
}

/// p log p, 0 at 0.
double p_log_p(double p) { return p > 0 ? p * std::log(p) : 0; }

/// KL to the mean row, averaged, is the entropy of the mean minus the mean of the entropies.
double score_of(std::span<const double> rows, int classes) {
  const double n = double(rows.size()) / classes;
  std::vector<double> mean(static_cast<std::size_t>(classes), 0.);
  double certainty = 0, evenness = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    mean[i % std::size_t(classes)] += rows[i] / n;
    certainty += p_log_p(rows[i]) / n;
  }
  for (const double p : mean) evenness -= p_log_p(p);
  return std::exp(certainty + evenness);
}

}  // namespace

InceptionScore inception_score(std::span<const float> probabilities, int classes, int splits) {
  if (splits < 1)
    throw UsageError(fmt::format("inception_score: {} splits; it wants at least 1", splits));
  const auto rows = checked_rows(probabilities, classes);
  const std::size_t n = rows.size() / std::size_t(classes), parts = std::size_t(splits);
  if (n < parts)
    throw DataError(fmt::format("inception_score: {} images make no {} splits", n, splits));
  InceptionScore result{.splits = splits};
  double squares = 0;
  for (std::size_t s = 0; s < parts; ++s) {
    const std::size_t from = s * n / parts, to = (s + 1) * n / parts;
    const double score = score_of(
        std::span(rows).subspan(from * std::size_t(classes), (to - from) * std::size_t(classes)),
        classes);
    const double gap = score - result.mean;  // Welford: no difference of large squares
    result.mean += gap / double(s + 1);
    squares += gap * (score - result.mean);
  }
  result.sd = std::sqrt(squares / splits);
  return result;
}

}  // namespace ganymede::quality
