// What cannot work is refused before anything is trained, and nothing is written.

#include <catch2/catch.hpp>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/tools/study/context.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

const std::string quick_study = "study --recipe headct-dcgan32 --quick --data ";

void check_refused(const std::string& words, int code, const std::string& named) {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  const Ran ran = ganymede_run(words + " --out " + out);
  INFO(words);
  CHECK(ran.code == code);
  CHECK_THAT(ran.err, Contains(named));
  CHECK(!fs::exists(out));
}

}  // namespace

TEST_CASE("settings that no study can keep") {
  const std::string data = quick_study + "'phantom:head-ct?n=40' --set ";
  check_refused(data + "classic.strengths=[]", 2, "classic.strengths");
  check_refused(data + "classifier.steps=99999999999", 2, "classifier.steps");
  check_refused(data + "classifier.epochs=1e12", 2, "classifier.epochs");
  check_refused(data + "classic.mode=copies", 2, "classic.strengths=[1.0]");
  check_refused(data + "classic.copy_colour=[0.9,0.7] --set classic.mode=copies", 2,
                "classic.copy_colour");
  check_refused(data + "study.primary=[gan]", 2, "study.primary");
  check_refused(data + "study.primary=[classic,classic+gan]", 2, "name the arm in question first");
  check_refused(data + "study.primary=[gan,nonsense]", 2, "nonsense");
  check_refused(data + "select.per_real=0", 2, "select.per_real");
  check_refused(data + "data.channels=2", 2, "2 channels");
  check_refused(data + "classifier.weights=/none.h5", 3, "/none.h5");
  check_refused(data + "data.fractions=[0.8,0,0.2]", 3, "validation part");
  check_refused(data + "data.fractions=[0.9,0.1,0]", 3, "test part");
  check_refused(data + "data.counts=[60,0,40]", 2, "the set has 80");
  check_refused(data + "data.counts=[40,0,20] --folds 3", 2, "--folds");
  check_refused(data + "data.counts=[40,0,20] --set data.split=published", 2,
                "data.split = published");
  check_refused(data + "data.stratify=type", 2, "class+type");
  check_refused(data + "audit.features=edges", 2, "audit.features: features 'edges': expected");
  check_refused(data + "study.features=/none.h5:768", 3, "/none.h5");
  check_refused(data + "watch.features=pixels:0 --set watch.every=5", 2, "watch.features");
  const std::string detection = data + "data.split=detection ";
  check_refused(detection, 2, "detect.train_class");
  check_refused(detection + "--set detect.train_class=foot", 2, "found: normal, hemorrhage");
  check_refused(detection + "--set detect.train_class=normal --folds 3", 2, "--folds");
  check_refused(detection + "--set detect.train_class=normal --set data.counts=[30,0,20]", 2,
                "class 'normal' has 40");
}

TEST_CASE("a recipe that does not fit the set: all that is to be added, at once") {
  const std::string chests = "--quick --data 'phantom:chest-xray?n=40&size=48' --recipe ";
  const std::string published =
      "recipe 'cxr-dcgan128' does not fit phantom:chest-xray?n=40&size=48 as it is: data.split = "
      "published, but the images came without parts";
  check_refused("study " + chests + "cxr-dcgan128", 2,
                published +
                    "; balance.plan = fill, but all classes have equally many images. Add --set "
                    "data.split=stratified --set balance.plan=per_real\n");
  check_refused("train " + chests + "cxr-dcgan128", 2,
                published + ". Add --set data.split=stratified\n");
  check_refused("study --set data.split=stratified " + chests + "cxr-dcgan128", 2,
                "add --set balance.plan=per_real");
  check_refused("study " + chests + "cxr-iagan64", 2,
                "Add --set data.counts=none --set detect.train_class=pneumonia\n");
  check_refused("study --data 'phantom:fundus?n=30&size=48' --recipe retina-wgan64", 2,
                "data.counts = [1080, 0, 400], but the set has 150 images. Add --set "
                "data.counts=none\n");
  // What the messages say does.
  const std::string plan =
      "study --plan --set data.split=stratified --set balance.plan=per_real --set gan.width=8 "
      "--set classifier.width=0.1 ";
  CHECK(ganymede_run(plan + chests + "cxr-dcgan128").code == 0);
}

TEST_CASE("a class that there is not: the classes there are, and the near one") {
  const std::string data = "--recipe headct-dcgan32 --quick --data 'phantom:head-ct?n=40' ";
  const std::string detection = "study " + data + "--set data.split=detection ";
  check_refused(detection + "--set detect.train_class=Normal", 2,
                "did you mean 'normal'? (found: normal, hemorrhage)");
  check_refused(detection, 2, "detect.train_class is empty; name a class of phantom:");
  check_refused("study " + data + "--set data.positive=hemorhage", 2, "did you mean 'hemorrhage'?");
  check_refused("train " + data + "--class NORMAL", 2,
                "--class = 'NORMAL': no such class in phantom:");
}

TEST_CASE("messages name the keys that would have to change") {
  const std::string data = quick_study + "'phantom:head-ct?n=40' ";
  check_refused(
      data + "--set data.size=20", 2,
      "data.size = 20: the networks of gan.model = dcgan32 want a positive multiple of 8");
  check_refused(data + "--set data.fractions=[0.5,0.2,0.2]", 2, "data.fractions: train 0.5");
  check_refused(data + "--set data.label_set=multi", 2,
                "data.label_set = 'multi' (--label-set): only the layout 'rsna' has label sets");
  const Ran look = ganymede_run("data phantom:head-ct?n=4 --label-set epidural");
  CHECK(look.code == 2);
  CHECK_THAT(look.err, Contains("of the layout 'phantom'; leave it at 'any'"));
}

TEST_CASE("a table of kernels on a device that is not its own") {
  const TemporaryFolder folder;
  const std::string table = folder / "h200.json";
  save_kernel_table(table, kernels::KernelTable({DeviceKind::cuda, "NVIDIA H200", 9, 0, 132}));
  const std::string words = " --device cpu --kernel-table ";
  check_refused(quick_study + "'phantom:head-ct?n=40'" + words + table, 2,
                "h200.json: it was timed on NVIDIA H200, 9.0, 132 multiprocessors");
  check_refused(
      "train --recipe headct-dcgan32 --quick --data 'phantom:head-ct?n=40'" + words + table, 2,
      "this stream is on cpu");
  write_text(table, "{}");
  check_refused(quick_study + "'phantom:head-ct?n=40'" + words + table, 3, "h200.json");
}

TEST_CASE("kernels that there are not, or not there") {
  const std::string cpu = quick_study + "'phantom:head-ct?n=40' --device cpu --kernels ";
  check_refused(cpu + "theirs", 2, "--kernels theirs: expected own or vendor");
  if (!why_no_vendor_kernels(DeviceKind::cpu).empty())
    check_refused(cpu + "vendor", 2, "kernels vendor: ");
}

TEST_CASE("a training by oneDNN alone says so, and own kernels do not go on with it") {
  if (!why_no_vendor_kernels(DeviceKind::cpu).empty()) return;
  const TemporaryFolder folder;
  const auto trained = [&](const std::string& kernels) {
    const std::string out = folder / kernels;
    ganymede_done(
        "train --recipe headct-dcgan32 --quick --data 'phantom:head-ct?n=40' --device cpu "
        "--class normal --set gan.epochs=2 --set gan.width=8 --kernels " +
        kernels + " --out " + out);
    return out;
  };
  const std::string own = trained("own"), vendor = trained("vendor");
  CHECK_THAT(read_text(vendor + "/run.toml"), Contains("kernels = \"vendor\""));
  CHECK_THAT(read_text(own + "/run.toml"), !Contains("kernels ="));
  const Ran other = ganymede_run(
      "train --recipe headct-dcgan32 --quick --data "
      "'phantom:head-ct?n=40' --device cpu --class normal "
      "--set gan.epochs=2 --set gan.width=8 --kernels own --out " +
      vendor);
  CHECK(other.code == 2);  // a run does not change its kernels on the way
  CHECK_THAT(other.err, Contains("kernels"));
}

TEST_CASE("a run inside its own data") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  ganymede_done("phantom 'head-ct?n=40' --layout folders --out " + set);
  const Ran ran = ganymede_run(quick_study + set + " --out " + set + "/run");
  CHECK(ran.code == 2);
  CHECK_THAT(ran.err, Contains(set + "/run"));
  CHECK(!fs::exists(set + "/run"));
  write_text(set + "/labels.csv", "image,label\n");
  CHECK(ganymede_run("data convert " + set + "/labels.csv --out " + set + "/png").code == 2);
  fs::remove(set + "/labels.csv");

  fs::create_directories(set + "/old");  // a run of somebody else: its pictures are no data
  write_text(set + "/old/run.toml", "");
  fs::copy(fs::recursive_directory_iterator(set)->path(), set + "/old/fakes",
           fs::copy_options::recursive);
  CHECK_THAT(ganymede_run("data " + set).out, Contains("80 images") && Contains("a run folder"));
}

TEST_CASE("folders that name parts are not taken for classes") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  ganymede_done("phantom 'head-ct?n=40' --layout folders --out " + set);
  std::vector<fs::path> classes;
  for (const auto& entry : fs::directory_iterator(set))
    if (entry.is_directory()) classes.push_back(entry.path());
  REQUIRE(classes.size() == 2);
  fs::rename(classes[0], set + "/train_images");
  fs::rename(classes[1], set + "/test_images");
  const Ran ran = ganymede_run("data " + set);
  CHECK(ran.code == 3);
  CHECK_THAT(ran.err, Contains("test_images") && Contains("labels.csv"));
}

TEST_CASE("class names become folders that stay inside the run and apart from each other") {
  using ganymede::study::folder_name;
  CHECK(folder_name("hemorrhage") == "hemorrhage");
  CHECK(folder_name("grade+") != folder_name("grade "));
  CHECK(folder_name("健康") != folder_name("疾病"));
  for (const char* name : {"../../x", "..", ".", "", "a/b"})
    CHECK(folder_name(name).find_first_of("/.") == std::string::npos);
  CHECK(!folder_name("").empty());
}
