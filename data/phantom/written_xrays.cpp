#include <array>

#include <fmt/core.h>

#include <ganymede/data/phantom/written.h>

namespace ganymede::phantom {
namespace {

/// The last number in "0-17".
int number_of(const std::string& patient) {
  return std::stoi(patient.substr(patient.rfind('-') + 1));
}

/// Two series of normals and two pathogens, whose numbers begin anew.
std::string name_of(int label, int patient, int visit, std::size_t image) {
  const int number = patient / 2 + 1;
  if (label == 1)
    return fmt::format("person{}_{}_{}", number, patient % 2 ? "virus" : "bacteria", image + 1);
  return fmt::format("{}IM-{:04}-{:04}", patient % 2 ? "NORMAL2-" : "", number, visit + 1);
}

/// Three equal channels, as in some of the published files; the JPEG writer knows no grey.
Image in_rgb(const Image& grey, std::size_t) {
  Image out(grey.height(), grey.width(), 3, grey.bits());
  for (std::size_t k = 0; k < out.size(); ++k) out.set(k, grey.value(k / 3));
  return out;
}

}  // namespace

/// As Kaggle's archive unpacks: every fifth patient is in the test part, no table anywhere, and
/// what a Macintosh leaves behind.
WrittenSet plan_chest_xray_pneumonia(const PhantomOptions&, const Dataset& dataset) {
  WrittenSet set;
  std::array<int, 2> last{-1, -1}, visits{0, 0};
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const int label = static_cast<int>(i % dataset.classes.size());
    const int patient = number_of(dataset.samples[i].patient);
    visits[label] = patient == last[label] ? visits[label] + 1 : 0;
    last[label] = patient;
    set.images.push_back(fmt::format(
        "chest_xray/{}/{}/{}.jpeg", patient % 5 == 4 ? "test" : "train",
        label == 1 ? "PNEUMONIA" : "NORMAL", name_of(label, patient, visits[label], i)));
  }
  set.texts.emplace_back("chest_xray/.DS_Store", "not an image\n");
  set.texts.emplace_back("__MACOSX/chest_xray/._train.jpeg", "not an image\n");
  set.stored = in_rgb;
  return set;
}

}  // namespace ganymede::phantom
