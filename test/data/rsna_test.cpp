#include <set>

#include <catch2/catch.hpp>

#include <ganymede/data/convert.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/kernels/error.h>

#include "dicom_support.h"
#include "grades_support.h"

using namespace ganymede;
using ganymede::test::complaint;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::noted;
using ganymede::test::skipped;
using ganymede::test::slice;
using ganymede::test::TemporaryFolder;
using ganymede::test::text_of;
using ganymede::test::without_dicom;
using ganymede::test::Words;

namespace {

const char* const kind = "phantom:head-ct?n=40&size=64&seed=5";

/// The set once, for all tests of this file.
const TemporaryFolder& written_phantom() {
  static const TemporaryFolder folder;
  static const bool once = [] {
    write_phantom(parse_phantom(kind), folder / "set", "rsna");
    return true;
  }();
  static_cast<void>(once);
  return folder;
}

Dataset open_with(const std::string& path, const std::string& label_set) {
  OpenOptions options;
  options.label_set = label_set;
  return open_dataset(path, options);
}

std::string rows_of(const std::string& id, const std::string& any) {
  std::string rows;
  for (const char* type :
       {"epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural"})
    rows += id + "_" + type + ",0\n";
  return rows + id + "_any," + any + "\n";
}

}  // namespace

TEST_CASE("a phantom written as rsna is read again, same images", "[dicom]") {
  if (without_dicom()) return;
  const Dataset phantom = open_dataset(kind), dataset = open_dataset(written_phantom() / "set");
  CHECK(dataset.layout == "rsna");
  CHECK(dataset.classes == Words{"normal", "hemorrhage"});
  CHECK(class_counts(dataset) == std::vector<int>{41 - 1, 40});
  REQUIRE(dataset.samples.size() == phantom.samples.size());
  std::set<std::string> forms;
  int found = 0;
  for (const Sample& sample : dataset.samples) {
    const Image image = load_image(dataset, sample, 8);
    CHECK(to_bits(load_image(dataset, sample), 8) == image);
    const DicomHeader& h = *sample.dicom;
    forms.insert(h.coding + (h.is_signed ? "s" : "u") + (h.inverted ? "1" : "2") +
                 (h.padding ? "p" : "") + std::to_string(h.windows.size()) +
                 (h.intercept > -100 ? "w" : ""));
    for (const Sample& other : phantom.samples)
      found += *other.memory == image && other.label == sample.label;
  }
  CHECK(found == 80);
  CHECK(forms == std::set<std::string>{"explicit VRs21", "implicit VRu22", "explicit VRu21w",
                                       "explicit VRs2p2", "explicit VRs11", "RLEs21",
                                       "implicit VRs21"});
}

TEST_CASE("rsna: patients are grouped and numbered, quirks are noted", "[dicom]") {
  if (without_dicom()) return;
  const Dataset dataset = open_dataset(written_phantom() / "set");
  std::set<std::string> patients;
  for (const Sample& sample : dataset.samples) patients.insert(sample.patient);
  CHECK(patients.size() == 40);
  CHECK(patients.contains("1"));
  CHECK(patients.contains("40"));
  const std::vector<int> groups =
      group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  CHECK(*std::max_element(groups.begin(), groups.end()) + 1 == 40);
  CHECK(noted(dataset, "stage_2_train.csv: 6 rows repeat others"));
  CHECK(noted(dataset, "10 of the DICOM files hold unsigned 12-bit values"));
  const auto truncated = [](const Skipped& file) { return holds(file.reason, "truncated"); };
  CHECK(std::count_if(dataset.skipped.begin(), dataset.skipped.end(), truncated) == 1);
}

TEST_CASE("rsna: label sets", "[dicom]") {
  if (without_dicom()) return;
  const std::string set = written_phantom() / "set";
  const Dataset subdural = open_with(set, "subdural");
  CHECK(subdural.classes == Words{"no_subdural", "subdural"});
  CHECK(subdural.samples.size() == 80);
  const std::vector<int> counts = class_counts(subdural);
  CHECK(counts[1] > 0);
  CHECK(counts[1] < 20);
  const Dataset multi = open_with(set, "multi");
  CHECK(multi.classes.front() == "normal");
  CHECK(multi.classes.size() >= 4);
  CHECK(class_counts(multi)[0] == 40);
  CHECK(multi.samples.size() < 80);
  const auto several = [](const Skipped& file) {
    return holds(file.reason, "bleeds in several ways");
  };
  CHECK(80 - int(multi.samples.size()) ==
        std::count_if(multi.skipped.begin(), multi.skipped.end(), several));
  CHECK(holds(message_of<SettingError>([&] { open_with(set, "some"); }),
              "data.label_set = 'some': expected epidural, "));
}

TEST_CASE("rsna: rows that do not fit are refused by row, never by id", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  test::DicomFile file = slice();
  file.instance = "ID_00000000a";
  folder.write("train/ID_00000000a.dcm", text_of(file));
  folder.write("train/ID_00000000b.dcm", text_of(slice({5, 4, 3, 2, 1, 0})));
  const std::string header = "ID,Label\n", a = rows_of("ID_00000000a", "0");
  const auto refused = [&](const std::string& rows) {
    const std::string message = complaint(folder, "stage_2_train.csv", rows);
    CHECK_FALSE(holds(message, "00000000"));
    return message;
  };
  CHECK(holds(refused(header + a + "ID_00000000a_any,1\n"),
              "stage_2_train.csv row 8: says 1 of 'any' in an image where row 7 says 0; delete"));
  CHECK(holds(refused(header + "ID_00000000a_other,1\n"), "row 2: unknown type 'other', expected"));
  CHECK(holds(refused(header + "ID_00000000a_any,2\n"), "row 2: unknown label '2', expected 0 or"));
  CHECK(holds(refused(header + "nonsense\n"), "row 2: expected an id with its type and a label"));
  CHECK(holds(refused("Id;Labels\n" + a), "row 1: expected the header ID,Label"));
  folder.write("stage_2_train.csv", "\xef\xbb\xbfID,Label\r\n" + a + "\n" + rows_of("ID_c", "1"));
  const Dataset dataset = open_dataset(folder.path());
  CHECK(dataset.samples.size() == 1);
  CHECK(skipped(dataset, "train/image-00002.dcm", "no row for 'any' in stage_2_train.csv"));
  CHECK(noted(dataset, "stage_2_train.csv: 6 rows name images that are not here"));
}

TEST_CASE("convert writes a set that is read again", "[dicom]") {
  if (without_dicom()) return;
  const Dataset dataset = open_dataset(written_phantom() / "set");
  const TemporaryFolder folder;
  for (const int bits : {8, 16}) {
    const std::string out = folder / std::to_string(bits);
    CHECK(write_converted(dataset, out, bits) == "labels.csv");
    const Dataset again = open_dataset(out);
    CHECK(again.layout == "labels.csv");
    REQUIRE(again.samples.size() == dataset.samples.size());
    for (std::size_t i = 0; i < again.samples.size(); ++i) {
      CHECK(again.samples[i].header.bits == bits);
      CHECK(again.samples[i].label == dataset.samples[i].label);
      CHECK(again.samples[i].patient == dataset.samples[i].patient);
      CHECK(load_image(again, again.samples[i]) == load_image(dataset, dataset.samples[i], bits));
    }
    CHECK_THROWS_AS(write_converted(dataset, out, bits), FileError);
  }
  CHECK_THROWS_AS(write_converted(dataset, folder / "12", 12), SettingError);
}

TEST_CASE("convert without labels writes the patients as groups", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  test::DicomFile file = slice();
  file.patient = "first";
  folder.write("in/a.dcm", text_of(file));
  folder.write("in/a.ima", text_of(slice({1, 2, 3, 4, 5, 6})));
  file = slice({6, 5, 4, 3, 2, 1});
  file.patient = "";
  folder.write("in/b/c.dcm", text_of(file));
  folder.write("in/stage_2_test/d.dcm", text_of(slice({6, 5, 4, 1, 2, 3})));
  CHECK(write_converted(open_dataset(folder / "in"), folder / "out", 16) == "groups.csv");
  Dataset again = open_dataset(folder / "out");
  CHECK(again.layout == "flat");
  apply_groups(again, folder / "out/groups.csv");
  REQUIRE(again.samples.size() == 4);
  CHECK(again.samples[0].path == "a-2.png");
  CHECK(again.samples[1].patient == "1");
  CHECK(again.samples[0].patient == again.samples[3].patient);
  CHECK(again.samples[2].path == "b-c.png");
  CHECK(again.samples[2].patient == "unnamed-3");
}

TEST_CASE("the real rsna sample", "[dicom]") {
  const std::string root = test::real_data("rsna-sample");
  if (root.empty()) {
    WARN("skipped: rsna-sample is not on this machine");
    return;
  }
  if (without_dicom()) return;
  const Dataset dataset = open_dataset(root);
  CHECK(dataset.layout == "flat");
  REQUIRE(dataset.samples.size() == 8);
  CHECK(dataset.skipped.empty());
  int is_signed = 0, implicit = 0, several = 0;
  std::set<std::string> patients;
  for (const Sample& sample : dataset.samples) {
    const DicomHeader& header = *sample.dicom;
    is_signed += header.is_signed && header.bits_stored == 16;
    implicit += header.coding == "implicit VR";
    several += header.windows.size() > 1;
    CHECK(header.intercept == -1024);
    patients.insert(sample.patient);
    CHECK_FALSE(holds(sample.path, "ID_"));
  }
  CHECK(is_signed == 5);
  CHECK(implicit == 2);
  CHECK(several == 3);
  CHECK(patients.size() == 8);
  // A slice through the middle of the brain: much of it within 20 to 45 units, bone white.
  const Image brain = load_image(dataset, dataset.samples[6], 8);
  int grey = 0, white = 0;
  for (const std::uint8_t value : brain.bytes())
    grey += value > 60 && value < 150, white += value == 255;
  CHECK(grey > 30000);
  CHECK(white > 8000);
  CHECK(brain.at(0, 0) == 0);
}
