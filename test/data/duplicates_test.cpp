#include <catch2/catch.hpp>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::message_of;
using ganymede::test::picture;
using ganymede::test::TemporaryFolder;

namespace {

using Sets = std::vector<std::vector<int>>;

Image with_alpha(const Image& grey) {
  Image out(grey.height(), grey.width(), 4);
  for (std::size_t i = 0; i < out.size(); ++i) out.set(i, i % 4 == 3 ? 255 : grey.value(i / 4));
  return out;
}

Image disturbed(Image image) {
  for (std::size_t i = 0; i < image.size(); ++i)
    image.set(i, image.value(i) + (i % 3 == 0 ? 2.0 : 0.0));
  return image;
}

}  // namespace

TEST_CASE("the same picture is found whatever way it was saved") {
  const TemporaryFolder folder;
  folder.write("x/0.png", picture(1));
  folder.write("x/1.png", with_alpha(picture(1)));
  folder.write("x/2.png", to_channels(picture(1), 3));
  folder.write("y/3.png", picture(2));
  Dataset dataset = open_dataset(folder.path());
  const auto prints = fingerprints(dataset);
  const Duplicates duplicates = find_duplicates(dataset, prints);
  CHECK(duplicates.exact == Sets{{0, 1, 2}});
  CHECK(duplicates.near.empty());
  CHECK(describe(dataset, duplicates)[0] == "x/0.png = x/1.png = x/2.png: identical pixels");
  CHECK(group_samples(dataset, duplicates) == std::vector<int>{0, 0, 0, 1});
  const Duplicates left = drop_exact_duplicates(dataset, duplicates);
  CHECK(left.exact.empty());
  CHECK(dataset.samples.size() == 2);
  CHECK(dataset.skipped.back().reason == "identical to x/0.png");
}

TEST_CASE("identical pixels with two labels are refused, naming both files") {
  const TemporaryFolder folder;
  folder.write("x/0.png", picture(1));
  folder.write("y/1.png", picture(1));
  const Dataset dataset = open_dataset(folder.path());
  const std::string message =
      message_of<DataError>([&] { find_duplicates(dataset, fingerprints(dataset)); });
  CHECK(message.find("'x/0.png' and 'y/1.png' hold the same pixels") != std::string::npos);
}

TEST_CASE("near duplicates stand out from their set, patients and pairs join groups") {
  const TemporaryFolder folder;
  const PhantomOptions options;
  for (int i = 0; i < 10; ++i)
    folder.write("x/" + std::to_string(i) + ".png", make_phantom(options, 0, i).image);
  folder.write("x/9b.png", disturbed(make_phantom(options, 0, 9).image));
  Dataset dataset = open_dataset(folder.path());
  dataset.samples[0].patient = dataset.samples[9].patient = "p";
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.empty());
  REQUIRE(duplicates.near.size() == 1);
  CHECK(duplicates.near[0].a == 9);
  CHECK(duplicates.near[0].b == 10);
  CHECK(duplicates.near[0].correlation > 0.99);
  const std::vector<int> groups = group_samples(dataset, duplicates);
  CHECK(groups[10] == groups[0]);  // through the patient of 9
  CHECK(groups[1] != groups[0]);
}

TEST_CASE("many copies of one image, exact and near, are all found") {
  const TemporaryFolder folder;
  const PhantomOptions options;
  for (int i = 0; i < 20; ++i)
    folder.write("x/" + std::to_string(10 + i) + ".png", make_phantom(options, 0, i).image);
  for (int i = 0; i < 6; ++i) {  // in front of their original, so that they stand for themselves
    folder.write("x/0" + std::to_string(i) + ".png", make_phantom(options, 0, 0).image);
    Image brighter = make_phantom(options, 0, 1).image;
    for (std::size_t p = 0; p < brighter.size(); ++p)
      brighter.set(p, brighter.value(p) * (.9 - .05 * i));
    folder.write("x/3" + std::to_string(i) + ".png", brighter);
  }
  folder.write("x/40.png", disturbed(make_phantom(options, 0, 0).image));
  const Dataset dataset = open_dataset(folder.path());
  const std::vector<int> groups =
      group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  const auto group = [&](const std::string& name) {
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (dataset.samples[i].path == "x/" + name + ".png") return groups[i];
    return -1;
  };
  CHECK(group("40") == group("10"));
  for (const char* copy : {"00", "01", "02", "03", "04", "05"}) CHECK(group(copy) == group("10"));
  for (const char* darker : {"30", "31", "32", "33", "34", "35"})
    CHECK(group(darker) == group("11"));
  CHECK(group("10") != group("11"));
  CHECK(group("12") != group("13"));
}

TEST_CASE("the digest follows pixels, labels and names") {
  Dataset dataset = open_dataset("phantom:head-ct?n=2&size=32");
  const auto prints = fingerprints(dataset);
  const std::string before = digest(dataset, prints);
  CHECK(before.size() == 32);
  dataset.samples[0].label = "other";
  CHECK(digest(dataset, prints) != before);
  const Dataset other = open_dataset("phantom:head-ct?n=2&size=32&seed=2");
  CHECK(digest(other, fingerprints(other)) != before);
}

TEST_CASE("the real head CT set has the three known pairs and no other") {
  const std::string root = test::real_data("head-ct-hemorrhage");
  if (root.empty()) {
    WARN("skipped: head-ct-hemorrhage is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact == Sets{{188, 189}});
  REQUIRE(duplicates.near.size() == 2);
  CHECK(duplicates.near[0].a == 11);
  CHECK(duplicates.near[0].b == 61);
  CHECK(duplicates.near[1].a == 198);
  CHECK(duplicates.near[1].b == 199);
}

TEST_CASE("fundus photographs, all alike, give their exact pairs only") {
  const std::string root = test::real_data("messidor-2/images");
  if (root.empty()) {
    WARN("skipped: messidor-2 is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.size() == 4);
  CHECK(duplicates.near.empty());
}
