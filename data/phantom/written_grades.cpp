// Fundus phantoms as the published sets of graded photographs lie on disk, quirks included.

#include <array>
#include <map>

#include <fmt/core.h>

#include <ganymede/data/phantom/written.h>
#include <ganymede/kernels/philox.h>

namespace ganymede::phantom {
namespace {

/// Sample i of a phantom: which person of its grade, which eye.
struct Eye {
  Eye(const Dataset& dataset, std::size_t i) {
    const std::size_t classes = dataset.classes.size(), index = i / classes;
    truth = static_cast<int>(i % classes);
    person = static_cast<int>(index / 2);
    left = index % 2 == 1;
    number = person * static_cast<int>(classes) + truth;
    alone = !left && i + classes >= dataset.samples.size();
  }

  int truth;   ///< the grade, whatever the label says
  int person;  ///< of that grade
  int number;  ///< of the person among all
  bool left, alone;
};

/// Most healthy eyes come from the hospital that stores JPEGs, most others from the other one.
bool at_jpeg_site(const Eye& eye) { return (eye.person % 3 == 0) == (eye.truth != 0); }

/// The number of a person's first image in a series, a new day every twenty persons, and for one
/// without a second eye, whose neighbour would be taken for it.
std::string day_and_second(const Eye& eye) {
  const int day = eye.alone ? 27 - eye.truth : 1 + eye.number / 20 % 20;
  const int month = 1 + eye.number / 400 % 12, year = 2005 + eye.number / 4800;
  return fmt::format("{}{:02}{:02}_{}", year, month, day,
                     40000 + 400 * (eye.number % 20) + (eye.left ? 24 : 0));
}

std::string messidor_name(const Eye& eye) {
  return at_jpeg_site(eye) ? fmt::format("IM{:06}", 100 + 20 * eye.number + (eye.left ? 1 : 0))
                           : day_and_second(eye) + "_0100_PP";
}

/// The published rule that every table of grades shares here: exudates near the macula.
bool oedema(const Eye& eye) { return eye.truth >= 2 && eye.person % 3 == 1; }

Extra ungradable(const PhantomOptions& options, std::string path) {
  return {std::move(path), 0, options.per_class, true};
}

/// 12 hexadecimal digits that say nothing.
std::string code_of(const PhantomOptions& options, const std::string& name) {
  return fmt::format("{:012x}", kernels::key_of("phantom/id/" + name, options.seed) >> 16);
}

}  // namespace

WrittenSet plan_messidor_2(const PhantomOptions& options, const Dataset& dataset) {
  WrittenSet set;
  std::string grades = "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable\n";
  std::map<int, std::array<std::string, 2>> pairs;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Eye eye(dataset, i);
    const std::string name = messidor_name(eye);
    const bool jpeg = at_jpeg_site(eye);
    set.images.push_back("IMAGES/" + name + (jpeg ? ".JPG" : i % 4 == 3 ? ".PNG" : ".png"));
    grades += fmt::format("{}{},{},{:d},1\n", name, jpeg ? i % 2 ? ".jpg" : ".JPG" : ".png",
                          dataset.samples[i].label, oedema(eye));
    pairs[eye.number][eye.left ? 0 : 1] = name + (jpeg ? ".JPG" : ".png");
  }
  const std::string dark = "IM000050";
  set.extras.push_back(ungradable(options, "IMAGES/" + dark + ".JPG"));
  set.texts.emplace_back("messidor_data.csv", grades + dark + ".jpg,,,0\n");
  std::string eyes = "left;right\n";
  for (const auto& [person, pair] : pairs) eyes += pair[0] + ";" + pair[1] + "\n";
  set.texts.emplace_back("messidor-2.csv", eyes);
  return set;
}

WrittenSet plan_aptos(const PhantomOptions& options, const Dataset& dataset) {
  WrittenSet set;
  std::string grades = "id_code,diagnosis\n";
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::string code = code_of(options, std::to_string(i));
    set.images.push_back("train_images/" + code + ".png");
    grades += code + "," + dataset.samples[i].label + "\n";
  }
  set.texts.emplace_back("train.csv", grades);
  const std::string ungraded = code_of(options, "test");  // as the competition's test part
  set.extras.push_back({"test_images/" + ungraded + ".png", 0, options.per_class, false});
  set.texts.emplace_back("test.csv", "id_code\n" + ungraded + "\n");
  return set;
}

WrittenSet plan_eyepacs(const PhantomOptions&, const Dataset& dataset) {
  WrittenSet set;
  std::string grades = "image,level\n";
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Eye eye(dataset, i);
    const std::string name = fmt::format("{}_{}", 10 + 3 * eye.number, eye.left ? "left" : "right");
    set.images.push_back("train/" + name + ".jpeg");
    grades += name + "," + dataset.samples[i].label + "\n";
  }
  set.texts.emplace_back("trainLabels.csv", grades);
  return set;
}

/// The last fifth of the persons is the published test part; both parts count from 001.
WrittenSet plan_idrid(const PhantomOptions& options, const Dataset& dataset) {
  const int persons = (options.per_class + 1) / 2, tested = std::max(1, persons / 5);
  const std::string task = "B. Disease Grading/";
  const std::array parts{"a. Training Set", "b. Testing Set"};
  const std::string header = "Image name,Retinopathy grade,Risk of macular edema ";
  std::array<std::string, 2> tables{header + ",,,,,,,,,\r\n", header + "\r\n"};
  std::array<int, 2> count{0, 0};
  WrittenSet set;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Eye eye(dataset, i);
    const int part = persons > 1 && eye.person >= persons - tested ? 1 : 0;
    const std::string name = fmt::format("IDRiD_{:03}", ++count[part]);
    set.images.push_back(fmt::format("{}1. Original Images/{}/{}.jpg", task, parts[part], name));
    tables[part] += fmt::format("{},{},{:d}{}\r\n", name, dataset.samples[i].label, oedema(eye),
                                part == 0 ? ",,,,,,,,," : "");
  }
  const std::string truths = task + "2. Groundtruths/";
  set.texts.emplace_back(truths + "a. IDRiD_Disease Grading_Training Labels.csv", tables[0]);
  set.texts.emplace_back(truths + "b. IDRiD_Disease Grading_Testing Labels.csv", tables[1]);
  return set;
}

}  // namespace ganymede::phantom
