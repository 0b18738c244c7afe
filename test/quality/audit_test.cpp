// The audit on chest phantoms, whose copies are known, and on the real chest set.
#include "test/quality/audit_support.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/chest_xray.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/image_audit.h>
#include <ganymede/models/quality/resample_units.h>

#include "test/places.h"

using namespace ganymede;
using namespace ganymede::quality;
using test::AuditImages;
using test::Projection;

namespace {

constexpr int side = 32;

/// Normal chests of patients that no other seed has.
AuditImages chests(int count, std::uint64_t seed) {
  PhantomOptions options;
  options.kind = "chest-xray";
  options.size = 64;
  options.seed = seed;
  AuditImages images(side);
  std::map<std::string, int> patients;
  for (int i = 0; i < count; ++i) {
    const int patient = int(patients.size());
    const auto group = patients.emplace(phantom::chest_patient(0, i), patient).first->second;
    images.add(phantom::make_chest_xray(options, 0, i).image, int(seed) * 100000 + group);
  }
  return images;
}

std::vector<float> noised(std::vector<float> image, HostRng& rng) {
  for (float& value : image) value += float(.01 * rng.normal());
  return image;
}

/// `of` exact, `of` mirrored and `of` slightly noised copies after the fakes that are there.
void plant(AuditImages& fakes, const AuditImages& train, int of) {
  HostRng rng(1, "planted");
  for (int kind = 0; kind < 3; ++kind)
    for (int i = 0; i < of; ++i) {
      const auto image = train.image((i * 3 + kind) % train.count());
      fakes.add(kind == 0   ? image
                : kind == 1 ? test::mirror_image(image, train.side)
                            : noised(image, rng),
                -1);
    }
}

TwoSpaceAudit audit(const AuditImages& fakes, const AuditImages& train,
                    const AuditImages& held_out) {
  return audit_images(*test::gradients_for(train), fakes.set(), train.set(), held_out.set(),
                      train.groups, held_out.groups);
}

int flagged_between(const TwoSpaceAudit& audit, int from, int to) {
  return int(std::count(audit.flagged.begin() + from, audit.flagged.begin() + to, true));
}

/// The first images of `from`, moved to the right round the edge.
AuditImages shifted(const AuditImages& from, int count, int by) {
  AuditImages result(from.side);
  for (int i = 0; i < count; ++i) {
    auto image = from.image(i);
    for (int y = 0; y < side; ++y) {
      const auto row = image.begin() + y * side;
      std::rotate(row, row + side - by, row + side);
    }
    result.add(image, -1);
  }
  return result;
}

/// Means of the rows: features that no such shift changes.
MirroredFeatures row_means(const AuditImages& images) {
  std::vector<double> rows;
  for (int i = 0; i < images.count(); ++i) {
    const auto image = images.image(i);
    for (int y = 0; y < side; ++y)
      rows.push_back(std::accumulate(image.begin() + y * side, image.begin() + (y + 1) * side, 0.) /
                     side);
  }
  const Features features(std::span<const double>(rows), images.count(), images.side);
  return {features, features};
}

/// A set dealt out by patients.
struct Dealt {
  AuditImages train, held_out, fakes;
};

/// Half of the patients train; of the others half are held out, half play the fakes.
Dealt dealt(const AuditImages& images, SplitMix64 random) {
  std::set<int> patients(images.groups.begin(), images.groups.end());
  std::vector<int> order(patients.begin(), patients.end());
  shuffle(order, random);
  std::map<int, std::size_t> quarter;
  for (std::size_t i = 0; i < order.size(); ++i) quarter[order[i]] = 4 * i / order.size();
  Dealt parts{AuditImages(images.side), AuditImages(images.side), AuditImages(images.side)};
  for (int i = 0; i < images.count(); ++i) {
    const std::size_t at = quarter[images.groups[std::size_t(i)]];
    (at < 2    ? parts.train
     : at == 2 ? parts.held_out
               : parts.fakes)
        .add(images.image(i), images.groups[std::size_t(i)]);
  }
  return parts;
}

}  // namespace

TEST_CASE("300 copies planted under 1,000 fresh phantoms are found") {
  const auto train = chests(400, 1), held_out = chests(400, 2);
  auto fakes = chests(1000, 3);
  const int fresh = fakes.count();
  plant(fakes, train, 100);
  const auto result = audit(fakes, train, held_out);
  CHECK(result.verdict == MemorisationVerdict::copies);
  CHECK(flagged_between(result, fresh, fakes.count()) >= 285);  // 95 %
  CHECK(flagged_between(result, 0, fresh) <= 30);               // 3 %
  WARN("planted found: " << flagged_between(result, fresh, fakes.count())
                         << " of 300, fresh flagged: " << flagged_between(result, 0, fresh)
                         << " of 1000; " << result.sentence);
  for (int i = 0; i < 100; ++i) {
    CHECK(result.pixels.fakes[fresh + i].index == i * 3);
    CHECK(result.pixels.fakes[fresh + 100 + i].flipped);
  }
  const auto pairs = nearest_pairs(result);
  REQUIRE(pairs.size() == 20);
  for (const auto& pair : pairs) {
    CHECK(pair.fake >= fresh);
    CHECK(pair.closeness <= 1);
  }
}

TEST_CASE("fresh phantoms alone show no sign") {
  const auto train = chests(400, 1), held_out = chests(400, 2), fakes = chests(600, 4);
  const auto result = audit(fakes, train, held_out);
  CHECK(result.verdict == MemorisationVerdict::no_sign);
  CHECK(result.flagged_count <= 18);
  CHECK(result.sentence.substr(0, 7) == "NO SIGN");
}

TEST_CASE("copies that pixels miss are found in features") {
  const auto train = chests(300, 1), held_out = chests(300, 2);
  auto fakes = shifted(train, 100, 2);
  const auto result =
      audit_both_spaces(fakes.set(), train.set(), held_out.set(), row_means(fakes),
                        row_means(train), row_means(held_out), train.groups, held_out.groups);
  CHECK(result.pixels.near_identical_count == 0);
  CHECK(result.features.near_identical_count == 100);
  CHECK(result.verdict == MemorisationVerdict::copies);
  CHECK(nearest_pairs(result).front().in_features);
}

TEST_CASE("copies at another exposure are found in gradients") {
  const auto train = chests(300, 1), held_out = chests(300, 2);
  auto fakes = chests(200, 3);
  const int fresh = fakes.count();
  for (int i = 0; i < 100; ++i) fakes.add(train.image(i), -1);
  for (float& value : fakes.pixels) value = .7F * value + .2F;
  const auto result = audit(fakes, train, held_out);
  CHECK(result.pixels.near_identical_count == 0);
  CHECK(result.features.near_identical_count >= 95);
  CHECK(flagged_between(result, fresh, fakes.count()) >= 95);
  CHECK(flagged_between(result, 0, fresh) <= 6);
  CHECK(result.verdict == MemorisationVerdict::copies);
}

TEST_CASE("features that cannot tell patients apart accuse nobody") {
  const auto train = chests(200, 1), held_out = chests(200, 2), fakes = chests(200, 3);
  const auto blind = [](const AuditImages& images) {  // one of eight values, whoever it is
    std::vector<double> rows;
    for (int i = 0; i < images.count(); ++i) rows.push_back(i % 8);
    const Features features(std::span<const double>(rows), images.count(), 1);
    return MirroredFeatures{features, features};
  };
  const auto result = audit_both_spaces(fakes.set(), train.set(), held_out.set(), blind(fakes),
                                        blind(train), blind(held_out));
  CHECK(result.features.fakes[0].distance == 0);
  CHECK(result.features.near_identical_count == 0);
  CHECK(result.verdict == MemorisationVerdict::no_sign);
}

TEST_CASE("the sentence names the percentile that was asked for") {
  const auto train = chests(60, 1), held_out = chests(120, 2), fakes = chests(8, 3);
  const auto result = audit_both_spaces(fakes.set(), train.set(), held_out.set(), row_means(fakes),
                                        row_means(train), row_means(held_out), {}, {},
                                        {.percentile = .05, .near_identical = 1e-6});
  CHECK_THAT(result.sentence, Catch::Contains("than 95 % of 120 held-out reals"));
}

TEST_CASE("nearest pairs come in order, each fake once") {
  const auto train = chests(60, 1), held_out = chests(10, 2);
  auto fakes = chests(8, 3);
  fakes.add(train.image(5), -1);
  const auto result = audit(fakes, train, held_out);
  const auto pairs = nearest_pairs(result, 50);
  REQUIRE(pairs.size() == 9);
  CHECK(pairs[0].fake == 8);
  CHECK(pairs[0].training.index == 5);
  CHECK(pairs[0].closeness == 0);
  std::set<int> seen;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    seen.insert(pairs[i].fake);
    if (i > 0) CHECK(pairs[i].closeness >= pairs[i - 1].closeness);
  }
  CHECK(seen.size() == 9);
  CHECK(nearest_pairs(result.pixels, 3).size() == 3);
}

TEST_CASE("features of other images or networks are refused") {
  const auto train = chests(20, 1), fakes = chests(5, 3);
  const Projection one(side * side, 8), other(side * side, 9);
  CHECK_THROWS_AS(audit_features(one.both(fakes), other.both(train), one.both(fakes)), ShapeError);
  CHECK_THROWS_AS(audit_both_spaces(fakes.set(), train.set(), fakes.set(), one.both(train),
                                    one.both(train), one.both(fakes)),
                  ShapeError);
  CHECK_THROWS_AS(audit_features(one.both(AuditImages(side)), one.both(train), one.both(fakes)),
                  DataError);
}

namespace {

/// The NORMALs of the real chest set at 64 x 64; none where this machine has not got it.
AuditImages real_normals() {
  AuditImages normals(64);
  const std::string root = test::real_data("chest-xray-pneumonia");
  if (root.empty()) {
    WARN("skipped: chest-xray-pneumonia is not on this machine");
    return normals;
  }
  const Dataset dataset = open_dataset(root);
  const auto patients = group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    if (dataset.samples[i].label == "NORMAL")
      normals.add(load_image(dataset, dataset.samples[i]), patients[i]);
  CHECK(normals.count() == 1575);
  return normals;
}

}  // namespace

TEST_CASE("copies planted among real chests are found", "[.full]") {
  const AuditImages normals = real_normals();
  if (normals.count() == 0) return;
  Dealt parts = dealt(normals, SplitMix64(8, 0));
  const int fresh = parts.fakes.count();
  plant(parts.fakes, parts.train, 40);
  const auto result = audit(parts.fakes, parts.train, parts.held_out);
  const int found = flagged_between(result, fresh, parts.fakes.count()),
            accused = flagged_between(result, 0, fresh);
  WARN("planted found: " << found << " of 120, fresh flagged: " << accused << " of " << fresh);
  CHECK(result.verdict == MemorisationVerdict::copies);
  CHECK(found >= 114);
  CHECK(accused <= .03 * fresh);
}

TEST_CASE("20 random halves of the real chest set: no sign of copies in at least 18", "[.full]") {
  const AuditImages normals = real_normals();
  if (normals.count() == 0) return;
  int clean = 0;
  for (std::uint64_t half = 0; half < 20; ++half) {
    const Dealt parts = dealt(normals, SplitMix64(7, half));
    const auto result = audit(parts.fakes, parts.train, parts.held_out);
    INFO("half " << half << ": " << result.sentence);
    CHECK(result.near_identical_count == 0);
    clean += result.verdict == MemorisationVerdict::no_sign;
    if (result.verdict != MemorisationVerdict::no_sign)
      WARN("half " << half << ": " << result.sentence);
  }
  WARN(clean << " of 20 halves judged NO SIGN");
  CHECK(clean >= 18);
}
