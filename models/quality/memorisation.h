#pragma once

#include <ganymede/models/quality/nearest.h>

#include <span>
#include <string>
#include <vector>

namespace ganymede::quality {

enum class MemorisationVerdict { copies, suspect, no_sign };

/// "COPIES", "SUSPECT", "NO SIGN".
std::string to_string(MemorisationVerdict verdict);

struct AuditOptions {
  int fewest_held_out = 100;    ///< below it nothing is flagged, only near-identity counts
  double percentile = .01;      ///< of the held-out distances: closer is flagged
  double near_identical = .25;  ///< of the median distance between training images of two patients
  double alpha = .01;           ///< level of both tests
};

/// What the audit of one class's fakes found. Distances are nearest_images' (root mean square per
/// value, mirror images included) to the training part that the generator has seen.
struct Audit {
  MemorisationVerdict verdict = MemorisationVerdict::no_sign;
  std::string sentence;              ///< for a person
  std::vector<Nearest> fakes;        ///< nearest training image of each fake
  std::vector<Nearest> held_out;     ///< and of each held-out real, other patients only
  std::vector<bool> flagged;         ///< per fake; near-identical ones included
  std::vector<bool> near_identical;  ///< per fake
  int flagged_count = 0;
  int near_identical_count = 0;
  int closer_count = 0;  ///< fakes closer than the held-out percentile, smooth ones too
  std::vector<double> between_patients;  ///< distances of training images to their nearest of
                                         ///< another patient, ascending
  double near_identity_limit = 0;        ///< distance
  double distance_limit = 0;             ///< the held-out percentile; 0 where too few are held out
  double relative_limit = 0;
  double expected_share = 0;    ///< of flagged fakes, if fakes were as reals are
  double p_binomial = 1;        ///< of at least that many flagged, the percentile taken as known
  double p_flagged = 1;         ///< the same, knowing that it was read off a finite held-out set
  double p_near_identical = 1;  ///< of so many near-identical fakes, if fakes were as reals are
  double p_three_sample = 1;    ///< fakes relatively nearer to training images than held-out reals
};

/// Audits fakes for copies of training images.
///
/// A fake is near-identical when its distance is at most a quarter of the median distance between
/// training images of different patients. It is flagged when it is near-identical, or closer to a
/// training image than all but 1 % of the held-out reals are, and relatively closer as well: the
/// second condition spares fakes that are merely smooth, hence near to every image.
/// COPIES: there are near-identical fakes. SUSPECT: more are flagged than chance allows (exact
/// binomial and the exact test for a percentile from few reals, both p < .01). NO SIGN else.
/// The three-sample test (Meehan, Chaudhuri and Dasgupta 2020, one cell, on relative distances) is
/// reported and does not decide: it rejects for smooth fakes that copy nothing
/// (docs/statistics.md).
///
/// `train_groups` and `held_out_groups` name the patients; empty lists mean one patient an image.
/// Throws ShapeError where sizes differ, DataError for fewer than 2 training images or no fake.
Audit audit_memorisation(const ImageSet& fakes, const ImageSet& train, const ImageSet& held_out,
                         std::span<const int> train_groups = {},
                         std::span<const int> held_out_groups = {},
                         const AuditOptions& options = {});

}  // namespace ganymede::quality
