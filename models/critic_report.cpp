#include <ganymede/models/critic_report.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <fmt/format.h>

namespace ganymede {
namespace {

double mean_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

double standard_error(std::span<const float> values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (float v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / double(values.size() - 1) / double(values.size()));
}

double lower_quartile(std::span<const float> values) {
  std::vector<float> some(values.begin(), values.end());
  const auto at = some.begin() + std::ptrdiff_t(some.size() / 4);
  std::ranges::nth_element(some, at);
  return *at;
}

}  // namespace

std::vector<float> smoothed(const std::vector<float>& series) {
  const auto n = std::ptrdiff_t(series.size()), reach = std::max<std::ptrdiff_t>(2, n / 40);
  std::vector<float> result;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, i - reach),
                         last = std::min(n, i + reach + 1);
    result.push_back(
        float(mean_of(std::span(series).subspan(std::size_t(first), std::size_t(last - first)))));
  }
  return result;
}

std::string critic_warning(const GanHistory& history) {
  constexpr std::size_t fewest = 50;
  constexpr double lost = 0.05, saturated = 0.97;
  const std::vector<float> estimate = history.wasserstein();
  if (estimate.size() < fewest) return {};
  const auto tail = std::span(estimate).last(estimate.size() / 10);
  const double now = mean_of(tail), error = standard_error(tail);
  const double peak = std::ranges::max(smoothed(estimate));
  if (now <= 2 * error)
    return fmt::format(
        "the critic no longer tells reals from fakes: over the last tenth its estimate is {:.3g} "
        "+- {:.2g}, not above zero; later iterations taught the generator nothing",
        now, error);
  if (now <= lost * peak)
    return fmt::format(
        "the critic is nearly uninformative: over the last tenth its estimate is {:.3g}, {:.0f} % "
        "of its maximum {:.3g}",
        now, 100 * now / peak, peak);
  const double largest = std::ranges::max(estimate);
  if (lower_quartile(std::span(estimate).last(estimate.size() / 3)) >= saturated * largest)
    return fmt::format(
        "the critic is saturated: for the last third its estimate stands at its largest value, "
        "{:.3g}; the generator learns slowly from it: lower gan.n_critic or gan.learning_rate, or "
        "take a gradient penalty instead of clipped weights",
        largest);
  return {};
}

std::string discriminator_warning(const GanHistory& history) {
  constexpr std::size_t fewest = 20, least_tail = 5;
  constexpr float sure = 0.99f;
  const std::size_t n = history.score_real.size();
  if (n < fewest) return {};
  const std::size_t tail = std::max(least_tail, n / 10);
  const auto real = std::span(history.score_real).last(tail),
             fake = std::span(history.score_fake).last(tail);
  const bool all_real = std::ranges::min(real) > sure && std::ranges::min(fake) > sure,
             none_real = std::ranges::max(real) < 1 - sure && std::ranges::max(fake) < 1 - sure;
  if (!all_real && !none_real) return {};
  return fmt::format(
      "the discriminator no longer tells reals from fakes: over the last tenth it gives both alike "
      "({:.3f} and {:.3f} on average), and its gradient is lost; later iterations taught the "
      "generator nothing: with gan.loss = \"least_squares\" set gan.sigmoid = false, or lower "
      "gan.learning_rate",
      mean_of(real), mean_of(fake));
}

std::string training_warning(const GanOptions& options, const GanHistory& history) {
  if (options.loss == GanLoss::wasserstein) return critic_warning(history);
  const bool unbounded = options.loss == GanLoss::least_squares && !options.sigmoid;
  return unbounded ? std::string() : discriminator_warning(history);
}

}  // namespace ganymede
