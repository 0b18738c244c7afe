#include "test/case.h"

#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops.h>

#include "test/backends.h"
#include "test/reference.h"

namespace ganymede::test {
namespace {

Tensor tensor_of(const DArray& x) { return Tensor::from(to_float(x), x.shape); }

void check_first(const Case& c, const Reference& r, const Vars& leaves, const Var& y, const Var& u,
                 const std::string& where) {
  const Vars together = grad(y, leaves, {u, false});
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::string what = where + ", gradient by input " + std::to_string(i);
    compare(what, together[i].value().host(), r.first[i], c.k);
    if (leaves.size() > 1)
      compare(what + " alone", grad(y, {leaves[i]}, {u, false})[0].value().host(), r.first[i], c.k);
  }
}

void check_second(const Case& c, const Reference& r, const Vars& leaves, const Var& y, const Var& u,
                  const std::string& where) {
  const Vars gradients = grad(y, leaves, {u, true});
  Var total;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Var term = sum(mul(gradients[i], tensor_of(r.directions[i])));
    total = total ? add(total, term) : term;
  }
  Vars targets = leaves;
  targets.push_back(u);
  const Vars second = grad(total, targets);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string by = i < leaves.size() ? "input " + std::to_string(i) : "the cotangent";
    compare(where + ", second derivative by " + by, second[i].value().host(), r.second[i], c.k);
  }
}

void check_on(const Case& c, const Reference& r, const std::string& backend) {
  const std::string where = c.name + " on " + backend;
  Vars leaves;
  for (const DArray& x : r.inputs) leaves.push_back(Var::leaf(tensor_of(x)));
  const Var y = c.op(leaves);
  if (!(y.shape() == r.cotangent.shape)) {
    FAIL_CHECK(where + ": shape " + to_string(y.shape()) + ", the oracle gives " +
               to_string(r.cotangent.shape));
    return;
  }
  compare(where + ", value", y.value().host(), r.value, c.k);
  const Var u = Var::leaf(tensor_of(r.cotangent));
  if (c.order >= 1) check_first(c, r, leaves, y, u, where);
  if (c.order >= 2) check_second(c, r, leaves, y, u, where);
}

}  // namespace

void check(const Case& c) {
  const Reference reference = reference_of(c);
  on_each_backend([&](const std::string& backend) { check_on(c, reference, backend); });
}

Expected expect(const DArray& value, const DArray& bound) {
  Expected e;
  for (std::int64_t i = 0; i < value.elements(); ++i) e.at.push_back(i);
  e.value = value.v;
  e.bound = bound.v;
  return e;
}

void compare(const std::string& what, const std::vector<float>& got, const Expected& expected,
             double k) {
  for (std::size_t i = 0; i < expected.at.size(); ++i) {
    const double value = got.at(static_cast<std::size_t>(expected.at[i]));
    const double allowed = k * tolerance::eps * expected.bound[i] + expected.noise;
    if (std::fabs(value - expected.value[i]) <= allowed) continue;
    FAIL_CHECK(what << ": element " << expected.at[i] << " is " << value << ", expected "
                    << expected.value[i] << " +- " << allowed);
    return;
  }
  SUCCEED(what);
}

}  // namespace ganymede::test
