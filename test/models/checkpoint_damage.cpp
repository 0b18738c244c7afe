// Checkpoints: damage and full disks are refused and cost nothing that was there.

#include <sys/resource.h>

#include <csignal>

#include <catch2/catch.hpp>

#include <ganymede/engine/checkpoint_file.h>
#include <ganymede/engine/hash.h>
#include <ganymede/kernels/error.h>

#include "checkpoint_run.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

TEST_CASE("a flipped byte is refused wherever it is, a cut file too") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const std::string good = bytes_of(path);
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < 600; i += 7) offsets.push_back(i);
  for (std::size_t i = 600; i < good.size(); i += good.size() / 97) offsets.push_back(i);
  offsets.push_back(good.size() - 1);
  for (const std::size_t offset : offsets) {
    std::string damaged = good;
    damaged[offset] = char(damaged[offset] ^ 0x10);
    write_bytes(path, damaged);
    INFO("offset " << offset);
    REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  }
  for (const std::size_t length :
       {std::size_t(0), std::size_t(100), std::size_t(512), good.size() / 2, good.size() - 1}) {
    write_bytes(path, good.substr(0, length));
    INFO("length " << length);
    REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  }
  write_bytes(path, good + "x");
  REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  write_bytes(path, "just text");
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("gan.h5") && Contains("no checkpoint"));
}

TEST_CASE("the previous checkpoint is kept and offered") {
  const Folder folder;
  const std::string path = folder.file("gan.h5"), previous = folder.file("gan.previous.h5");
  REQUIRE(previous_checkpoint(path) == previous);
  Run run(1);
  run.save(path);
  REQUIRE_FALSE(fs::exists(previous));
  const std::string first = bytes_of(path);
  run.change();
  run.save(path);
  REQUIRE(bytes_of(previous) == first);
  REQUIRE(std::distance(fs::directory_iterator(folder.path), {}) == 2);

  std::string damaged = bytes_of(path);
  damaged[5000] = char(~damaged[5000]);
  write_bytes(path, damaged);
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("do not match their hash") &&
                                                  Contains("'" + previous + "' is whole"));
  write_bytes(path, damaged.substr(0, 3000));
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("truncated") && Contains(previous));
  fs::remove(path);
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("cannot be read") && Contains(previous));
  fs::remove(previous);
  REQUIRE_THROWS_AS(CheckpointReader(path), FileError);
}

TEST_CASE("a full disk leaves the old file and no temporary one") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const std::string old = bytes_of(path);
  run.change();

  // A limit on the file size fails the same write as a full disk does, and needs no mount.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  std::string message;
  try {
    run.save(path);
  } catch (const FileError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  REQUIRE_THAT(message, Contains("gan.h5") && Contains("disk full") &&
                            Contains(std::to_string(old.size()) + " bytes needed"));
  REQUIRE(bytes_of(path) == old);
  REQUIRE(std::distance(fs::directory_iterator(folder.path), {}) == 1);
  REQUIRE_THROWS_AS(run.save(folder.file("no/such/folder/gan.h5")), FileError);
}

TEST_CASE("the hash is SHA-256") {
  const auto hash = [](const std::string& text) { return sha256(std::as_bytes(std::span(text))); };
  // FIPS 180-4's examples.
  REQUIRE(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  REQUIRE(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(hash(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  const Folder folder;
  write_bytes(folder.file("x"), "xxabc");
  REQUIRE(file_hash(folder.file("x"), 2) == hash("abc"));
  REQUIRE_THROWS_AS(file_hash(folder.file("y")), FileError);
}
