#pragma once

// What the audits of pixels and of features share; not for callers.

#include <ganymede/models/quality/memorisation.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// Nearest training images in one space: of the fakes, of held-out reals, and of the training
/// images themselves, the last two among other patients.
struct Neighbours {
  std::vector<Nearest> fakes, held_out, train;
};

/// In pixels a distance that small is decisive. Features may be blind to what tells two patients
/// apart; there it counts only where held-out reals are not as near (exact test at alpha).
enum class NearIdentity { always, where_reals_are_not };

Audit judged(Neighbours neighbours, const AuditOptions& options, NearIdentity near_identity);

/// One's own patients, or each image for itself where `groups` is empty.
std::vector<int> groups_or_images(std::span<const int> groups, int count);

/// Throws DataError for fewer than 2 training images or no fake.
void check_audit_sizes(int fakes, int train);

}  // namespace ganymede::quality
