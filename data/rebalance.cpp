#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <tuple>

#include <ganymede/data/allocate.h>

namespace ganymede {
namespace {

using Table = std::vector<std::vector<int>>;

constexpr long wrong_size = 1'000'000, without_class = 3;  // in units of one image off its class

/// Bundles of one make-up are interchangeable: kinds are few where bundles are many, so that every
/// exchange can be tried.
class Balance {
 public:
  Balance(const std::vector<Bundle>& bundles, const Table& wanted, std::vector<int>& bins)
      : wanted_(wanted), missing_(wanted), held_(wanted.size()), bins_(bins) {
    std::map<std::vector<int>, int> number;
    for (std::size_t i = 0; i < bundles.size(); ++i) {
      const auto [it, is_new] =
          number.emplace(bundles[i].by_class, static_cast<int>(kinds_.size()));
      if (is_new) kinds_.push_back(bundles[i].by_class);
      add(bins[i], kinds_[it->second], -1);
      held_[bins[i]][it->second].push_back(static_cast<int>(i));
    }
  }

  /// Does the best exchange there is; false when none helps.
  bool improve() {
    Exchange best;
    for (int a = 0; a < bin_count(); ++a)
      for (int b = 0; b < bin_count(); ++b)
        if (a != b) try_between(a, b, best);
    if (best.gain <= 0) return false;
    hand_over(best.from, best.to, best.given);
    if (best.taken >= 0) hand_over(best.to, best.from, best.taken);
    return true;
  }

 private:
  struct Exchange {
    long gain = 0;
    int from = -1, to = -1, given = -1, taken = -1;  ///< kinds; taken -1: nothing comes back
  };

  int bin_count() const { return static_cast<int>(missing_.size()); }

  void add(int bin, const std::vector<int>& kind, int sign) {
    for (std::size_t c = 0; c < kind.size(); ++c) missing_[bin][c] += sign * kind[c];
  }

  /// How far a bin is off once it gets one bundle and gives another; sizes come first.
  long distance(int bin, const std::vector<int>* got, const std::vector<int>* given) const {
    long classes = 0, size = 0;
    for (std::size_t c = 0; c < missing_[bin].size(); ++c) {
      const long off = missing_[bin][c] - (got ? (*got)[c] : 0) + (given ? (*given)[c] : 0);
      classes += std::labs(off) + (off > 0 && off == wanted_[bin][c] ? without_class : 0);
      size += off;
    }
    return wrong_size * std::labs(size) + classes;
  }

  void try_between(int a, int b, Exchange& best) const {
    const long before = distance(a, nullptr, nullptr) + distance(b, nullptr, nullptr);
    if (before == 0) return;
    const auto weigh = [&](int given, int taken) {
      const std::vector<int>* back = taken < 0 ? nullptr : &kinds_[taken];
      const long gain =
          before - distance(a, back, &kinds_[given]) - distance(b, &kinds_[given], back);
      if (gain > best.gain) best = {gain, a, b, given, taken};
    };
    for (const auto& [given, members] : held_[a]) {
      if (members.empty()) continue;
      weigh(given, -1);
      for (const auto& [taken, others] : held_[b])
        if (!others.empty() && taken != given) weigh(given, taken);
    }
  }

  void hand_over(int from, int to, int kind) {
    const int bundle = held_[from][kind].back();
    held_[from][kind].pop_back();
    held_[to][kind].push_back(bundle);
    bins_[bundle] = to;
    add(from, kinds_[kind], 1);
    add(to, kinds_[kind], -1);
  }

  const Table& wanted_;
  Table missing_;  ///< [bin][class], below 0 where there are too many
  std::vector<std::vector<int>> kinds_;
  std::vector<std::map<int, std::vector<int>>> held_;  ///< [bin][kind] -> bundles
  std::vector<int>& bins_;
};

}  // namespace

void rebalance(const std::vector<Bundle>& bundles, const Table& wanted, std::vector<int>& bins) {
  Balance balance(bundles, wanted, bins);
  while (balance.improve()) {
  }
}

}  // namespace ganymede
