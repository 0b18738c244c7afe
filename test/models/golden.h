#pragma once
// What the tests of golden steps share: the values in test/golden, and a GAN's under their names.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <ganymede/models/gan.h>

namespace ganymede::test {

struct GoldenRow {
  std::string what;
  std::int64_t index;
  double value;
};

/// The rows of test/golden/`file` whose names begin with `prefix`, which is taken off.
std::vector<GoldenRow> golden_rows(const std::string& file, const std::string& prefix = "");

using NamedValues = std::map<std::string, std::vector<float>>;

/// Adds every parameter and buffer of both networks: "generator/dense/kernel".
void add_state(Gan& gan, NamedValues& values);
/// The losses of the last step, one more in each list.
void add_losses(Gan& gan, NamedValues& values);

/// Ten steps of a GAN of the scripts' seed on their images, `batch` being N x H x W x C: each
/// step's losses ("loss_real", "loss_fake", "loss_generator") and the state at the end.
NamedValues ten_steps(Gan& gan, const Shape& batch);

/// How far a value of that name may be off: `margin`, or `relative` of it where that is more.
struct GoldenBound {
  double margin, relative;
};
using GoldenBounds = std::function<GoldenBound(const std::string& what)>;

/// Of ten Adam steps of 2e-4 of a DCGAN. A bias before a batch norm has no gradient but rounding,
/// which Adam blows up to steps of its own size; it changes nothing else than the moving mean that
/// takes it up. `before_norm` names what lies in a layer with a norm behind it, or in a norm.
GoldenBounds dcgan_bounds(std::function<bool(const std::string& what)> before_norm);

/// Checks all rows. A row "x" is an element of values["x"]; "x/norm" is the Euclidean norm of all
/// of them, beside it how many there are, and may be off as if each element were by its bound.
void check_golden(const std::vector<GoldenRow>& rows, const NamedValues& values,
                  const GoldenBounds& bounds);

}  // namespace ganymede::test
