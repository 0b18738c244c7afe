#include <algorithm>

#include <catch2/catch.hpp>

#include <ganymede/models/quality/selection.h>

using namespace ganymede::quality;
using Catch::Matchers::Contains;

namespace {

/// Pictures of 2 x 3 pixels, each at least 10 / sqrt(6) = 4.1 from the others, mirrored or not.
std::vector<float> apart(int count) {
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i)
    pixels.insert(pixels.end(), {10.0f * float(i + 1), 3.0f, 0.0f, 0.0f, 0.0f, 1.0f});
  return pixels;
}

ImageSet set_of(const std::vector<float>& pixels) {
  return {pixels, int(pixels.size()) / 6, 2, 3, 1};
}

std::vector<Rejection> rejections(const std::vector<Choice>& choices) {
  std::vector<Rejection> all;
  for (const Choice& c : choices) all.push_back(c.rejection);
  return all;
}

std::vector<Rejection> selected(const std::vector<Candidate>& candidates,
                                const SelectionRules& rules) {
  const std::vector<float> pixels = apart(int(candidates.size()));
  return rejections(select(set_of(pixels), candidates, rules));
}

using Rejections = std::vector<Rejection>;
constexpr auto none = Rejection::none, surplus = Rejection::surplus, low = Rejection::low_score,
               duplicate = Rejection::duplicate;

}  // namespace

TEST_CASE("selection: what fails several rules is left out for the first of them") {
  Candidate c{.distance = 9, .near_identical = true, .flagged = true, .disagrees = true};
  const SelectionRules rules{.keep = 1, .far = 5};
  CHECK(selected({c}, rules) == Rejections{Rejection::near_identical});
  c.near_identical = false;
  CHECK(selected({c}, rules) == Rejections{Rejection::flagged});
  c.flagged = false;
  CHECK(selected({c}, rules) == Rejections{Rejection::far});
  c.distance = 5;  // as far as is allowed
  CHECK(selected({c}, rules) == Rejections{Rejection::disagrees});
  c.disagrees = false;
  CHECK(selected({c}, rules) == Rejections{none});
  CHECK(selected({c}, {.keep = 0, .far = 5}) == Rejections{surplus});
}

TEST_CASE("selection: without the critic the first made are kept, up to the number asked for") {
  const std::vector<Candidate> five(5);
  CHECK(selected(five, {.keep = 3}) == Rejections{none, none, none, surplus, surplus});
  CHECK(selected(five, {.keep = 9}) == Rejections(5, none));
  std::vector<Candidate> with_bad = five;
  with_bad[1].flagged = true;  // takes no place, also behind the last kept one
  with_bad[4].flagged = true;
  CHECK(selected(with_bad, {.keep = 2}) ==
        Rejections{none, Rejection::flagged, none, surplus, Rejection::flagged});
  CHECK(select({{}, 0, 2, 3, 1}, {}, {.keep = 2}).empty());
}

TEST_CASE("selection: by score the critic's best are kept, of equals the first made") {
  const std::vector<Candidate> c{
      {.score = -1}, {.score = 2}, {.score = 1}, {.score = 1}, {.score = 3}};
  CHECK(selected(c, {.keep = 3, .by_score = true}) == Rejections{low, none, none, low, none});
  CHECK(selected(c, {.keep = 3}) == Rejections{none, none, none, surplus, surplus});
  const std::vector<Candidate> equal(40, {.score = 0.5});  // more than a sort takes in one piece
  Rejections first(40, low);
  std::fill_n(first.begin(), 25, none);
  CHECK(selected(equal, {.keep = 25, .by_score = true}) == first);
}

TEST_CASE("selection: the same image twice, mirrored or nearly, is kept once") {
  std::vector<float> pixels = apart(3);
  const auto add = [&](std::vector<float> image) {
    pixels.insert(pixels.end(), image.begin(), image.end());
  };
  const std::vector<float> first(pixels.begin(), pixels.begin() + 6);
  add(first);                                                         // 3: the same
  add({first[2], first[1], first[0], first[5], first[4], first[3]});  // 4: its mirror image
  std::vector<float> near = first;
  near[4] += 1.2f;  // root mean square 1.2 / sqrt(6) = 0.49
  add(near);        // 5
  const std::vector<Candidate> six(6);
  const auto at = [&](double limit) {
    return select(set_of(pixels), six, {.keep = 6, .duplicate = limit});
  };
  CHECK(rejections(at(0.5)) == Rejections{none, none, none, duplicate, duplicate, duplicate});
  for (int i : {3, 4, 5}) CHECK(at(0.5)[std::size_t(i)].twin == 0);
  for (int i : {0, 1, 2}) CHECK(at(0.5)[std::size_t(i)].twin == -1);
  CHECK(rejections(at(0.48)) == Rejections{none, none, none, duplicate, duplicate, none});
  CHECK(rejections(at(0)) == Rejections(6, none));  // not looked at
}

TEST_CASE("selection: of two alike the better scored is kept, and a duplicate takes no place") {
  std::vector<float> pixels = apart(2);
  pixels.insert(pixels.end(), pixels.begin(), pixels.begin() + 6);
  const std::vector<Candidate> c{{.score = 1}, {.score = 0}, {.score = 2}};
  const auto choices = select(set_of(pixels), c, {.keep = 2, .by_score = true, .duplicate = 0.5});
  CHECK(rejections(choices) == Rejections{duplicate, none, none});
  CHECK(choices[0].twin == 2);
  // One that is left out itself is nobody's twin.
  std::vector<Candidate> flagged = c;
  flagged[2].flagged = true;
  CHECK(rejections(select(set_of(pixels), flagged, {.keep = 3, .duplicate = 0.5})) ==
        Rejections{none, none, Rejection::flagged});
}

TEST_CASE("selection: counts that differ are refused, each reason has words of its own") {
  const std::vector<float> pixels = apart(2);
  CHECK_THROWS_AS(select(set_of(pixels), std::vector<Candidate>(3), {}), ganymede::ShapeError);
  CHECK_THROWS_WITH(select(set_of(pixels), std::vector<Candidate>(3), {}),
                    Contains("2 images, 3 candidates"));
  CHECK_THROWS_AS(select({pixels, 3, 2, 3, 1}, std::vector<Candidate>(3), {}),
                  ganymede::ShapeError);
  std::vector<std::string> words;
  for (auto r : {Rejection::near_identical, Rejection::flagged, Rejection::far,
                 Rejection::disagrees, duplicate, low, surplus})
    words.push_back(to_string(r));
  std::ranges::sort(words);
  CHECK(std::ranges::adjacent_find(words) == words.end());
  CHECK_FALSE(words[0].empty());
  CHECK(to_string(none).empty());
}
