#include <catch2/catch.hpp>

#include <set>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/layouts/messidor_pairs.h>

#include "grades_support.h"

using namespace ganymede;
using ganymede::test::complaint;
using ganymede::test::holds;
using ganymede::test::noted;
using ganymede::test::sample_of;
using ganymede::test::skipped;
using ganymede::test::TemporaryFolder;
using ganymede::test::Words;
using ganymede::test::write_images;

namespace {

const char* const messidor_header =
    "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable\n";

void write_messidor(const TemporaryFolder& folder, const std::string& images) {
  write_images(folder,
               {images + "20051020_43808_0100_PP.png", images + "20051020_43832_0100_PP.PNG",
                images + "20051021_43850_0100_PP.png", images + "IM000012.JPG",
                images + "IM000013.PNG", images + "IM000056.png", images + "extra.png"});
}

}  // namespace

TEST_CASE("messidor-2 is read as downloaded, under every name of its columns and folders") {
  const std::string rows =
      "20051020_43808_0100_PP.png,0,0,1\n20051020_43832_0100_PP.png,2.0,0,1\n"
      "20051021_43850_0100_PP,,,0\nim000012.jpg,1,0,1\nIM000013.JPG,4,1,1\nIM000090.JPG,,,0\n";
  const std::string copy = "id_code; diagnosis ;adjudicated_dme;adjudicated_gradable;;\r\n";
  std::string copied = rows;
  std::replace(copied.begin(), copied.end(), ',', ';');
  for (const std::string images : {"IMAGES/", "images/", "messidor-2/messidor-2/preprocess/"}) {
    const TemporaryFolder folder;
    write_messidor(folder, images);
    folder.write("messidor_data.csv", images == "images/" ? copy + copied : messidor_header + rows);
    folder.write("messidor_readme.txt", "text");
    const Dataset dataset = open_dataset(folder.path());
    CHECK(dataset.layout == "messidor-2");
    CHECK(dataset.root == folder.path());
    CHECK(dataset.classes == Words{"0", "1", "2", "4"});
    CHECK(dataset.samples.size() == 4);
    CHECK(sample_of(dataset, images + "20051020_43832_0100_PP.PNG").label == "2");
    CHECK(sample_of(dataset, images + "IM000013.PNG").label == "4");
    CHECK(skipped(dataset, images + "20051021_43850_0100_PP.png", "ungradable, says row 4"));
    CHECK(skipped(dataset, "IM000090.JPG", "ungradable, says row 7"));  // and not on disk
    CHECK(skipped(dataset, images + "extra.png", "no row in messidor_data.csv"));
    CHECK(skipped(dataset, "messidor_readme.txt", "not a PNG or JPEG"));
    CHECK(dataset.skipped.size() == 5);
  }
}

TEST_CASE("messidor-2: both eyes of a patient, by name or by the published pairs") {
  const TemporaryFolder folder;
  const Words names{"20051020_43808_0100_PP.png", "20051020_43832_0100_PP.png", "IM000012.png",
                    "IM000013.png", "IM000056.png"};
  std::string rows = messidor_header;
  for (const std::string& name : names) {
    write_images(folder, {"IMAGES/" + name});
    rows += name + ",0,0,1\n";
  }
  folder.write("messidor_data.csv", rows);
  const auto patients = [&] {
    Words found;
    for (const Sample& sample : open_dataset(folder.path()).samples)
      found.push_back(sample.patient);
    return found;
  };
  const std::string day = "20051020_43808_0100_PP";
  CHECK(patients() == Words{day, day, "IM000012", "IM000012", ""});
  CHECK(noted(open_dataset(folder.path()), "2 patients are inferred from neighbouring file names"));
  folder.write("messidor-2.csv",
               "left;right\nIM000013.jpg;IM000056.JPG\nIM000090.JPG;im000012.jpg\n");
  CHECK(patients() == Words{"", "", "IM000090", "IM000013", "IM000013"});
  const Dataset dataset = open_dataset(folder.path());
  CHECK(noted(dataset, "both eyes of 1 patients, from messidor-2.csv"));
  CHECK(dataset.skipped.empty());
  CHECK(holds(complaint(folder, "messidor-2.csv", "left;right\nIM1;IM2\nim2;IM3\n"),
              "messidor-2.csv row 3: 'im2' is in row 2 too; delete the wrong row"));
  CHECK(holds(complaint(folder, "messidor-2.csv", "a;b\nIM1;IM2\n"), "no column 'left'"));
}

TEST_CASE("neighbouring names become pairs where the distances are smallest") {
  using Pairs = std::vector<EyePair>;
  const auto sorted = [](Pairs pairs) {
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  };
  // Consecutive numbers stay together, though 1-3 and 4-10 would lie closer than 10-18.
  CHECK(sorted(pairs_by_name({"IM000001", "IM000003", "IM000004", "IM000010", "IM000018"})) ==
        Pairs{{"IM000003", "IM000004"}, {"IM000010", "IM000018"}});
  CHECK(pairs_by_name({"IM000010", "IM000019"}).empty());
  // Three of a day: the near ones; another day or suffix is another series.
  CHECK(pairs_by_name({"20051202_100_0400_PP", "20051202_500_0400_PP", "20051202_520_0400_PP",
                       "20051203_530_0400_PP", "20051202_521_0100_PP"}) ==
        Pairs{{"20051202_500_0400_PP", "20051202_520_0400_PP"}});
  CHECK(pairs_by_name({"a", "b_1", "IM", "IMx", "2005_1_2", "20051202_x_y"}).empty());
}

TEST_CASE("messidor-2: rows that do not fit are refused with file, row and mend") {
  const TemporaryFolder folder;
  write_images(folder, {"IMAGES/IM000012.png", "IMAGES/IM000013.png"});
  const auto refused = [&](const std::string& rows) {
    return complaint(folder, "messidor_data.csv", messidor_header + rows);
  };
  const std::string missing = refused("IM000012.JPG,0,0,1\nIM000014.JPG,0,0,1\n");
  CHECK(holds(missing, "messidor_data.csv row 3: no image 'IM000014.JPG' in"));
  CHECK(holds(missing, "add the file or delete the row"));
  CHECK(holds(refused("IM000012,5,0,1\n"), "row 2: unknown label '5', expected a grade from 0 to"));
  CHECK(holds(refused("IM000012,1.5,0,1\n"), "unknown label '1.5'"));
  CHECK(holds(refused("IM000012,,0,1\n"), "row 2: the label is empty; fill it in"));
  CHECK(holds(refused("IM000012,1,0,yes\n"), "row 2: adjudicated_gradable is 'yes', expected 0"));
  CHECK(holds(refused("IM000012,1,0,1\nim000012.jpg,2,0,1\n"), "but row 2 says '1'"));
  CHECK(holds(complaint(folder, "messidor_data.csv", "image_id,grade\nIM000012,1\n"),
              "no column 'adjudicated_dr_grade' or 'diagnosis' (found: image_id, grade)"));
  CHECK(refused("IM000012,1,0,1\nIM000013,0,0,1\n").empty());
}

TEST_CASE("the real messidor-2 has five grades, pairs of eyes and four duplicates") {
  const std::string root = test::real_data("messidor-2");
  if (root.empty()) {
    WARN("skipped: messidor-2 is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  CHECK(dataset.layout == "messidor-2");
  CHECK(dataset.classes == Words{"0", "1", "2", "3", "4"});
  CHECK(class_counts(dataset) == std::vector<int>{1017, 270, 347, 75, 35});
  CHECK(dataset.skipped.empty());
  std::set<std::string> patients;
  int alone = 0;
  for (const Sample& sample : dataset.samples)
    sample.patient.empty() ? void(++alone) : void(patients.insert(sample.patient));
  CHECK(patients.size() == 342 + 523);  // 332 of IMn, IMn+1 and 10 with a gap
  CHECK(alone == 14);
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.size() == 4);
  // A patient photographed twice: the duplicates join whole pairs, two and two.
  const std::vector<int> groups = group_samples(dataset, duplicates);
  CHECK(*std::max_element(groups.begin(), groups.end()) + 1 == 865 + 14 - 2);
}
