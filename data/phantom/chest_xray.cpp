#include <ganymede/data/phantom/chest_xray.h>

#include <optional>

#include <fmt/core.h>

#include <ganymede/data/phantom/lung_vessels.h>
#include <ganymede/data/phantom/opacities.h>

namespace ganymede::phantom {
namespace {

/// One exposure: the picture's frame and the film.
struct Film {
  Film(int longest, HostRng& rng)
      : width(static_cast<int>(std::lround(longest * rng.uniform(0.75, 1.0)))),
        aspect(rng.uniform(1.05, 1.35)),
        zoom(rng.uniform(0.96, 1.08)),
        shift{rng.uniform(-0.03, 0.03), rng.uniform(-0.02, 0.03)},
        angle(rng.uniform(-0.05, 0.05)),
        gain(rng.uniform(0.93, 1.1)),
        offset(rng.uniform(-0.04, 0.04)),
        gamma(rng.uniform(0.88, 1.14)),
        focus(rng.uniform(0.004, 0.01)),
        noise(rng.uniform(0.003, 0.01)),
        tilt{rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)},
        letter(rng.uniform() < 0.5),
        wires(static_cast<int>(rng.uniform() < 0.15 ? 1 + rng.below(2) : 0)) {}

  int width;
  double aspect, zoom;  // width / height; of the chest in the picture
  Point shift;
  double angle, gain, offset, gamma, focus, noise;
  Point tilt;   // of the brightness across the film
  bool letter;  // that tells the side
  int wires;
};

Frame frame_of(const Film& film) {
  Frame frame;
  frame.width = film.width;
  frame.height = static_cast<int>(std::lround(film.width / film.aspect));
  frame.unit = 0.55 * frame.height * film.zoom;
  frame.centre = {0.5 * frame.width + film.shift.x * frame.height,
                  0.52 * frame.height + film.shift.y * frame.height};
  frame.angle = film.angle;
  frame.blur = std::max(film.focus, 0.7 / frame.unit);
  return frame;
}

/// An L of lead in the upper corner, and leads of a monitor across the chest.
void draw_metal(const Film& film, const Frame& frame, HostRng& rng, Layer& layer) {
  if (film.letter) {
    const Point at = frame.scene(static_cast<int>(0.08 * frame.height),
                                 static_cast<int>((1 - 0.07) * frame.width));
    layer.stroke(at, at - Point{0, 0.11}, 0.014, 0.014);
    layer.stroke(at - Point{0, 0.11}, at - Point{-0.06, 0.11}, 0.014, 0.014);
  }
  for (int i = 0; i < film.wires; ++i) {
    Point at{rng.uniform(-0.7, 0.7), rng.uniform(-0.3, 0.4)};
    double heading = rng.uniform(-2.4, -0.7);
    for (int piece = 0; piece < 24; ++piece, heading += rng.uniform(-0.2, 0.2)) {
      const Point end = at + 0.06 * Point{std::cos(heading), std::sin(heading)};
      layer.stroke(at, end, 0.005, 0.005, 0.7);
      at = end;
    }
  }
}

double developed(const Film& film, double value, Point p) {
  value = film.gain * (value - 0.5) + 0.5 + film.offset * std::min(1.0, 4 * value);
  value += film.tilt.x * p.x * value + film.tilt.y * p.y * value;
  return std::pow(std::clamp(value, 0.0, 1.0), film.gamma);
}

/// Everything that is drawn before the pixels are.
struct Scene {
  Scene(const Film& film, const Thorax& chest, HostRng& anatomy, HostRng& view)
      : frame(frame_of(film)), thorax(chest), vessels(frame), metal(frame) {
    draw_lung_vessels(thorax, anatomy, vessels);
    draw_metal(film, frame, view, metal);
  }

  Frame frame;
  const Thorax& thorax;
  Layer vessels, metal;
};

Phantom taken(const Scene& scene, const Film& film, const std::optional<Opacities>& disease,
              int label, HostRng& rng) {
  const Frame& frame = scene.frame;
  Phantom phantom{Image(frame.height, frame.width, 1), Image(frame.height, frame.width, 1), label};
  for (int row = 0; row < frame.height; ++row)
    for (int column = 0; column < frame.width; ++column) {
      const Point p = frame.scene(row, column);
      const double opaque = disease ? disease->amount(p) : 0;
      double value = scene.thorax.tissue(p, frame.blur, scene.vessels.at(row, column), opaque);
      value = developed(film, value, p) + film.noise * rng.normal();
      value = mixed(value, 0.97, scene.metal.at(row, column));
      phantom.image.set(row, column, 0, 255 * value);
      if (disease && disease->extent(p) > 0.5 && scene.thorax.lung(p) > 0.5)
        phantom.mask.set(row, column, 0, 255);
    }
  return phantom;
}

}  // namespace

std::string chest_patient(int label, int index) {
  static constexpr int visit_of[] = {0, 1, 1, 2, 2, 2};
  return fmt::format("{}-{}", label, 3 * (index / 6) + visit_of[index % 6]);
}

Phantom make_chest_xray(const PhantomOptions& options, int label, int index) {
  const std::string patient = "phantom/chest-xray/" + chest_patient(label, index),
                    path = fmt::format("phantom/chest-xray/{}/{}", label, index);
  HostRng build(options.seed, patient + "/build"), sickness(options.seed, patient + "/disease"),
      pose(options.seed, path + "/pose"), anatomy(options.seed, path + "/chest"),
      view(options.seed, path + "/view"), visit(options.seed, path + "/disease");
  const Thorax thorax(Build{build}, Pose{pose}, anatomy);
  const Film film(options.size, view);
  const Scene scene(film, thorax, anatomy, view);
  std::optional<Opacities> disease;
  if (label == 1) disease.emplace(thorax, sickness, visit, options.difficulty);
  return taken(scene, film, disease, label, view);
}

}  // namespace ganymede::phantom
