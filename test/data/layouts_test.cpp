#include <catch2/catch.hpp>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/png_parts.h>
#include <ganymede/data/resident.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::picture;
using ganymede::test::skipped;
using ganymede::test::TemporaryFolder;

namespace {

using Words = std::vector<std::string>;

/// A PNG whose structure and checksums are right, but nothing unpacks: its header is read, its
/// pixels are not.
std::string png_that_does_not_unpack() {
  const std::vector<std::uint8_t> whole = encode_png(picture(1));
  const std::string text(whole.begin(), whole.end());
  png::Bytes file(whole.begin(), whole.begin() + std::ptrdiff_t(text.find("IDAT") - 4));
  png::put_chunk(file, "IDAT", png::Bytes(40, 0xff));
  png::put_chunk(file, "IEND", {});
  return {file.begin(), file.end()};
}

void write_head_ct(const TemporaryFolder& folder, const std::string& images) {
  folder.write("labels.csv", "id, hemorrhage\n0,1\n1,1\n2,0\n10,0\n");
  for (const char* name : {"000", "001", "002", "010"})
    folder.write(images + name + ".png",
                 picture(name[1] + name[2], 12, 10, name[2] == '0' ? 4 : 3));
}

}  // namespace

TEST_CASE("head-ct-hemorrhage is read as downloaded") {
  for (const char* images : {"head_ct/", "head_ct/head_ct/", "HEAD/"}) {
    const TemporaryFolder folder;
    write_head_ct(folder, images);
    folder.write(".DS_Store", "x");
    folder.write("__MACOSX/head_ct/._000.png", "x");
    folder.write(std::string(images) + "extra.png", picture(99));
    const Dataset dataset = open_dataset(folder.path());
    CHECK(dataset.layout == "head-ct-hemorrhage");
    CHECK(dataset.classes == Words{"normal", "hemorrhage"});
    CHECK(class_counts(dataset) == std::vector<int>{2, 2});
    CHECK(dataset.samples[0].path == std::string(images) + "000.png");
    CHECK(dataset.samples[0].label == "hemorrhage");
    CHECK(dataset.samples[3].path == std::string(images) + "010.png");
    CHECK(skipped(dataset, ".DS_Store", "hidden"));
    CHECK(skipped(dataset, "__MACOSX", "archiver"));
    CHECK(skipped(dataset, std::string(images) + "extra.png", "no row in labels.csv"));
    CHECK(positive_class(dataset, "") == 1);
  }
}

TEST_CASE("a set nested in one more folder is found") {
  const TemporaryFolder folder;
  write_head_ct(folder, "head_ct/");
  const TemporaryFolder outer;
  fs::rename(folder.path(), outer / "head-ct");
  const Dataset dataset = open_dataset(outer.path());
  CHECK(dataset.layout == "head-ct-hemorrhage");
  CHECK(dataset.root == outer / "head-ct");
  fs::create_directory(folder.path());
}

TEST_CASE("labels.csv matches ids of any spelling and carries patients and parts") {
  const TemporaryFolder folder;
  folder.write("labels.csv",
               "\xef\xbb\xbfimage;label;patient;split\r\nIMG_A;sick;p1;train\r\n"
               "sub/img_b.PNG;well;p2;Test\r\n7;sick;p1;val\r\n");
  folder.write("img_a.png", picture(1));
  folder.write("sub/IMG_B.png", picture(2));
  folder.write("sub/0007.png", picture(3));
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "labels.csv");
  CHECK(dataset.classes == Words{"sick", "well"});
  REQUIRE(dataset.samples.size() == 3);
  CHECK(dataset.samples[0].path == "img_a.png");
  CHECK(dataset.samples[1].split == "test");
  CHECK(dataset.samples[2].path == "sub/0007.png");
  CHECK(dataset.samples[2].patient == "p1");
  CHECK(dataset.samples[2].split == "validation");
  CHECK(open_dataset(folder / "labels.csv").samples.size() == 3);
}

TEST_CASE("classes whose names differ in case alone are refused") {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) folder.write(std::to_string(i) + ".png", picture(i));
  folder.write("labels.csv", "image,label\n0,Normal\n1,normal\n2,sick\n");
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder.path()); }),
              "the classes 'Normal' and 'normal' differ in case or blanks alone"));
}

TEST_CASE("a label set is refused where the layout has none") {
  const TemporaryFolder folder;
  folder.write("x/0.png", picture(0));
  folder.write("y/1.png", picture(1));
  OpenOptions options;
  options.label_set = "multi";
  CHECK(holds(message_of<SettingError>([&] { open_dataset(folder.path(), options); }),
              "only the layout 'rsna' has label sets, but " + folder.path() +
                  " is of the layout 'folders'; leave it at 'any'"));
}

TEST_CASE("the patients' column goes by several names") {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) folder.write(std::to_string(i) + ".png", picture(i));
  for (const char* name : {"patient", "patient_id", "PatientID", "Patient ID", "subject",
                           "Subject-Id", "SUBJECT_ID"}) {
    INFO(name);
    folder.write("labels.csv", std::string("image,label,") + name + "\n0,x,p\n1,y,q\n2,y,p\n");
    Dataset dataset = open_dataset(folder.path());
    CHECK(dataset.samples[2].patient == "p");
    CHECK(dataset.notes.empty());
    folder.write("labels.csv", "image,label\n0,x\n1,y\n2,y\n");
    const TemporaryFolder tables;
    tables.write("groups.csv", std::string("image,") + name + "\n0,a\n1,b\n2,a\n");
    apply_groups(dataset, tables / "groups.csv");
    CHECK(dataset.samples[2].patient == "a");
  }
  const Dataset alone = open_dataset(folder.path());
  REQUIRE(alone.notes.size() == 1);
  CHECK(holds(alone.notes[0], "no column 'patient', 'patient_id', 'subject' or 'subject_id'"));
}

TEST_CASE("folders per class, and a published split above them") {
  const TemporaryFolder folder;
  folder.write("set/train/PNEUMONIA/a.jpeg.png", picture(1));
  folder.write("set/train/NORMAL/b.png", picture(2));
  folder.write("set/val/NORMAL/b2.png", picture(3));
  folder.write("set/test/PNEUMONIA/nested/c.png", picture(4));
  folder.write("set/test/PNEUMONIA/readme.txt", "text");
  folder.write("set/.DS_Store", "x");
  Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "folders");
  CHECK(dataset.classes == Words{"NORMAL", "PNEUMONIA"});
  CHECK(dataset.samples.size() == 4);
  CHECK(dataset.samples[0].split == "test");
  CHECK(skipped(dataset, "test/PNEUMONIA/readme.txt", "not a PNG or JPEG"));

  const TemporaryFolder plain;
  plain.write("hemorrhage/a.png", picture(1));
  plain.write("normal/b.png", picture(2));
  plain.write("beside.png", picture(3));
  dataset = open_dataset(plain.path());
  CHECK(dataset.classes == Words{"normal", "hemorrhage"});  // the normal one is never positive
  CHECK(dataset.samples.size() == 2);
  CHECK(skipped(dataset, "beside.png", "beside the class folders"));
}

TEST_CASE("a flat folder is unlabelled") {
  const TemporaryFolder folder;
  folder.write("b.png", picture(1));
  folder.write("a.png", picture(2));
  folder.write("notes.txt", "text");
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.layout == "flat");
  CHECK(dataset.classes.empty());
  CHECK(dataset.samples[0].path == "a.png");
  CHECK(dataset.samples[0].class_index == -1);
  CHECK_THROWS_AS(require_two_classes(dataset, "study"), DataError);
}

TEST_CASE("numbers sort as numbers among classes") {
  const TemporaryFolder folder;
  for (int grade : {0, 2, 10}) folder.write(std::to_string(grade) + "/a.png", picture(grade));
  CHECK(open_dataset(folder.path()).classes == Words{"0", "2", "10"});
}

TEST_CASE("one class is an error for those who need two") {
  const TemporaryFolder folder;
  folder.write("sick/a.png", picture(1));
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.classes == Words{"sick"});
  const std::string message = message_of<DataError>([&] { require_two_classes(dataset, "study"); });
  CHECK(holds(message, "study needs at least two classes"));
  CHECK(holds(message, "'sick'"));
  CHECK(holds(message_of<SettingError>([&] { positive_class(dataset, "ill"); }), "found: sick"));
}

TEST_CASE("empty and missing folders are named") {
  const TemporaryFolder folder;
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder.path()); }),
              "no PNG, JPEG or DICOM image"));
  CHECK(holds(message_of<FileError>([&] { open_dataset(folder / "none"); }),
              "none: no such file or folder"));
  folder.write("a.txt", "text");
  CHECK_THROWS_AS(open_dataset(folder.path()), DataError);
  CHECK_THROWS_AS(open_dataset(folder / "a.txt"), DataError);
}

TEST_CASE("labels that do not fit are refused with file, row and mend") {
  const TemporaryFolder folder;
  folder.write("a.png", picture(1));
  folder.write("b.png", picture(2));
  const auto complaint = [&](const std::string& labels) {
    folder.write("labels.csv", labels);
    return message_of<DataError>([&] { open_dataset(folder.path()); });
  };
  std::string message = complaint("image,label\na.png,x\nb.png,y\nc.png,x\n");
  CHECK(holds(message, "labels.csv row 4: no image 'c.png'"));
  CHECK(holds(message, "add the file or delete the row"));
  CHECK(holds(complaint("image,grade\na.png,1\n"), "no column 'label' (found: image, grade)"));
  CHECK(holds(complaint("name,label\na.png,1\n"), "no column 'image'"));
  message = complaint("image,label\na.png,x\nb.png,y\nA,y\n");
  CHECK(holds(message, "labels.csv row 4: 'a.png' is labelled 'y', but row 2 says 'x'"));
  CHECK(holds(complaint("image,label\na.png,\n"), "row 2: the label is empty"));
  CHECK(holds(complaint("image,label,split\na.png,x,some\n"), "unknown split 'some'"));
  CHECK(holds(complaint("image,label\n"), "names no image"));
  folder.write("sub/a.png", picture(3));
  CHECK(holds(complaint("image,label\na,x\n"), "fits both"));
  CHECK(complaint("image,label\nsub/a,x\nb,y\n").empty());
}

TEST_CASE("a label that head-ct-hemorrhage does not know, and an id without a slice") {
  const TemporaryFolder folder;
  write_head_ct(folder, "head_ct/");
  folder.write("labels.csv", "id, hemorrhage\n0,2\n");
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder.path()); }),
              "row 2: unknown label '2', expected 0 (normal) or 1 (hemorrhage)"));
  folder.write("labels.csv", "id, hemorrhage\n0,1\n311,0\n");
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder.path()); }),
              "labels.csv row 3: no image '311'"));
}

TEST_CASE("a broken image among many is named when the set is opened") {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) folder.write("x/" + std::to_string(i) + ".png", picture(i));
  folder.write("y/broken.png", "text");
  CHECK(holds(message_of<FormatError>([&] { open_dataset(folder.path()); }), "y/broken.png"));
}

TEST_CASE("broken images are named together, with the way to leave them out") {
  const TemporaryFolder folder;
  for (int i = 0; i < 12; ++i)
    folder.write((i % 2 ? "x/" : "y/") + std::to_string(i) + ".png", picture(i));
  const auto complaint = [&] {
    return message_of<FormatError>([&] { fingerprints(open_dataset(folder.path())); });
  };
  CHECK(complaint().empty());
  folder.write("x/1.png", png_that_does_not_unpack());
  std::string message = complaint();
  CHECK(holds(message,
              "1 of 12 images cannot be read; mend or remove it, or leave it out with "
              "--skip-broken"));
  CHECK(holds(message, "x/1.png"));
  for (const char* name : {"x/3.png", "x/5.png", "y/0.png", "y/2.png", "y/4.png", "y/6.png"})
    folder.write(name, std::string("no picture"));
  message = complaint();
  CHECK(holds(message, "7 of 12 images cannot be read"));
  for (const char* name : {"x/1.png", "x/3.png", "x/5.png", "y/0.png", "y/2.png"})
    CHECK(holds(message, name));
  CHECK(!holds(message, "y/4.png"));
  CHECK(holds(message, "and 2 more"));
  const Dataset whole = open_dataset(folder.path(), Broken::skip);
  CHECK(whole.samples.size() == 5);
  CHECK(whole.skipped.size() == 7);
}

TEST_CASE("--groups and --split add what the layout does not say") {
  const TemporaryFolder folder, tables;
  for (int i = 0; i < 4; ++i)
    folder.write((i < 2 ? "x/" : "y/") + std::to_string(i) + ".png", picture(i));
  Dataset dataset = open_dataset(folder.path());
  tables.write("groups.csv", "image,patient\n0,p\n1.png,p\ny/2,q\n3,r\n");
  apply_groups(dataset, tables / "groups.csv");
  CHECK(dataset.samples[1].patient == "p");
  tables.write("split.csv",
               "image,label,part,group\n0,x,train,0\n1,x,test,1\n2,y,train,2\n3,y,test,3\n");
  apply_split(dataset, tables / "split.csv");
  CHECK(dataset.samples[3].split == "test");
  const auto complaint = [&](const std::string& text) {
    tables.write("bad.csv", text);
    return message_of<DataError>([&] { apply_groups(dataset, tables / "bad.csv"); });
  };
  CHECK(holds(complaint("image,group\n0,a\n1,a\n2,b\n"), "no row for image 'y/3.png'"));
  CHECK(holds(complaint("image,group\n9,a\n"), "row 2: no image '9'"));
  CHECK(holds(complaint("image,group\n0,a\n0,b\n"), "row 3: '0' is 'b', but row 2 says 'a'"));
  CHECK(holds(complaint("image\n0\n"), "no column 'group' or 'patient'"));
  CHECK(dataset.samples[0].patient == "p");  // nothing half applied
}

TEST_CASE("images of any size become one resident stack") {
  const TemporaryFolder folder;
  folder.write("x/a.png", picture(1, 20, 10, 3));
  folder.write("x/b.png", picture(2, 11, 13, 3));
  folder.write("y/c.png", picture(3, 9, 9, 4));
  const Dataset dataset = open_dataset(folder.path());
  LoadOptions options;
  options.height = 8, options.width = 6;
  const std::string message = message_of<DataError>([&] { load_images(dataset, {0, 2}, options); });
  CHECK(holds(message, "'x/a.png' has 3 channels, 'y/c.png' has 4; choose with data.channels"));
  options.channels = 1;
  const ImageStack stack = load_images(dataset, {2, 0}, options);
  CHECK(stack.bytes.size() == 2 * 8 * 6);
  CHECK(stack.labels == std::vector<int>{1, 0});
  CHECK(stack.image(1) ==
        resize(to_grey(load_image(dataset, dataset.samples[0])), 8, 6, Resize::bicubic));
  options.pad_to_square = true;
  options.bits = 16;
  CHECK(load_images(dataset, {0}, options).words.size() == 48);
  CHECK_THROWS_AS(load_images(dataset, {}, options), DataError);
}

TEST_CASE("a row that is a file's path to the letter means that file") {
  const TemporaryFolder folder;
  folder.write("set/labels.csv",
               "image,label\n1.png,normal\nthumbs/1.png,normal\nn/a.png,ill\n"
               "n/A.png,ill\n");
  int seed = 0;
  for (const char* name : {"1", "thumbs/1", "n/a", "n/A"})
    folder.write("set/" + std::string(name) + ".png", picture(++seed, 12, 10));
  const Dataset dataset = open_dataset(folder / "set");
  REQUIRE(dataset.samples.size() == 4);
  for (const Sample& s : dataset.samples) CHECK(s.label == (s.path[0] == 'n' ? "ill" : "normal"));
}

TEST_CASE("a class's name of two lines is refused before any work") {
  const TemporaryFolder folder;
  folder.write("set/labels.csv", "image,label\na.png,normal\nb.png,\"viral\npneumonia\"\n");
  for (const char* name : {"a", "b"})
    folder.write("set/" + std::string(name) + ".png", picture(name[0], 12, 10));
  CHECK(holds(message_of<DataError>([&] { open_dataset(folder / "set"); }), "line break"));
}

TEST_CASE("a strip that is too long for a square is refused by name") {
  const TemporaryFolder folder;
  folder.write("set/strip.png", picture(1, 2, 12'000));
  const Dataset dataset = open_dataset(folder / "set");
  LoadOptions options;
  options.height = options.width = 16;
  CHECK(load_images(dataset, {0}, options).count == 1);
  options.pad_to_square = true;
  CHECK(holds(message_of<FormatError>([&] { load_images(dataset, {0}, options); }),
              "strip.png: padded to a square, 12000 x 2 pixels"));
}
