// The two sets of Kermany et al. 2018 as downloaded, in small copies with their quirks: parts above
// classes, patients in the file names, a second copy of everything one level deeper, hidden files
// that look like images, a trailing space in the folder's name.

#include <catch2/catch.hpp>

#include <map>
#include <set>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/split.h>
#include <ganymede/data/text.h>

#include "grades_support.h"

using namespace ganymede;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::noted;
using ganymede::test::picture;
using ganymede::test::sample_of;
using ganymede::test::skipped;
using ganymede::test::TemporaryFolder;
using ganymede::test::Words;
using ganymede::test::write_images;

namespace {

const Words kaggle{"train/NORMAL/IM-0115-0001.jpeg",
                   "train/NORMAL/IM-0131-0001-0002.jpeg",
                   "train/NORMAL/NORMAL2-IM-0115-0001.jpeg",
                   "train/PNEUMONIA/person59_virus_116.jpeg",
                   "train/PNEUMONIA/person59_bacteria_281.jpeg",
                   "train/PNEUMONIA/person59_bacteria_282.jpeg",
                   "train/PNEUMONIA/person1660_virus_2869_1.jpeg",
                   "test/NORMAL/IM-0001-0001.jpeg",
                   "test/NORMAL/NORMAL2-IM-0173-0001-0002.jpeg",
                   "test/PNEUMONIA/person1_virus_6.jpeg",
                   "val/NORMAL/NORMAL2-IM-1427-0001.jpeg",
                   "val/PNEUMONIA/person1946_bacteria_4874.jpeg"};

/// Each path below `base`, its picture fixed by the path's place in the list.
void write_below(const TemporaryFolder& folder, const std::string& base, const Words& paths) {
  Words all;
  for (const std::string& path : paths) all.push_back(base + path);
  write_images(folder, all);
}

std::string patient(const Dataset& dataset, const std::string& path) {
  return sample_of(dataset, path).patient;
}

}  // namespace

TEST_CASE("chest-xray-pneumonia is read as downloaded from Kaggle") {
  for (const std::string base : {"", "chest_xray/", "my copy/chest_xray/chest_xray/"}) {
    INFO("below '" << base << "'");
    const TemporaryFolder folder;
    write_below(folder, base, kaggle);
    folder.write(base + ".DS_Store", "x");
    folder.write(base + "train/NORMAL/._IM-0115-0001.jpeg", "x");
    folder.write("__MACOSX/chest_xray/train/._NORMAL.jpeg", "x");
    const Dataset dataset = open_dataset(folder.path());
    CHECK(dataset.layout == "chest-xray-pneumonia");
    CHECK(dataset.classes == Words{"NORMAL", "PNEUMONIA"});
    CHECK(class_counts(dataset) == std::vector<int>{6, 6});
    CHECK(positive_class(dataset, "") == 1);
    CHECK(published_in_words(dataset) == "train 7, validation 2, test 3");
    CHECK(patient(dataset, base + kaggle[0]) == "IM-0115");
    CHECK(patient(dataset, base + kaggle[1]) == "IM-0131");
    CHECK(patient(dataset, base + kaggle[2]) == "NORMAL2-IM-0115");
    CHECK(patient(dataset, base + kaggle[3]) == "person59_virus");
    CHECK(patient(dataset, base + kaggle[4]) == "person59_bacteria");
    CHECK(patient(dataset, base + kaggle[5]) == "person59_bacteria");
    CHECK(patient(dataset, base + kaggle[6]) == "person1660_virus");
    CHECK(skipped(dataset, base + ".DS_Store", "hidden"));
    CHECK(skipped(dataset, base + "train/NORMAL/._IM-0115-0001.jpeg", "hidden"));
    CHECK(skipped(dataset, "__MACOSX", "archiver"));
    CHECK(dataset.skipped.size() == 3);
    CHECK_FALSE(noted(dataset, "too few to choose"));
  }
}

TEST_CASE("the second copy in Kaggle's archive is left out and reported") {
  const TemporaryFolder folder;
  write_below(folder, "chest_xray/", kaggle);
  write_below(folder, "chest_xray/chest_xray/", kaggle);
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.samples.size() == kaggle.size());
  CHECK(find_duplicates(dataset, fingerprints(dataset)).exact.empty());
  CHECK(skipped(dataset, "chest_xray/chest_xray/train/NORMAL",
                "3 images: a second copy, by name, of what lies in chest_xray"));
  CHECK(skipped(dataset, "chest_xray/chest_xray/test/PNEUMONIA/person1_virus_6.jpeg",
                "a second copy, by name"));
  CHECK(dataset.skipped.size() == 6);
}

TEST_CASE("Mendeley's original of the chest X-rays: patients are the first two parts") {
  const TemporaryFolder folder;
  const Words paths{
      "train/NORMAL/NORMAL-28501-0001.jpeg",     "train/PNEUMONIA/BACTERIA-7422-0001.jpeg",
      "train/PNEUMONIA/BACTERIA-7422-0002.jpeg", "train/PNEUMONIA/VIRUS-7422-0001.jpeg",
      "test/NORMAL/NORMAL-11419-0001.jpeg",      "test/PNEUMONIA/VIRUS-99-0001.jpeg"};
  write_below(folder, "chest_xray/", paths);
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "chest-xray-pneumonia");
  CHECK(published_in_words(dataset) == "train 4, test 2");
  CHECK(patient(dataset, "chest_xray/" + paths[0]) == "NORMAL-28501");
  CHECK(patient(dataset, "chest_xray/" + paths[1]) == "BACTERIA-7422");
  CHECK(patient(dataset, "chest_xray/" + paths[2]) == "BACTERIA-7422");
  CHECK(patient(dataset, "chest_xray/" + paths[3]) == "VIRUS-7422");
  CHECK(published_split(dataset, group_samples(dataset, {}), 1).straddling.empty());
}

TEST_CASE("chest X-rays with other things among them") {
  const TemporaryFolder folder;
  write_below(folder, "chest_xray/", kaggle);
  write_images(folder, {"chest_xray/train/PNEUMONIA/mine.jpeg", "chest_xray/train/odd/x.jpeg",
                        "notes/a.png", "notes/b.png"});
  folder.write("chest_xray/readme.txt", "text");
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "chest-xray-pneumonia");
  CHECK(dataset.samples.size() == 13);
  CHECK(patient(dataset, "chest_xray/train/PNEUMONIA/mine.jpeg").empty());
  CHECK(noted(dataset, "1 images have names that tell no patient"));
  CHECK(skipped(dataset, "chest_xray/train/odd/x.jpeg", "in none of the class folders NORMAL, PN"));
  CHECK(skipped(dataset, "notes", "2 images: outside chest_xray, the set that is read"));
  CHECK(skipped(dataset, "chest_xray/readme.txt", "not a PNG or JPEG"));
}

TEST_CASE("a published validation part too small to choose by is called so") {
  const TemporaryFolder folder;
  Words paths{"val/PNEUMONIA/person1_virus_1.jpeg"};
  for (int i = 0; i < 60; ++i)
    paths.push_back("train/PNEUMONIA/person2_virus_" + std::to_string(i) + ".jpeg");
  write_below(folder, "", paths);
  CHECK(noted(open_dataset(folder.path()), "validation part has 1 images, too few to choose"));
}

TEST_CASE("sets that resemble the chest X-rays are read as folders, and labels.csv comes first") {
  const auto layout_of = [](const Words& paths, const std::string& labels = "") {
    const TemporaryFolder folder;
    write_images(folder, paths);
    if (!labels.empty()) folder.write("labels.csv", labels);
    return open_dataset(folder.path()).layout;
  };
  CHECK(layout_of({"NORMAL/a.png", "PNEUMONIA/b.png"}) == "folders");
  CHECK(layout_of({"COVID/a.png", "NORMAL/IM-0001-0001.png", "PNEUMONIA/person1_virus_6.png"}) ==
        "folders");
  CHECK(layout_of({"NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/person1_virus_6.jpeg"}) ==
        "chest-xray-pneumonia");
  CHECK(layout_of({"NORMAL/NORMAL-12-1.png", "other/x.png"}) == "folders");
  CHECK(layout_of({"NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/person1_virus_6.jpeg"},
                  "image,label\nIM-0001-0001,a\nperson1_virus_6,b\n") == "labels.csv");
}

TEST_CASE("Kermany's OCT is read from its folder with a trailing space") {
  const Words paths{"train/CNV/CNV-1016042-1.jpeg",     "train/CNV/CNV-1016042-2.jpeg",
                    "train/DME/DME-30521-1.jpeg",       "train/DRUSEN/DRUSEN-1016042-3.jpeg",
                    "train/NORMAL/NORMAL-12494-1.jpeg", "test/CNV/CNV-53018-1.jpeg",
                    "test/NORMAL/NORMAL-12494-2.jpeg",  "val/DME/DME-9603124-1.jpeg"};
  const TemporaryFolder folder;
  write_below(folder, "OCT2017 /", paths);
  folder.write("OCT2017 /.DS_Store", "x");
  for (const std::string& root : {folder.path(), folder / "OCT2017 "}) {
    const Dataset dataset = open_dataset(root);
    const std::string base = root == folder.path() ? "OCT2017 /" : "";
    CHECK(dataset.layout == "kermany-oct");
    CHECK(dataset.classes == Words{"NORMAL", "CNV", "DME", "DRUSEN"});
    CHECK(class_counts(dataset) == std::vector<int>{2, 3, 2, 1});
    CHECK(published_in_words(dataset) == "train 5, validation 1, test 2");
    CHECK(patient(dataset, base + paths[0]) == "1016042");
    CHECK(patient(dataset, base + paths[3]) == "1016042");
    CHECK(skipped(dataset, base + ".DS_Store", "hidden"));
    const Split split = published_split(dataset, group_samples(dataset, {}), 1);
    REQUIRE(split.straddling.size() == 1);
    CHECK(split.straddling[0] ==
          "patient 12494: " + base + paths[6] + " (test), " + base + paths[4] + " (train)");
  }
}

TEST_CASE("both sets side by side, as Mendeley's folder holds them, are not mixed") {
  const TemporaryFolder folder;
  write_below(folder, "CellData/chest_xray/", kaggle);
  write_images(folder,
               {"CellData/OCT/train/CNV/CNV-1-1.jpeg", "CellData/OCT/train/CNV/CNV-1-2.jpeg",
                "CellData/OCT/train/NORMAL/NORMAL-2-1.jpeg"});
  const Dataset chest = open_dataset(folder.path());
  CHECK(chest.layout == "chest-xray-pneumonia");
  CHECK(chest.samples.size() == kaggle.size());
  CHECK(skipped(chest, "CellData/OCT/train/CNV", "2 images: outside CellData/chest_xray"));
  CHECK(skipped(chest, "CellData/OCT/train/NORMAL/NORMAL-2-1.jpeg", "outside CellData/chest_xray"));
  CHECK(open_dataset(folder / "CellData/OCT").samples.size() == 3);
}

TEST_CASE("the real chest X-rays: 5,840 images, 30 sets of duplicates, no straddling patient",
          "[long]") {
  const std::string root = test::real_data("chest-xray-pneumonia");
  if (root.empty()) {
    WARN("skipped: chest-xray-pneumonia is not on this machine");
    return;
  }
  Dataset dataset = open_dataset(root);
  CHECK(dataset.layout == "chest-xray-pneumonia");
  CHECK(class_counts(dataset) == std::vector<int>{1575, 4265});
  CHECK(published_in_words(dataset) == "train 5216, test 624");
  std::set<std::string> patients;
  for (const Sample& sample : dataset.samples) patients.insert(sample.patient);
  CHECK_FALSE(patients.contains(""));
  Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.size() == 30);
  CHECK(redundant_counts(dataset, duplicates) == std::vector<int>{4, 28});
  const Split split = published_split(dataset, group_samples(dataset, duplicates), 1);
  CHECK(split.straddling.empty());
  CHECK(split.indices(Part::test).size() == 624);
  duplicates = drop_exact_duplicates(dataset, duplicates);
  CHECK(class_counts(dataset) == std::vector<int>{1571, 4237});
}
