#include <catch2/catch.hpp>

#include <ganymede/data/text.h>

using namespace ganymede;

TEST_CASE("UTF-8 is told from other bytes") {
  for (const char* text : {"", "plain", "K\xc3\xb6pfe", "\xe2\x82\xac", "\xf0\x9f\xa9\xbb", "\x7f",
                           "\xf4\x8f\xbf\xbf", "\xee\x80\x80"})
    CHECK(is_utf8(text));
  for (const char* text :
       {"K\xf6pfe", "\xc3", "a\xc3", "\xc3(", "\x80", "\xc0\x80", "\xe0\x80\x80", "\xe2\x82",
        "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"}) {
    INFO(text);
    CHECK_FALSE(is_utf8(text));
  }
  CHECK_FALSE(is_utf8(std::string_view("\xe2\x82\xac", 2)));
}

TEST_CASE("the nearest name: few edits, or a part; nothing for what is far longer") {
  const std::vector<std::string> names{"gan.epochs", "gan.width"};
  CHECK(nearest_name("gan.epoch", names) == "gan.epochs");
  CHECK(nearest_name("width", names) == "gan.width");
  CHECK(nearest_name("GAN.EPOCHS", names) == "gan.epochs");
  CHECK(nearest_name(std::string(1'000'000, 'g'), names).empty());
}
