#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/quality/classification.h>

#include <ganymede/tools/study/outputs.h>
#include <ganymede/tools/study/results.h>

namespace ganymede::study {

/// What classifiers of reals said, per seed.
struct Answers {
  std::vector<quality::Confusion> seen;
  /// Class probabilities, a row per image: what an Inception score is made of.
  std::vector<std::vector<float>> probabilities;
};

/// Of fakes (true class: the one that was asked for) and of the real test images.
struct Recognised {
  Answers fakes, reals;
};

/// {classes.<class> {fakes, reals}, accuracy {fakes, reals}, inception_score {fakes, reals},
/// confusion[][]}: shares recognised as {share, low, high, n, per_seed[]}, null without images. The
/// 95 % interval is Wilson's over images at the mean share: all fakes, since each seed makes
/// others, and the test images once, since each seed is asked about the same. The score is {mean,
/// per_seed[]} (in one split, since the images come sorted by class), between 1 and the number of
/// classes. Throws DataError for no seed, ShapeError for confusions of another number of classes
/// than `classes` names.
nlohmann::ordered_json recognition_json(const Recognised& counts,
                                        const std::vector<std::string>& classes);

/// Paper 004's question, for each network of the study: does a classifier that was trained on reals
/// see in a fake the class that it was made for? Asked about every fake as it came, before any was
/// left out, beside its answers about the real test images; the classifiers are those of the first
/// arm without fakes ("none" where it is there). Null where nothing was made for a class, or no arm
/// is without fakes.
nlohmann::ordered_json recognition_record(const Context& context, const Fakes& fakes,
                                          const TestResults& test);

}  // namespace ganymede::study
