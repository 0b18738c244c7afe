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

void write_idrid(const TemporaryFolder& folder, const std::string& task) {
  write_images(folder, {task + "1. Original Images/a. Training Set/IDRiD_001.png",
                        task + "1. Original Images/a. Training Set/IDRiD_002.PNG",
                        task + "1. Original Images/b. Testing Set/IDRiD_001.png",
                        task + "1. Original Images/b. Testing Set/IDRiD_003.png"});
  folder.write(task + "2. Groundtruths/a. IDRiD_Disease Grading_Training Labels.csv",
               "\xef\xbb\xbfImage name,Retinopathy grade,Risk of macular edema ,,,,\r\n"
               "IDRiD_001,3,2,,,,\r\nIDRiD_002,0,0,,,,\r\n,,,,,,\r\n");
  folder.write(task + "2. Groundtruths/b. IDRiD_Disease Grading_Testing Labels.csv",
               "Image name,Retinopathy grade,Risk of macular edema \r\nIDRiD_001,4,0\r\n");
}

}  // namespace

TEST_CASE("aptos is read as downloaded") {
  const TemporaryFolder outer;
  const std::string set = "aptos2019-blindness-detection/";
  write_images(outer, {set + "train_images/000c1434d8d7.png", set + "train_images/001639a390f0.PNG",
                       set + "test_images/0005cfc8afb6.png"});
  outer.write(set + "train.csv", "id_code,diagnosis \r\n000c1434d8d7,2\r\n001639a390f0,0\r\n");
  outer.write(set + "test.csv", "id_code\n0005cfc8afb6\n");
  const Dataset dataset = open_dataset(outer.path());
  CHECK(dataset.layout == "aptos");
  CHECK(dataset.classes == Words{"0", "2"});
  REQUIRE(dataset.samples.size() == 2);
  CHECK(dataset.samples[1].path == "train_images/001639a390f0.PNG");
  CHECK(dataset.samples[1].split.empty());
  CHECK(dataset.samples[1].patient.empty());
  CHECK(noted(dataset, "--groups"));
  CHECK(skipped(dataset, "test_images/0005cfc8afb6.png", "no row in train.csv"));
  CHECK(skipped(dataset, "test.csv", "not read: the grades are in train.csv"));
  CHECK(holds(complaint(outer, set + "train.csv", "id_code;diagnosis\n000c1434d8d7;2\nabsent;1\n"),
              "train.csv row 3: no image 'absent'"));
}

TEST_CASE("aptos in three tables comes with its split") {
  const TemporaryFolder folder;
  write_images(folder, {"train_images/train_images/a1.png", "val_images/val_images/b2.png",
                        "test_images/test_images/c3.png"});
  folder.write("train_1.csv", "id_code,diagnosis\na1,4\n");
  folder.write("valid.csv", "id_code,diagnosis\nb2,0\n");
  folder.write("test.csv", "id_code,diagnosis\nc3,1\n");
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "aptos");
  CHECK(sample_of(dataset, "train_images/train_images/a1.png").split == "train");
  CHECK(sample_of(dataset, "val_images/val_images/b2.png").split == "validation");
  CHECK(sample_of(dataset, "test_images/test_images/c3.png").split == "test");
  CHECK(dataset.skipped.empty());
  // A row of one part never takes an image of another.
  CHECK(holds(complaint(folder, "valid.csv", "id_code,diagnosis\nc3,0\n"),
              "valid.csv row 2: no image 'c3'"));
}

TEST_CASE("eyepacs is read as downloaded: the number is the patient") {
  const TemporaryFolder folder;
  write_images(folder, {"train/10_left.png", "train/10_right.PNG", "train/13_left.png",
                        "test/1_left.png", "test/1_right.png"});
  folder.write("trainLabels.csv", "image,level\n10_left,0\n10_right,1\n13_left,4\n");
  Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "eyepacs");
  CHECK(dataset.classes == Words{"0", "1", "4"});
  REQUIRE(dataset.samples.size() == 3);
  CHECK(dataset.samples[0].patient == "10");
  CHECK(sample_of(dataset, "train/10_right.PNG").patient == "10");
  CHECK(dataset.samples[2].patient == "13");
  CHECK(dataset.samples[0].split.empty());
  CHECK(dataset.notes.empty());
  CHECK(skipped(dataset, "test/1_left.png", "no row in trainLabels.csv"));

  folder.write("retinopathy_solution.csv",
               "image,level,Usage\n1_left,0,Private\n1_right,0,Public\n");
  dataset = open_dataset(folder.path());
  CHECK(dataset.skipped.empty());
  CHECK(sample_of(dataset, "train/13_left.png").split == "train");
  CHECK(sample_of(dataset, "test/1_right.png").split == "test");
  CHECK(sample_of(dataset, "test/1_right.png").patient == "1");
  CHECK(holds(complaint(folder, "trainLabels.csv", "image,level\n10_left,0\n11_left,1\n"),
              "trainLabels.csv row 3: no image '11_left'"));
}

TEST_CASE("idrid is read as downloaded: both parts count from 001") {
  const std::string task = "B. Disease Grading/";
  const std::string originals = task + "1. Original Images/";
  const TemporaryFolder folder;
  write_idrid(folder, task);
  write_images(folder, {"A. Segmentation/1. Original Images/a. Training Set/IDRiD_001.png"});
  folder.write("CC-BY-4.0.txt", "text");
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "idrid");
  CHECK(dataset.classes == Words{"0", "3", "4"});
  REQUIRE(dataset.samples.size() == 3);
  const Sample& train = sample_of(dataset, originals + "a. Training Set/IDRiD_001.png");
  CHECK((train.label == "3" && train.split == "train"));
  const Sample& test = sample_of(dataset, originals + "b. Testing Set/IDRiD_001.png");
  CHECK((test.label == "4" && test.split == "test"));
  CHECK(noted(dataset, "--groups"));
  CHECK(skipped(dataset, originals + "b. Testing Set/IDRiD_003.png", "Testing Labels.csv"));
  CHECK(skipped(dataset, "A. Segmentation/1. Original Images/a. Training Set/IDRiD_001.png",
                "no row in a. IDRiD_Disease Grading_Training Labels.csv"));
  CHECK(skipped(dataset, "CC-BY-4.0.txt", "not a PNG or JPEG"));
}

TEST_CASE("idrid: the task's folder alone, nested twice, and a missing image") {
  for (const char* task : {"", "B. Disease Grading/", "B. Disease Grading/B. Disease Grading/"}) {
    const TemporaryFolder folder;
    write_idrid(folder, task);
    CHECK(open_dataset(folder.path()).layout == "idrid");
    CHECK(open_dataset(folder.path()).samples.size() == 3);
    const std::string file =
        std::string(task) + "2. Groundtruths/b. IDRiD_Disease Grading_Testing Labels.csv";
    CHECK(holds(complaint(folder, file, "Image name;Retinopathy grade;\nIDRiD_002;1;\n"),
                "Testing Labels.csv row 2: no image 'IDRiD_002'"));
    CHECK(holds(complaint(folder, file, "Image name,Grade\nIDRiD_001,1\n"),
                "no column 'Retinopathy grade'"));
  }
}

TEST_CASE("sets that look like the graded ones are not taken for them") {
  const auto layout_with = [](const std::string& file, const std::string& text) {
    const TemporaryFolder folder;
    write_images(folder, {"x/a.png", "y/b.png"});
    folder.write(file, text);
    return open_dataset(folder.path()).layout;
  };
  CHECK(layout_with("train.csv", "image,label\na,0\n") == "folders");
  CHECK(layout_with("train.csv", "id_code,diagnosis,adjudicated_gradable\na,0,1\n") == "folders");
  CHECK(layout_with("train.csv", "id_code,\"diagnosis\na,0\n") == "folders");  // no table at all
  CHECK(layout_with("test.csv", "id_code,diagnosis\na,0\n") == "folders");
  CHECK(layout_with("trainLabels.csv", "id,label\na,0\n") == "folders");
  CHECK(layout_with("sub/messidor_data.csv", "image_id\na\n") == "folders");
  CHECK(layout_with("a. IDRiD_OD_Center_Training Set_Markups.csv", "Image No\na\n") == "folders");
  CHECK(layout_with("labels.csv", "image,label\na,0\nb,1\n") == "labels.csv");
}
