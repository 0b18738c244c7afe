// Detection of what a class is not, as a user runs it.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

const std::string detect =
    "detect --recipe cxr-iagan64 --quick --data 'phantom:chest-xray?n=40&size=48' --set "
    "data.counts=none --set data.size=16 --set detect.train_class=normal --set detect.width=2 "
    "--set detect.epochs=2 --set detect.steps=4 --set detect.at_once=3 ";

}  // namespace

TEST_CASE("detect scores every test image, and says how well the scores tell the classes apart") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  const Ran ran = ganymede_done(detect + "--out " + out);
  CHECK_THAT(ran.out, Contains("AnoGAN") && Contains("PCA") && Contains("learnt was 'normal'"));
  const Json run = run_json(out);
  const Json& detection = run.at("detection");
  CHECK(detection.at("train_class") == "normal");
  const Table scores = read_table(out + "/scores.csv");
  CHECK(scores.rows.size() == detection.at("images"));
  for (const char* name : {"AnoGAN", "PCA"}) {
    const Json& one = detection.at("detectors").at(name);
    const double auc = one.at("auc").at("value");
    CHECK((auc >= one.at("auc").at("low") && auc <= one.at("auc").at("high")));
    CHECK(one.at("mean_score").size() == 2);
    CHECK(one.at("roc").front() == Json::array({0.0, 0.0}));
    CHECK(one.at("roc").back() == Json::array({1.0, 1.0}));
  }
  const int overlay = scores.column({"overlay"}), label = scores.column({"label"}),
            r = scores.column({"residual"}), d = scores.column({"discrimination"}),
            a = scores.column({"score"});
  int sick = 0;
  for (const auto& row : scores.rows) {
    CHECK(fs::exists(out + "/" + row[std::size_t(overlay)]));
    sick += row[std::size_t(label)] == "pneumonia";
    const auto value = [&](int column) { return std::stod(row[std::size_t(column)]); };
    CHECK(value(a) == Approx(0.8 * value(r) + 0.2 * value(d)).epsilon(1e-4));
  }
  CHECK((sick > 0 && sick < int(scores.rows.size())));
  CHECK(fs::exists(out + "/pictures/roc-arms.svg"));
  CHECK_THAT(read_text(out + "/report.html"),
             Contains("id=\"anomaly\"") && Contains("learnt <b>normal</b>"));
  CHECK(detection.at("pictures").size() == 2);
  for (const Json& picture : detection.at("pictures"))
    CHECK(fs::exists(out + "/" + picture.at("path").get<std::string>()));
}

TEST_CASE("detect goes on behind the images that were searched before, with the same scores") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  ganymede_done(detect + "--out " + out);
  const std::string scores = read_text(out + "/scores.csv"),
                    found = out + "/detector/found/found.csv";
  const std::string kept = read_text(found);
  std::size_t end = 0;
  for (int line = 0; line < 4; ++line) end = kept.find('\n', end) + 1;  // header and one batch
  std::ofstream(found) << kept.substr(0, end);
  fs::remove(out + "/scores.csv");
  const Ran again = ganymede_run(detect + "--out " + out);
  INFO(again.err);
  REQUIRE(again.code == 0);
  CHECK(read_text(out + "/scores.csv") == scores);
  CHECK(read_text(found) == kept);
}

TEST_CASE("detect refuses what is no detection") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& more, const std::string& word) {
    const Ran ran = ganymede_run(detect + more + " --out " + folder / "run");
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains(word));
    CHECK(!fs::exists(folder / "run"));
  };
  refused("--set data.split=stratified", "data.split");
  refused("--set detect.train_class=norml", "normal");
}

TEST_CASE("sample varies images where the generator does, and takes a detector's as any other") {
  const TemporaryFolder folder;
  const std::string run = folder / "run", images = folder / "images";
  ganymede_done(detect + "--out " + run);
  CHECK(ganymede_run("sample " + run + "/gan/detector/generator.h5 --count 3 --out " + folder / "z")
            .code == 0);
  const Ran trained = ganymede_run(
      "train --recipe cxr-iagan64 --quick --data 'phantom:chest-xray?n=8&size=48' --set "
      "data.counts=none --set detect.train_class=pneumonia --set data.size=16 --set gan.width=8 "
      "--set gan.epochs=1 --out " +
      folder / "vary");
  INFO(trained.err);
  REQUIRE(trained.code == 0);
  ganymede_done("phantom 'chest-xray?n=2&size=48' --out " + images);
  const std::string sample = "sample " + folder / "vary" + "/gan/all/generator.h5 --count 5 --out ";
  const Ran without = ganymede_run(sample + folder / "none");
  CHECK(without.code == 2);
  CHECK_THAT(without.err, Contains("--images"));
  CHECK(!fs::exists(folder / "none"));
  const Ran asked = ganymede_run("detect --detector " + folder / "vary" +
                                 "/gan/all/checkpoint.h5 "
                                 "--set detect.steps=3 --data " +
                                 images + " --out " + folder / "scores");
  INFO(asked.err);
  CHECK(asked.code == 0);  // it encodes each query
  CHECK(read_table(folder / "scores" + "/scores.csv").rows.size() >= 4);
  const Ran with = ganymede_run(sample + folder / "varied" + " --images " + images);
  INFO(with.err);
  CHECK(with.code == 0);
  CHECK(fs::exists(folder / "varied/00004.png"));
  CHECK_THAT(with.out, Contains("mean SSIM to the images that were varied: "));
  CHECK(fs::exists(folder / "varied-pairs.png"));
  ganymede_done(sample + folder / "walk" + " --walk 2 --frames 2 --images " + images);
  CHECK(fs::exists(folder / "walk/walk.png"));
  CHECK_THAT(ganymede_run(sample + folder / "no" + " --walk-classes --images " + images).err,
             Contains("knows no classes"));
}

TEST_CASE("a trained detector scores a folder: every file has a score or a reason") {
  const TemporaryFolder folder;
  const std::string run = folder / "run", images = folder / "images", out = folder / "out";
  ganymede_done(detect + "--out " + run);
  fs::create_directories(images);
  Image grey(48, 48, 1), wide(20, 61, 1), deep(48, 40, 1, 16), colour(33, 33, 3);
  for (Image* image : {&grey, &wide, &deep, &colour})
    for (std::size_t i = 0; i < image->size(); ++i)
      image->set(i, double(image->max_value()) * double(i % 97) / 97.0);
  write_png(images + "/grey.png", grey);
  write_png(images + "/wide.png", wide);
  write_png(images + "/deep.png", deep);
  write_png(images + "/colour.png", colour);
  write_text(images + "/text.png", "no image");
  write_text(images + "/readme.txt", "no image either");
  const std::string whole = read_text(images + "/grey.png");
  write_text(images + "/cut.png", whole.substr(0, whole.size() / 2));
  const std::string command = "detect --detector " + run + "/gan/detector/checkpoint.h5 --data " +
                              images + " --out " + out + " --set detect.steps=3";
  const Ran ran = ganymede_done(command);
  CHECK_THAT(ran.out, Contains("4 images scored, 3 files without a score"));
  const Table scores = read_table(out + "/scores.csv");
  CHECK(scores.rows.size() == 7);
  const int image = scores.column({"image"}), a = scores.column({"score"}),
            reason = scores.column({"no_score_because"});
  for (const auto& row : scores.rows) {
    INFO(row[std::size_t(image)]);
    CHECK(row[std::size_t(a)].empty() != row[std::size_t(reason)].empty());
    const bool good = row[std::size_t(image)] != "text.png" &&
                      row[std::size_t(image)] != "cut.png" &&
                      row[std::size_t(image)] != "readme.txt";
    CHECK(row[std::size_t(reason)].empty() == good);
  }
  CHECK(!run_json(out).at("detection").contains("detectors"));
  const std::string first = read_text(out + "/scores.csv");
  CHECK(ganymede_run(command).code == 0);
  CHECK(read_text(out + "/scores.csv") == first);
}

TEST_CASE("a trained detector is judged where the folder's labels name its class") {
  const TemporaryFolder folder;
  const std::string run = folder / "run", out = folder / "out";
  ganymede_done(detect + "--out " + run);
  const std::string command =
      "detect --detector " + run + "/gan/detector/checkpoint.h5 --out " + out + " --data ";
  const Ran ran = ganymede_done(command + "'phantom:chest-xray?n=12&size=48&seed=9'");
  CHECK_THAT(ran.out, Contains("AnoGAN") && Contains("AUC"));
  const auto refused = [&](const std::string& words, const std::string& text) {
    const Ran no = ganymede_run(words);
    CHECK(no.code != 0);
    CHECK_THAT(no.err, Contains(text));
  };
  refused(command + "phantom:chest-xray --recipe cxr-iagan64", "--detector brings its own recipe");
  refused(command + "phantom:chest-xray --set data.size=32", "only [detect]'s search");
  refused("detect --detector " + run +
              "/gan/detector/generator.h5 --data phantom:chest-xray --out " + folder / "no",
          "checkpoint.h5");
}
