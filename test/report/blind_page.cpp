// The blind-reading page as text: what it must not tell. What people do on it is tested in a
// browser (test/program/blind.cpp).

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/tools/report/blind_page.h>

#include <catch2/catch.hpp>
#include <set>

#include "run_page.h"

using namespace ganymede;
using namespace ganymede::report;
using Catch::Matchers::Contains;
using test::occurrences;

namespace {

/// Noisy reals and flat fakes: compressed, their sizes would tell.
BlindReading reading(bool picked = false, int channels = 1) {
  BlindReading r{.name = "heads", .pictures = {}, .fake = {}, .picked = picked};
  HostRng noise(1, "blind page");
  for (const bool fake : {true, false, false, true, false, true, true, false}) {
    Image image(20, 30, channels);
    for (std::size_t i = 0; i < image.size(); ++i) image.set(i, fake ? 90 : noise.below(256));
    r.pictures.push_back(image);
    r.fake.push_back(fake);
  }
  return r;
}

/// What stands between two texts, each time.
std::vector<std::string> between(const std::string& text, const std::string& a,
                                 const std::string& b) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(a); at != std::string::npos; at = text.find(a, at)) {
    at += a.size();
    found.push_back(text.substr(at, text.find(b, at) - at));
  }
  return found;
}

std::string decoded(const std::string& base64) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : base64) {
    if (c == '=') break;
    bits = bits << 6 | unsigned(letters.find(c));
    if ((held += 6) >= 8) bytes += char(bits >> (held -= 8) & 255);
  }
  return bytes;
}

std::vector<std::string> chunks_of(const std::string& png) {
  std::vector<std::string> types;
  const auto byte = [&](std::size_t i) { return std::size_t(static_cast<unsigned char>(png[i])); };
  for (std::size_t at = 8; at + 12 <= png.size();
       at += 12 + (byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3)))
    types.push_back(png.substr(at + 4, 4));
  return types;
}

}  // namespace

TEST_CASE("blind page: pictures differ in pixels alone") {
  for (int channels : {1, 3}) {
    const std::string page = blind_page(reading(false, channels));
    const auto uris = between(page, "src=\"data:image/png;base64,", "\"");
    REQUIRE(uris.size() == 8);
    std::set<std::string> heads;
    for (const std::string& uri : uris) {
      CHECK(uri.size() == uris.front().size());
      const std::string png = decoded(uri);
      CHECK(chunks_of(png) == std::vector<std::string>{"IHDR", "IDAT", "IEND"});
      heads.insert(png.substr(0, 33));  // extents, depth, colour
    }
    CHECK(heads.size() == 1);
    // But for its picture and its number a card is like every other.
    std::set<std::string> cards;
    int number = 0;
    for (std::string card : between(page, "<li class=\"card\">", "</li>")) {
      card.erase(card.find("base64,"), uris.front().size() + 7);
      const std::string n = std::to_string(++number);
      for (const std::string& place : {"Picture " + n, "name=\"p" + n + "\""})
        for (auto at = card.find(place); at != std::string::npos; at = card.find(place))
          card.replace(at, place.size(), "#");
      cards.insert(card);
    }
    CHECK(number == 8);
    CHECK(cards.size() == 1);
  }
}

TEST_CASE("blind page: the key is masked, and changes with what it keeps") {
  const BlindReading one = reading();
  BlindReading other = one;
  other.fake.flip();
  const auto key_in = [](const BlindReading& r) {
    return between(blind_page(r), "data-key=\"", "\"").at(0);
  };
  const std::string key = key_in(one);
  CHECK(key.size() == 2 * one.fake.size());
  CHECK(key != key_in(other));
  std::vector<bool> low;  // each byte's last bit, as it stands there
  for (std::size_t i = 1; i < key.size(); i += 2)
    low.push_back(std::stoi(key.substr(i, 1), nullptr, 16) & 1);
  CHECK(low != one.fake);
  CHECK(low != other.fake);
  CHECK(blind_page(one) == blind_page(one));
  CHECK(between(blind_page(one), "data-page=\"", "\"") !=
        between(blind_page(other), "data-page=\"", "\""));
}

TEST_CASE("blind page: alone, and honest about hand-picked fakes") {
  const std::string page = blind_page(reading()), picked = blind_page(reading(true));
  for (const char* outside : {"http://", "https://", "@import", "url(", "{{"}) {
    INFO(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
  CHECK(occurrences(page, "<script>") == 1);
  CHECK_THAT(page, Contains("default-src 'none'"));
  CHECK(page.find("<b>The fakes were picked by hand</b>") == std::string::npos);
  CHECK_THAT(picked, Contains("<b>The fakes were picked by hand</b>") &&
                         Contains("data-fakes=\"picked by hand\""));
  BlindReading named = reading();
  named.name = "a\"><b>";
  CHECK(blind_page(named).find("a\"><b>") == std::string::npos);
}

TEST_CASE("blind page: pictures of another form give themselves away") {
  BlindReading r = reading();
  r.pictures[2] = Image(20, 31, 1);
  CHECK_THROWS_AS(blind_page(r), ShapeError);
  r.pictures[2] = Image(20, 30, 1, 16);
  CHECK_THROWS_AS(blind_page(r), ShapeError);
  r = reading();
  r.fake.pop_back();
  CHECK_THROWS_AS(blind_page(r), ShapeError);
  CHECK_THROWS_AS(blind_page({}), ShapeError);
}
