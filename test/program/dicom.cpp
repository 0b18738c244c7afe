// DICOM as a person uses it, and what must be in no output of any verb.

#include <algorithm>
#include <regex>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <ganymede/data/dataset.h>
#include <ganymede/data/dicom.h>
#include <ganymede/data/phantom/dicom_file.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> canaries{"canarypid", "wellensittich", "adelheid",  "19610417",
                                        "20031123",  "9999.4711",     "4711.0815", "canacc"};

/// The canaries in a text; "" where there is none.
std::string found_in(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return char(std::tolower(static_cast<unsigned char>(c))); });
  std::string found;
  for (const std::string& canary : canaries)
    if (text.find(canary) != std::string::npos) found += canary + " ";
  return found;
}

/// Names and contents of all files below a folder.
std::string all_of(const std::string& folder) {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    text += entry.path().lexically_relative(folder).string() + "\n";
    if (entry.is_regular_file()) text += read_text(entry.path().string());
  }
  return text;
}

phantom::DicomFile canary(const Image& image, std::size_t i) {
  phantom::DicomFile file;
  file.height = image.height(), file.width = image.width();
  for (std::size_t k = 0; k < image.size(); ++k)
    file.stored.push_back(1024 + 80 * image.value(k) / 255);
  file.patient = "CanaryPid-" + std::to_string(i);
  file.instance = "9999.4711." + std::to_string(i);
  file.study = "9999.4711.1000." + std::to_string(i), file.series = "4711.0815";
  file.more = {{0x0010, 0x0010, "PN", "Wellensittich^Adelheid"},
               {0x0010, 0x0030, "DA", "19610417"},
               {0x0008, 0x0020, "DA", "20031123"},
               {0x0008, 0x0050, "SH", "CanAcc"}};
  return file;
}

/// Phantom heads as DICOM, a folder per class, files called by their UID, one of them truncated.
void write_canaries(const std::string& folder, int per_class) {
  const Dataset heads = open_dataset("phantom:head-ct?n=" + std::to_string(per_class) + "&size=40");
  for (std::size_t i = 0; i < heads.samples.size(); ++i) {
    const phantom::DicomFile file = canary(*heads.samples[i].memory, i);
    const auto bytes = encode_dicom(file);
    fs::create_directories(folder + "/" + heads.samples[i].label);
    const std::string path = folder + "/" + heads.samples[i].label + "/" + file.instance;
    write_text(path + ".dcm", {bytes.begin(), bytes.end()});
    if (i == 0) write_text(path + ".7.dcm", {bytes.begin(), bytes.begin() + 900});
  }
}

bool without_dicom() {
  if (!reads_dicom()) WARN("skipped: this build does not read DICOM");
  return !reads_dicom();
}

}  // namespace

TEST_CASE("canary tags are in no output of data, data convert and a study", "[dicom][long]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string set = folder / "set", run = folder / "run", png = folder / "png";
  write_canaries(set, 24);
  const Ran data = ganymede_run("data " + set), json = ganymede_run("data --json " + set),
            convert = ganymede_run("data convert " + set + " --out " + png);
  REQUIRE(data.code == 0);
  CHECK_THAT(data.out, Contains("layout folders, 48 images") && Contains("48 patients") &&
                           Contains("16 of 16 bits signed, window 40/80, patient 1") &&
                           Contains("the pixel data are truncated"));
  const auto parsed = nlohmann::json::parse(json.out);
  CHECK(parsed["dicom"].size() == 48);
  CHECK(parsed["dicom"][0]["bits_stored"] == 16);
  REQUIRE(convert.code == 0);
  CHECK_THAT(ganymede_run("data " + png).out, Contains("layout labels.csv, 48 images"));
  const Ran study = ganymede_run(
      "study --recipe headct-dcgan32 --quick --data " + set + " --out " + run +
      " --set study.arms=none,gan --set study.seeds=1 --set gan.epochs=1 "
      "--set classifier.networks=resnet18 --set classifier.width=0.06 --set classifier.steps=2 "
      "--set classifier.evaluate_every=1 --set classic.strengths=[1.0]");
  INFO(study.err);
  REQUIRE(study.code == 0);
  CHECK_THAT(read_text(run + "/augmented.csv"), Contains("real/normal/image-"));
  CHECK_THAT(read_text(run + "/split.csv"), Contains("hemorrhage/image-"));
  for (const Ran* ran : {&data, &json, &convert, &study})
    CHECK(found_in(ran->out + ran->err) == "");
  CHECK(found_in(all_of(png)) == "");
  CHECK(found_in(all_of(run)) == "");
  const Ran again = ganymede_run("data " + run);  // a run folder is no data
  CHECK(found_in(again.out + again.err) == "");
}

TEST_CASE("errors about DICOM files name neither file nor patient", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  write_canaries(set, 2);
  write_text(folder / "groups.csv", "image,group\n9999.4711.0,CanaryPid-0\n");
  const Ran groups = ganymede_run("data " + set + " --groups " + (folder / "groups.csv"));
  CHECK(groups.code == 3);
  CHECK_THAT(groups.err, Contains("no row for image 'hemorrhage/image-"));
  CHECK(found_in(groups.out + groups.err) == "");
  CHECK(ganymede_run("data " + set + " --window nonsense").code == 2);
  CHECK(ganymede_run("data convert " + set + " --out " + (folder / "x") + " --bits 12").code == 2);
  CHECK(ganymede_run("data convert " + set + " --out " + set + "/png").code == 2);
  CHECK(ganymede_run("data convert").code == 2);
  CHECK(ganymede_run("data").code == 2);
}

TEST_CASE("a phantom in the layout of the RSNA set is studied as it is", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  REQUIRE(ganymede_run("phantom 'head-ct?n=24&size=40' --layout rsna --out " + set).code == 0);
  const Ran plan = ganymede_run("study --recipe headct-dcgan32 --quick --plan --data " + set +
                                " --set data.label_set=any --set data.window=[0,80]");
  INFO(plan.err);
  REQUIRE(plan.code == 0);
  CHECK_THAT(plan.err + plan.out, Contains("(rsna), 48 images"));
  const Ran data = ganymede_run("data " + set + " --label-set multi --window file");
  CHECK_THAT(data.out, Contains("intraparenchymal") && Contains("24 patients"));
  CHECK_FALSE(std::regex_search(data.out, std::regex("ID_[0-9a-f]{6}")));
}

TEST_CASE("a network takes the window it was trained with to images of any origin", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string set = folder / "set", run = folder / "run",
                    png = "'phantom:head-ct?n=4&size=40'";
  ganymede_done("phantom 'head-ct?n=60&size=40' --layout rsna --out " + set);
  const std::string train =
      "classify train --recipe headct-dcgan32 --quick --set data.window=bone "
      "--set data.label_set=epidural --set classifier.width=0.06 --set classifier.steps=1 --out ";
  ganymede_done(train + run + " --data " + set);
  CHECK(ganymede_run(train + (folder / "other") + " --data " + png).code == 2);
  const std::string network = run + "/classifiers/classic/resnet18-seed0.h5";
  CHECK(ganymede_run("classify test " + network + " --data " + png + " --out " +
                     (folder / "new/a.csv"))
            .code == 0);
}

TEST_CASE("score shows DICOM reals through the window of the run that made the fakes", "[dicom]") {
  if (without_dicom()) return;
  const TemporaryFolder folder;
  const std::string set = folder / "set", run = folder / "run", fakes = run + "/synthetic/all";
  ganymede_done("phantom 'head-ct?n=30&size=40' --layout rsna --out " + set);
  ganymede_done("data convert " + set + " --window subdural --bits 8 --out " + fakes);
  const auto scored = [&](const std::string& more) {
    return nlohmann::json::parse(
        ganymede_done("score --json --size 40 --real " + set + " --fake " + fakes + more).out);
  };
  const auto distance = [](const nlohmann::json& scores) {
    return scores.at("scores").at("features").at(0).at("frechet").at("value").get<double>();
  };
  const auto usual = scored("");  // nothing says which run made them
  CHECK(usual.at("window") == nlohmann::json{{"name", "brain"}, {"run", ""}});
  write_text(run + "/run.toml", "[data]\nwindow = \"subdural\"\n");
  const auto found = scored(""), asked = scored(" --window subdural");
  CHECK(found.at("window").at("name") == "subdural");
  CHECK(found.at("window").at("run") == fs::weakly_canonical(run).string());
  CHECK(distance(found) == distance(asked));
  CHECK(distance(found) < 0.1 * distance(usual));  // they are the same pictures
  CHECK_THAT(ganymede_done("score --size 40 --real " + set + " --fake " + fakes).out,
             Contains("DICOM through the window 'subdural', as the run in "));
  CHECK(ganymede_run("score --real " + set + " --fake " + fakes + " --window subdurl").code == 2);
  const std::string copy = run + "/copy";  // beside a run.toml that nobody can read
  fs::copy(fakes, copy, fs::copy_options::recursive);
  write_text(run + "/run.toml", "[data]\nwindows = 3\n");
  CHECK(ganymede_run("score --size 40 --real " + copy + " --fake " + fakes).code == 0);
  const Ran damaged = ganymede_run("score --size 40 --real " + set + " --fake " + fakes);
  CHECK(damaged.code == 3);
  CHECK_THAT(damaged.err, Contains("run.toml"));
  const Ran none =
      ganymede_run("score --window bone --size 40 --real " + fakes + " --fake " + fakes);
  CHECK(none.code == 2);
  CHECK_THAT(none.err, Contains("only DICOM images have windows"));
}
