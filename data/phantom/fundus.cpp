#include <ganymede/data/phantom/fundus.h>

#include <fmt/core.h>

#include <ganymede/data/phantom/retinopathy.h>

namespace ganymede::phantom {
namespace {

/// The camera and its settings at one visit.
struct Camera {
  explicit Camera(HostRng& rng)
      : gain(rng.uniform(0.85, 1.15)),
        cast{rng.uniform(0.94, 1.06), rng.uniform(0.92, 1.08), rng.uniform(0.85, 1.15)},
        falloff(rng.uniform(0.1, 0.4)),
        noise(rng.uniform(0.004, 0.02)),
        haze(std::max(0.0, rng.uniform(-0.1, 0.16))),
        focus(rng.uniform(0.002, 0.008)),
        background(rng.uniform(0.0, 0.02)),
        notch(rng.below(2) == 1),
        margin(rng.uniform(0.92, 1.12)),
        aspect(rng.uniform(1.0, 1.3)) {}

  double gain;
  Rgb cast;
  double falloff;  // of the light towards the border
  double noise, haze, focus, background;
  bool notch;             // the mask's mark at the upper right
  double margin, aspect;  // diameter of the field / height, width / height of the picture
};

/// One exposure.
struct Exposure {
  explicit Exposure(HostRng& rng)
      : size(rng.uniform(0.75, 1.0)),
        gain(rng.uniform(0.92, 1.08)),
        off_axis{rng.uniform(-0.25, 0.25), rng.uniform(-0.25, 0.25)},
        shift{rng.uniform(-0.015, 0.015), rng.uniform(-0.015, 0.015)},
        angle(rng.uniform(-0.12, 0.12)),
        rim(std::max(0.0, rng.uniform(-0.25, 0.15))) {}

  double size, gain;
  Point off_axis;  // where the light is strongest
  Point shift;     // of the field on the sensor, shares of the height
  double angle;
  double rim;  // light scattered at the border of the field
};

Frame frame_of(const Camera& camera, const Exposure& exposure, int size) {
  Frame frame;
  frame.width = static_cast<int>(std::lround(size * exposure.size));
  frame.height = static_cast<int>(std::lround(frame.width / camera.aspect));
  frame.unit = 0.5 * frame.height * camera.margin;
  frame.centre = {0.5 * frame.width + exposure.shift.x * frame.height,
                  0.5 * frame.height + exposure.shift.y * frame.height};
  frame.angle = exposure.angle;
  frame.blur = std::max(camera.focus, 0.7 / frame.unit);
  return frame;
}

/// How much of the field of view a point shows: 0 outside the round mask.
double in_field(const Camera& camera, const Frame& frame, Point p) {
  const double edge = 1 / frame.unit;
  const double round = smooth_step(1 + edge, 1 - edge, length(p));
  if (!camera.notch) return round;
  const Point q = rotated(rotated(p, -frame.angle), -0.7);  // the mask does not turn with the eye
  const bool tab = q.x > 0.9 && q.x < 1.04 && std::abs(q.y) < 0.05;
  return tab ? 1 : round;
}

Rgb lit(const Camera& camera, const Exposure& exposure, Rgb colour, Point p) {
  const double away = length(p - exposure.off_axis);
  colour =
      (camera.gain * exposure.gain * (1 - camera.falloff * away * away)) * camera.cast * colour;
  colour = mixed(colour, Rgb{0.5, 0.42, 0.32}, camera.haze);
  return colour + (exposure.rim * smooth_step(0.85, 1.0, length(p))) * Rgb{0.5, 0.5, 0.55};
}

Rgb noisy(const Camera& camera, Rgb colour, HostRng& rng) {
  const auto shot = [&](double value) {
    return value + camera.noise * std::sqrt(std::max(value, 0.0) + 0.05) * rng.normal();
  };
  const double r = shot(colour.r), g = shot(colour.g);
  return {r, g, shot(colour.b)};
}

/// One eye with all that is in it, drawn for one photograph.
class Eye {
 public:
  Eye(const Retina& retina, const Frame& frame, HostRng& anatomy, HostRng& disease, int grade,
      double difficulty)
      : retina_(retina),
        vessels_(retina, anatomy),
        lesions_(frame, retina, vessels_, disease, grade, difficulty),
        arteries_(frame),
        veins_(frame),
        reflexes_(frame) {
    vessels_.draw(arteries_, veins_, reflexes_);
  }

  /// Blood takes light away, most of all green; the wall of an artery throws some back.
  Rgb colour(Point p, int row, int column) const {
    const Rgb clear{1, 1, 1};
    Rgb colour = mixed(clear, Rgb{0.93, 0.62, 0.58}, arteries_.at(row, column)) * retina_.colour(p);
    colour = mixed(colour, 1.3 * colour, 0.5 * reflexes_.at(row, column));
    colour = mixed(clear, Rgb{0.76, 0.46, 0.5}, veins_.at(row, column)) * colour;
    return lesions_.over(colour, row, column);
  }
  bool has_lesion(int row, int column) const { return lesions_.marked(row, column); }

 private:
  const Retina& retina_;
  Vessels vessels_;
  Retinopathy lesions_;
  Layer arteries_, veins_, reflexes_;
};

void set_pixel(Image& image, int row, int column, Rgb colour) {
  image.set(row, column, 0, 255 * colour.r);
  image.set(row, column, 1, 255 * colour.g);
  image.set(row, column, 2, 255 * colour.b);
}

Phantom taken(const Eye& eye, const Camera& camera, const Exposure& exposure, const Frame& frame,
              int grade, HostRng& rng) {
  Phantom phantom{Image(frame.height, frame.width, 3), Image(frame.height, frame.width, 1), grade};
  for (int row = 0; row < frame.height; ++row)
    for (int column = 0; column < frame.width; ++column) {
      const Point p = frame.scene(row, column);
      const double seen = in_field(camera, frame, p);
      Rgb colour = camera.background * Rgb{1, 1, 1};
      if (seen > 0)
        colour = mixed(colour, lit(camera, exposure, eye.colour(p, row, column), p), seen);
      set_pixel(phantom.image, row, column, noisy(camera, colour, rng));
      if (seen > 0.5 && eye.has_lesion(row, column)) phantom.mask.set(row, column, 0, 255);
    }
  return phantom;
}

}  // namespace

std::string fundus_person(int label, int index) { return fmt::format("{}-{}", label, index / 2); }

Phantom make_fundus(const PhantomOptions& options, int label, int index) {
  const std::string person_path = "phantom/fundus/" + fundus_person(label, index),
                    path = fmt::format("phantom/fundus/{}/{}", label, index);
  HostRng traits(options.seed, person_path + "/person"),
      visit(options.seed, person_path + "/camera"), anatomy(options.seed, path + "/eye"),
      view(options.seed, path + "/view"), disease(options.seed, path + "/lesions");
  const Person person(traits);
  const Camera camera(visit);
  const Retina retina(person, anatomy, index % 2 == 1);
  const Exposure exposure(view);
  const Frame frame = frame_of(camera, exposure, options.size);
  const Eye eye(retina, frame, anatomy, disease, label, options.difficulty);
  return taken(eye, camera, exposure, frame, label, view);
}

}  // namespace ganymede::phantom
