// Broken data and files: the message names the file and the mend, the exit code is 3, and nothing
// is damaged.

#include <catch2/catch.hpp>

#include <cstdlib>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/models/dcgan.h>

#include "test/places.h"
#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

/// A small sound set; every test breaks a copy of it in its own way.
class Set : public TemporaryFolder {
 public:
  explicit Set(const std::string& layout = "labels.csv") {
    ganymede_done("phantom 'head-ct?n=4&size=40' --out " + root() + " --layout " + layout);
  }
  std::string root() const { return *this / "set"; }
  std::string image(int i) const { return root() + "/images/0000" + std::to_string(i) + ".png"; }
  Ran data() const { return ganymede_run("data " + root()); }
};

void check_refused(const Ran& ran, const std::string& named) {
  CHECK(ran.code == 3);
  CHECK_THAT(ran.err, Contains(named));
  CHECK(ran.err.starts_with("ganymede: "));
}

std::string big_endian(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += char(value >> shift & 0xff);
  return text;
}

}  // namespace

TEST_CASE("an image that labels.csv names is missing") {
  const Set set;
  fs::remove(set.image(3));
  check_refused(set.data(), "00003");
}

TEST_CASE("a PNG is cut off") {
  const Set set;
  fs::resize_file(set.image(2), fs::file_size(set.image(2)) / 2);
  check_refused(set.data(), "00002.png");
}

TEST_CASE("a text file is called .png") {
  const Set set;
  write_text(set.image(1), "I am no picture");
  check_refused(set.data(), "00001.png");
}

TEST_CASE("broken files are named together, and left out when that is asked for") {
  const Set set;
  write_text(set.image(1), "I am no picture");
  fs::resize_file(set.image(2), fs::file_size(set.image(2)) / 2);
  const Ran ran = set.data();
  check_refused(ran, "2 of 8 images cannot be read");
  CHECK_THAT(ran.err, Contains("00001.png") && Contains("00002.png") && Contains("--skip-broken"));
  const Ran skipping = ganymede_done("data " + set.root() + " --skip-broken");
  CHECK_THAT(skipping.out, Contains("6 images") && Contains("skipped:") && Contains("00002.png"));
  const std::string study = "study --plan --quick --recipe headct-dcgan32 --data " + set.root();
  check_refused(ganymede_run(study), "2 of 8 images cannot be read");
}

TEST_CASE("a header claims 30000 x 30000 pixels") {
  const Set set;
  std::string bytes = read_text(set.image(0));
  bytes.replace(16, 8, big_endian(30000) + big_endian(30000));
  write_text(set.image(0), bytes);
  check_refused(set.data(), "00000.png");
}

TEST_CASE("an empty folder, and none at all") {
  const TemporaryFolder folder;
  check_refused(ganymede_run("data " + folder.path()), folder.path());
  check_refused(ganymede_run("data " + (folder / "nothing")), "nothing");
}

TEST_CASE("an empty class folder is named, for its class would be missed") {
  const Set set("folders");
  fs::create_directories(set.root() + "/fracture");
  const Ran ran = ganymede_done("data " + set.root());
  CHECK_THAT(ran.out, Contains("layout folders, 8 images") &&
                          Contains("fracture: an empty folder: no class without images"));
}

TEST_CASE("a GAN of one image, which has no variety to learn") {
  const Set set;
  const std::string one = set / "one", out = set / "run";
  fs::create_directories(one);
  fs::copy_file(set.image(0), one + "/0.png");
  CHECK_THAT(
      ganymede_done("data " + one).out,
      Contains("layout flat, 1 image, ") && Contains("1 patient, 1 group that stays together"));
  check_refused(
      ganymede_run("train --recipe headct-dcgan32 --quick --data " + one + " --out " + out),
      one + ": 1 image to learn from, a GAN wants at least 2");
  CHECK(!fs::exists(out));
}

TEST_CASE("labels.csv: an unknown id, a missing column, one image with two labels") {
  const Set set;
  const std::string labels = set.root() + "/labels.csv", sound = read_text(labels);
  write_text(labels, sound + "images/99999.png,normal\n");
  check_refused(set.data(), "99999");
  write_text(labels, "image,colour\nimages/00000.png,red\n");
  check_refused(set.data(), "label");
  write_text(labels, sound + "images/00000.png,something else\n");
  check_refused(set.data(), "00000");
}

TEST_CASE("a checkpoint with a flipped byte, and a sound one") {
  const TemporaryFolder folder;
  const std::string path = folder / "gan.h5";
  const std::unique_ptr<Sequential> generator = make_generator({}, Rng(1, "test"));
  CheckpointWriter writer;
  writer.add_network("generator", *generator, {1, 100});
  std::move(writer).save(path);
  const Ran sound = ganymede_run("inspect " + path);
  CHECK(sound.code == 0);
  CHECK_THAT(sound.out, Contains("4,870,785") || Contains("4870785"));

  std::string bytes = read_text(path);
  bytes[bytes.size() / 2] ^= 1;
  write_text(path, bytes);
  check_refused(ganymede_run("inspect " + path), "gan.h5");
  CHECK(read_text(path) == bytes);
}

TEST_CASE("classify test writes over nothing") {
  const TemporaryFolder folder;
  const std::string path = folder / "classifier.h5";
  write_text(path, "weights");
  const Ran ran =
      ganymede_run("classify test " + path + " --data phantom:head-ct?n=12 --out " + path);
  CHECK(ran.code == 2);
  CHECK_THAT(ran.err, Contains("is there already"));
  CHECK(read_text(path) == "weights");
}

TEST_CASE("a full disk leaves no half files") {
  const TemporaryFolder folder;
  const std::string mount =
      "mount -t tmpfs -o size=64k ganymede '" + folder.path() + "' 2>/dev/null";
  if (std::system(mount.c_str()) != 0) {
    WARN("skipped: a tiny file system can only be mounted by root");
    return;
  }
  const Ran ran = ganymede_run("phantom 'head-ct?n=40' --out " + (folder / "set"));
  bool half = false;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    half = half || entry.path().extension() == ".tmp";
  CHECK(std::system(("umount '" + folder.path() + "'").c_str()) == 0);
  check_refused(ran, "space");
  CHECK(!half);
}

TEST_CASE("a checkpoint that is none") {
  const TemporaryFolder folder;
  write_text(folder / "gan.h5", "no checkpoint at all");
  check_refused(ganymede_run("inspect " + (folder / "gan.h5")), "gan.h5");
  check_refused(ganymede_run("inspect " + (folder / "missing.h5")), "missing.h5");
  check_refused(ganymede_run("inspect " + folder.path()), "is a folder; name the .h5 file in it");
}

TEST_CASE("an answer that cannot be written is an error, a note that cannot be read is none") {
  if (!fs::exists("/dev/full")) return;
  const std::string program = "'" + ganymede::test::build_folder().string() + "/tools/ganymede' ";
  const auto code_of = [&](const std::string& words) {
    return WEXITSTATUS(std::system((program + words).c_str()));
  };
  CHECK(code_of("recipe list >/dev/full 2>/dev/null") == 3);
  CHECK(code_of("recipe show headct-dcgan32 >/dev/full 2>/dev/null") == 3);  // more than a buffer
  CHECK(code_of("data /nowhere >/dev/null 2>/dev/full") == 3);
  const TemporaryFolder folder;
  CHECK(code_of("train --data 'phantom:head-ct?n=8&size=32' --recipe headct-dcgan32 --class "
                "hemorrhage --set gan.epochs=1 --set gan.width=8 --out " +
                (folder / "run") + " >/dev/null 2>/dev/full") == 0);
}
