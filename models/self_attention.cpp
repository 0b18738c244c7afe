#include <ganymede/models/self_attention.h>

#include <ganymede/engine/ops/attention.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

int eighth(int channels) {
  if (channels < 8 || channels % 8)
    throw SettingError("self-attention: " + std::to_string(channels) +
                       " channels are no multiple of 8");
  return channels / 8;
}

/// N x H x W x C as N x positions x C.
Var positions(const Var& x) {
  const Shape& s = x.shape();
  return reshape(x, {s[0], s[1] * s[2], s[3]});
}

}  // namespace

SelfAttention::SelfAttention(int channels, Init init, const Rng& rng)
    : query_(channels, eighth(channels), {.kernel = 1, .init = init}, rng.child("query")),
      key_(channels, eighth(channels), {.kernel = 1, .init = init}, rng.child("key")),
      value_(channels, channels, {.kernel = 1, .init = init}, rng.child("value")),
      gamma_(Var::leaf(Tensor::zeros({1}))) {}

Var SelfAttention::forward(const Var& x, Mode mode) {
  const Var o = attention(positions(query_.forward(x, mode)), positions(key_.forward(x, mode)),
                          positions(value_.forward(x, mode)));
  const Var seen = reshape(o, x.shape());
  return add(x, mul(seen, expand(gamma_, x.shape())));
}

void SelfAttention::visit(StateVisitor& visitor) {
  visit_child(visitor, "query", query_);
  visit_child(visitor, "key", key_);
  visit_child(visitor, "value", value_);
  visitor.parameter("gamma", gamma_, Layout::plain);
}

void SelfAttention::each_child(const Shape& input, const ChildSink& sink) {
  sink("query", query_, input);
  sink("key", key_, input);
  sink("value", value_, input);
}

}  // namespace ganymede
