#pragma once

#include <ganymede/models/quality/frechet.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace ganymede::quality {

/// One measure's distances from half A of a real set, means over the splits.
struct SanityRow {
  double halves = 0;   ///< to the other half B
  double blurred = 0;  ///< to B, blurred
  double noise = 0;    ///< to noise
  int ordered = 0;     ///< splits in which each is below the next

  /// Whether the means are in the order that any measure worth printing shows.
  bool holds() const { return halves < blurred && blurred < noise; }
};

/// What a measure on some features says of sets whose order is known.
struct SanityTable {
  SanityRow kid;
  std::optional<SanityRow> frechet;  ///< only where each half has more images than dims
  int splits = 0;
  int half = 0;  ///< images in the smaller half, mean over the splits rounded down
  int dims = 0;

  /// "| raw pixels | 256 | 670 | KID | 1.2e-05 | 0.0031 | 0.42 | 10 of 10 |", a line for each
  /// measure, of a table whose head is sanity_table_head.
  std::string rows(const std::string& features) const;
};

inline constexpr const char* sanity_table_head =
    "| features | d | n | measure | d(A, B) | d(A, B blurred) | d(A, noise) | in order |\n"
    "|---|---|---|---|---|---|---|---|\n";

/// `plain`, `blurred` (degraded.h, by sigma 4) and `noise` hold the same extractor's features of
/// the same images in the same order. Patients (`groups`; images where empty) are split in random
/// halves, so that nobody is in both. Deterministic by seed. Throws ShapeError where counts or dims
/// differ, DataError for halves below 50 images (set_size.h), UsageError for no split.
SanityTable sanity_table(const Features& plain, const Features& blurred, const Features& noise,
                         std::span<const int> groups = {}, int splits = 10, std::uint64_t seed = 0);

}  // namespace ganymede::quality
