#include <ganymede/data/png_parts.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/tools/report/blind_page.h>
#include <ganymede/tools/report/pictures.h>

#include <algorithm>

#include <fmt/core.h>
#include <kainjow/mustache.hpp>

namespace ganymede::report {

namespace {

namespace mustache = kainjow::mustache;

void require_alike(const BlindReading& reading) {
  const auto& pictures = reading.pictures;
  if (pictures.size() < 2 || pictures.size() != reading.fake.size())
    throw ShapeError(fmt::format("blind_page: {} pictures, {} of which it is known what they are",
                                 pictures.size(), reading.fake.size()));
  for (const Image& picture : pictures)
    if (describe(picture) != describe(pictures.front()))
      throw ShapeError(
          fmt::format("blind_page: a picture of {} among pictures of {} gives itself "
                      "away; bring all to one form",
                      describe(picture), describe(pictures.front())));
}

/// Stored, not compressed: a fake is often smoother than a real, and its PNG would be shorter.
std::vector<std::string> uris_of(const std::vector<Image>& pictures) {
  std::vector<std::string> uris;
  for (const Image& picture : pictures)
    uris.push_back("data:image/png;base64," + base64(png::encode(picture, 0)));
  return uris;
}

/// Changes with whatever the answers depend on; they are kept under this name.
std::uint64_t number_of(const BlindReading& reading, const std::vector<std::string>& uris) {
  std::string all = reading.name + (reading.picked ? "/picked" : "/drawn");
  for (std::size_t i = 0; i < uris.size(); ++i) all += uris[i] + (reading.fake[i] ? "f" : "r");
  return kernels::key_of(all, 0);
}

/// mulberry32 (public domain), which a browser computes with 32-bit integers: the page undoes it.
class Masks {
 public:
  explicit Masks(std::uint32_t seed) : state_(seed) {}
  std::uint32_t operator()() {
    std::uint32_t t = state_ += 0x6d2b79f5u;
    t = (t ^ t >> 15) * (t | 1);
    t ^= t + (t ^ t >> 7) * (t | 61);
    return (t ^ t >> 14) >> 24;
  }

 private:
  std::uint32_t state_;
};

/// Two hex digits a picture: seven random bits and whether it is fake, masked.
std::string key_text(const std::vector<bool>& fake, std::uint64_t number) {
  Masks mask(static_cast<std::uint32_t>(number >> 32));
  HostRng noise(number, "blind/key");
  std::string text;
  for (const bool f : fake)
    text += fmt::format("{:02x}", mask() ^ (noise.below(128) << 1 | unsigned{f}));
  return text;
}

constexpr const char* drawn_words = "The fakes were drawn at random from all that were given.";
constexpr const char* picked_words =
    "<b>The fakes were picked by hand</b>, not drawn at random: this score is of these pictures "
    "and says nothing of what the generator usually makes.";

}  // namespace

std::string blind_page(const BlindReading& reading) {
  require_alike(reading);
  const auto uris = uris_of(reading.pictures);
  const std::uint64_t number = number_of(reading, uris);
  mustache::data view(mustache::data::type::object);
  view.set("name", reading.name);
  view.set("page", fmt::format("{:016x}", number));
  view.set("key", key_text(reading.fake, number));
  view.set("fakes", reading.picked ? "picked by hand" : "drawn at random");
  view.set("statement", reading.picked ? picked_words : drawn_words);
  view.set("count", std::to_string(uris.size()));
  view.set("style", std::string(blind_style()));
  view.set("script", std::string(blind_script()));
  mustache::data pictures(mustache::data::type::list);
  for (std::size_t i = 0; i < uris.size(); ++i) {
    mustache::data picture(mustache::data::type::object);
    picture.set("number", std::to_string(i + 1));
    picture.set("uri", uris[i]);
    picture.set("width", std::to_string(reading.pictures[i].width()));
    picture.set("height", std::to_string(reading.pictures[i].height()));
    pictures.push_back(picture);
  }
  view.set("pictures", mustache::data(pictures));
  mustache::mustache page{std::string(blind_template())};
  if (!page.is_valid()) throw UsageError("blind reading's template: " + page.error_message());
  return page.render(view);
}

}  // namespace ganymede::report
