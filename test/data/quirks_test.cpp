// Each quirk of the four published sets of graded photographs, in small copies: a header with a
// trailing space, extra empty columns, spaces in folder names, ; as separator, extensions in
// another case, both eyes of a patient, an ungradable row, a missing image.

#include <catch2/catch.hpp>

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

/// A table as it comes out of a spreadsheet: a blank behind each name, three columns without a
/// name, CRLF, a row of nothing at the end, and the separator of a European machine.
std::string spoiled(const std::string& table, char separator) {
  std::string out;
  for (std::size_t at = 0, line = 0; at < table.size(); ++line) {
    const std::size_t end = table.find('\n', at);
    for (const char c : table.substr(at, end - at)) {
      if (c == ',' && line == 0) out += ' ';
      out += c == ',' ? separator : c;
    }
    out += (line == 0 ? " " : "") + std::string(3, separator) + "\r\n";
    at = end + 1;
  }
  return out + std::string(3, separator) + "\r\n";
}

/// One set in both spellings; `check` sees it opened from a folder with blanks in its name.
template <class Check>
void in_both_spellings(const Words& images, const std::string& file, const std::string& table,
                       Check check) {
  for (const char separator : {',', ';'}) {
    INFO("separator " << separator);
    const TemporaryFolder outer;
    const std::string set = "my copy (2)/";
    for (std::size_t i = 0; i < images.size(); ++i)
      outer.write(set + images[i], test::picture(static_cast<int>(i + 1), 12, 10, 3));
    outer.write(set + file, spoiled(table, separator));
    check(open_dataset(outer / "my copy (2)"));
  }
}

}  // namespace

TEST_CASE("messidor-2 with every quirk at once", "[quirks]") {
  const Words images{"Eye images/20051020_43808_0100_PP.PNG",
                     "Eye images/20051020_43832_0100_PP.png", "Eye images/IM000012.JPG",
                     "Eye images/IM000013.JPG", "Eye images/IM000090.JPG"};
  const std::string table =
      "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable\n"
      "20051020_43808_0100_PP.png,0,0,1\n20051020_43832_0100_PP.png,2,0,1\n"
      "im000012.jpg,1,0,1\nIM000013.png,4,1,1\nIM000090.jpg,,,0\nIM000666.jpg,3,0,1\n";
  in_both_spellings(images, "messidor_data.csv", table, [](const Dataset& dataset) {
    CHECK(dataset.layout == "messidor-2");
    CHECK(dataset.classes == Words{"0", "1", "2", "4"});
    CHECK(dataset.samples.size() == 4);
    CHECK(sample_of(dataset, "Eye images/20051020_43808_0100_PP.PNG").label == "0");
    CHECK(sample_of(dataset, "Eye images/IM000012.JPG").label == "1");
    CHECK(sample_of(dataset, "Eye images/IM000012.JPG").patient == "IM000012");
    CHECK(sample_of(dataset, "Eye images/IM000013.JPG").patient == "IM000012");
    CHECK(noted(dataset, "both eyes of 2 patients"));
    CHECK(
        skipped(dataset, "Eye images/IM000090.JPG", "ungradable, says row 6 of messidor_data.csv"));
    CHECK(skipped(dataset, "IM000666.jpg", "no such image, but row 7 of messidor_data.csv grades"));
    CHECK(dataset.skipped.size() == 2);
  });
}

TEST_CASE("aptos with every quirk at once", "[quirks]") {
  const Words images{"train images/000c1434d8d7.PNG", "train images/001639a390f0.png",
                     "train images/0024cdab0c1e.png"};
  const std::string table =
      "id_code,diagnosis\n000c1434d8d7,2\n001639a390f0,4\n0024cdab0c1e.PNG,1\n002c21358ce6,0\n";
  in_both_spellings(images, "train.csv", table, [](const Dataset& dataset) {
    CHECK(dataset.layout == "aptos");
    CHECK(dataset.classes == Words{"1", "2", "4"});
    CHECK(dataset.samples.size() == 3);
    CHECK(sample_of(dataset, "train images/000c1434d8d7.PNG").label == "2");
    CHECK(sample_of(dataset, "train images/0024cdab0c1e.png").label == "1");
    CHECK(skipped(dataset, "002c21358ce6", "no such image, but row 5 of train.csv grades it"));
    CHECK(dataset.skipped.size() == 1);
  });
}

TEST_CASE("eyepacs with every quirk at once", "[quirks]") {
  const Words images{"train part/10_left.JPEG", "train part/10_right.jpeg",
                     "train part/13_left.jpeg"};
  const std::string table = "image,level\n10_left,0\n10_right,1\n13_left.jpg,4\n15_left,2\n";
  in_both_spellings(images, "trainLabels.csv", table, [](const Dataset& dataset) {
    CHECK(dataset.layout == "eyepacs");
    CHECK(dataset.classes == Words{"0", "1", "4"});
    CHECK(dataset.samples.size() == 3);
    CHECK(sample_of(dataset, "train part/10_left.JPEG").patient == "10");
    CHECK(sample_of(dataset, "train part/10_right.jpeg").patient == "10");
    CHECK(sample_of(dataset, "train part/13_left.jpeg").patient == "13");
    CHECK(skipped(dataset, "15_left", "no such image, but row 5 of trainLabels.csv grades it"));
    CHECK(dataset.skipped.size() == 1);
  });
}

TEST_CASE("idrid with every quirk at once", "[quirks]") {
  const std::string train = "1. Original Images/a. Training Set/",
                    test = "1. Original Images/b. Testing Set/", truths = "2. Groundtruths/";
  for (const char separator : {',', ';'}) {
    const TemporaryFolder outer;
    const std::string task = "IDRiD/B. Disease Grading/";
    write_images(outer, {task + train + "IDRiD_001.jpg", task + train + "IDRiD_002.JPG",
                         task + train + "IDRiD_003.jpg", task + test + "IDRiD_001.jpg"});
    const std::string header = "Image name,Retinopathy grade,Risk of macular edema\n";
    outer.write(task + truths + "a. IDRiD_Disease Grading_Training Labels.csv",
                spoiled(header + "IDRiD_001,3,2\nIDRiD_002,0,0\nIDRiD_003,1,0\nIDRiD_004,2,0\n",
                        separator));
    outer.write(task + truths + "b. IDRiD_Disease Grading_Testing Labels.csv",
                spoiled(header + "IDRiD_001,4,0\n", separator));
    const Dataset dataset = open_dataset(outer.path());
    CHECK(dataset.layout == "idrid");
    CHECK(dataset.samples.size() == 4);
    CHECK(sample_of(dataset, task + train + "IDRiD_002.JPG").label == "0");
    CHECK(sample_of(dataset, task + test + "IDRiD_001.jpg").label == "4");
    CHECK(sample_of(dataset, task + test + "IDRiD_001.jpg").split == "test");
    CHECK(skipped(dataset, "IDRiD_004", "no such image, but row 5 of a. IDRiD_Disease Grading_"));
    CHECK(dataset.skipped.size() == 1);
  }
}

TEST_CASE("a table whose images are mostly missing belongs to another folder", "[quirks]") {
  const TemporaryFolder folder;
  write_images(folder, {"train/10_left.png", "train/10_right.png"});
  const std::string refused = complaint(
      folder, "trainLabels.csv", "image,level\n10_left,0\n11_left,0\n10_right,1\n12_left,1\n");
  CHECK(holds(refused, "trainLabels.csv row 3: no image '11_left' in"));
  CHECK(holds(refused, "add the file or delete the row"));
}
