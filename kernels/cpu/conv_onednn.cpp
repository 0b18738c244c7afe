// Convolutions by oneDNN, activations in NHWC, weights in whatever layout its fastest
// implementation wants: they change with every optimiser step, and a reorder costs a hundredth of
// the product. Primitives are built once per shape. Shapes for which oneDNN has only its reference
// loop go to the own register tiles.

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/onednn.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace ganymede::kernels::cpu::direct {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;
using Tag = memory::format_tag;

enum class Kind { forward, input_grad, weight_grad };

// A built primitive with the layouts it wants. `conv` is empty where oneDNN has no fast one.
struct Plan {
  dnnl::primitive conv;
  dnnl::reorder reorder;  // of weights, from or to KRSC; empty where the layouts agree
  memory::desc x, w, y, bias, plain_w, scratch;
};

memory::desc activations(int n, int c, int h, int w) {
  return {{n, c, h, w}, memory::data_type::f32, Tag::nhwc};
}

memory::desc weights(const ConvShape& s, Tag plain, Tag grouped) {
  const int k = s.filters / s.groups, c = s.channels / s.groups;
  if (s.groups == 1) return {{k, c, s.kernel_h, s.kernel_w}, memory::data_type::f32, plain};
  return {{s.groups, k, c, s.kernel_h, s.kernel_w}, memory::data_type::f32, grouped};
}

template <class Desc>
bool fast(const Desc& d) {
  return std::string_view(d.impl_info_str()).substr(0, 3) != "ref";
}

// The descriptors of all three contractions take the same geometry.
struct Geometry {
  memory::dims strides, dilations, before, after;
  explicit Geometry(const ConvShape& s)
      : strides{s.stride_h, s.stride_w},
        dilations{s.dilation_h - 1, s.dilation_w - 1},
        before{s.pad_top, s.pad_left},
        after{s.pad_bottom, s.pad_right} {}
};

dnnl::convolution_forward::primitive_desc forward_desc(const ConvShape& s, const Plan& p,
                                                       const Fused& fused) {
  const Geometry g(s);
  const memory::desc any = weights(s, Tag::any, Tag::any);
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto kind = dnnl::prop_kind::forward_training;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (fused.slope != 1.0f) {
    dnnl::post_ops after;
    after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, fused.slope, 0.0f);
    attributes.set_post_ops(after);
  }
  if (fused.bias)
    return {{kind, algorithm, p.x, any, p.bias, p.y, g.strides, g.dilations, g.before, g.after},
            attributes,
            onednn::engine()};
  return {{kind, algorithm, p.x, any, p.y, g.strides, g.dilations, g.before, g.after},
          attributes,
          onednn::engine()};
}

template <class Primitive, class Desc>
void adopt(Plan& p, const Desc& d, const memory::desc& w, bool to_plain) {
  if (!fast(d)) return;
  p.conv = Primitive(d);
  p.w = w;
  p.scratch = d.scratchpad_desc();
  if (p.w == p.plain_w) return;
  const auto& engine = onednn::engine();
  p.reorder =
      dnnl::reorder(to_plain ? dnnl::reorder::primitive_desc(engine, p.w, engine, p.plain_w)
                             : dnnl::reorder::primitive_desc(engine, p.plain_w, engine, p.w));
}

std::shared_ptr<const Plan> build(const ConvShape& s, Kind kind, const Fused& fused) {
  auto plan = std::make_shared<Plan>();
  Plan& p = *plan;
  p.x = activations(s.batch, s.channels, s.height, s.width);
  p.y = activations(s.batch, s.filters, s.out_height(), s.out_width());
  p.bias = {{s.filters}, memory::data_type::f32, Tag::a};
  p.plain_w = weights(s, Tag::ohwi, Tag::gohwi);
  const Geometry g(s);
  const memory::desc any = weights(s, Tag::any, Tag::any);
  const auto algorithm = dnnl::algorithm::convolution_direct;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto hint = forward_desc(s, p, kind == Kind::forward ? fused : Fused{});
  if (kind == Kind::forward) {
    adopt<dnnl::convolution_forward>(p, hint, hint.weights_desc(), false);
  } else if (kind == Kind::input_grad) {
    const dnnl::convolution_backward_data::primitive_desc d(
        {algorithm, p.x, any, p.y, g.strides, g.dilations, g.before, g.after}, attributes,
        onednn::engine(), hint);
    adopt<dnnl::convolution_backward_data>(p, d, d.weights_desc(), false);
  } else {
    const dnnl::convolution_backward_weights::primitive_desc d(
        {algorithm, p.x, any, p.y, g.strides, g.dilations, g.before, g.after}, attributes,
        onednn::engine(), hint);
    adopt<dnnl::convolution_backward_weights>(p, d, d.diff_weights_desc(), true);
  }
  return plan;
}

// Everything a primitive depends on. Thread counts differ where streams share the machine.
using Key = std::tuple<std::array<int, 16>, Kind, bool, float, int>;

Key key_of(const ConvShape& s, Kind kind, const Fused& fused) {
  return {{s.batch, s.height, s.width, s.channels, s.filters, s.kernel_h, s.kernel_w, s.stride_h,
           s.stride_w, s.dilation_h, s.dilation_w, s.pad_top, s.pad_left, s.pad_bottom, s.pad_right,
           s.groups},
          kind,
          fused.bias != nullptr,
          fused.slope,
          threads()};
}

std::shared_ptr<const Plan> plan_for(const ConvShape& s, Kind kind, const Fused& fused) {
  static std::mutex mutex;
  static std::map<Key, std::shared_ptr<const Plan>> plans;
  constexpr std::size_t limit = 1024;  // a program with more shapes than this builds some again
  const std::lock_guard lock(mutex);
  const Key key = key_of(s, kind, fused);
  if (const auto found = plans.find(key); found != plans.end()) return found->second;
  if (plans.size() >= limit) plans.clear();
  std::shared_ptr<const Plan> plan;
  try {
    plan = build(s, kind, fused);
  } catch (const dnnl::error& e) {
    if (e.status != dnnl_unimplemented) throw;
    // oneDNN has no implementation at all: an empty plan sends the shape to the register tiles.
    plan = std::make_shared<Plan>();
  }
  return plans[key] = plan;
}

memory wrap(const memory::desc& d, const float* data) {
  return {d, onednn::engine(), const_cast<float*>(data)};
}

Workspace room(Stream& stream, const memory::desc& d) { return {stream, d.get_size()}; }

memory wrap(const memory::desc& d, const Workspace& block) {
  return {d, onednn::engine(), block.data()};
}

// Runs a plan on weights it reads.
void run(Stream& stream, const Plan& p, const float* w, Arguments arguments) {
  const Workspace scratch = room(stream, p.scratch);
  const Workspace ordered = p.reorder ? room(stream, p.w) : Workspace();
  const memory given = wrap(p.plain_w, w);
  memory wanted = given;
  if (p.reorder) {
    wanted = wrap(p.w, ordered);
    p.reorder.execute(onednn::stream(), {{DNNL_ARG_FROM, given}, {DNNL_ARG_TO, wanted}});
  }
  arguments.insert({DNNL_ARG_WEIGHTS, wanted});
  arguments.insert({DNNL_ARG_SCRATCHPAD, wrap(p.scratch, scratch)});
  p.conv.execute(onednn::stream(), arguments);
}

}  // namespace

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  onednn::guarded("conv2d", [&] {
    // oneDNN's relu makes 0 of a NaN, which would hide it: that one is a pass of our own.
    const bool relu = fused.slope == 0.0f;
    const Fused inside{fused.bias, relu ? 1.0f : fused.slope};
    const auto plan = plan_for(s, Kind::forward, inside);
    if (!plan->conv) return tiled::forward(stream, s, x, w, y, fused);
    Arguments arguments{{DNNL_ARG_SRC, wrap(plan->x, x)}, {DNNL_ARG_DST, wrap(plan->y, y)}};
    if (fused.bias) arguments.insert({DNNL_ARG_BIAS, wrap(plan->bias, fused.bias)});
    run(stream, *plan, w, std::move(arguments));
    if (relu)
      finish(stream, std::int64_t{s.batch} * s.out_height() * s.out_width(), s.filters, y,
             {.activation = Activation::leaky_relu, .slope = 0.0f});
  });
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  onednn::guarded("conv2d_input_grad", [&] {
    const auto plan = plan_for(s, Kind::input_grad, {});
    if (!plan->conv) return tiled::input_grad(stream, s, gy, w, gx, fused);
    run(stream, *plan, w,
        {{DNNL_ARG_DIFF_DST, wrap(plan->y, gy)}, {DNNL_ARG_DIFF_SRC, wrap(plan->x, gx)}});
    const Epilogue epilogue{
        .bias = fused.bias, .activation = Activation::leaky_relu, .slope = fused.slope};
    if (!fused.nothing())
      finish(stream, std::int64_t{s.batch} * s.height * s.width, s.channels, gx, epilogue);
  });
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  onednn::guarded("conv2d_weight_grad", [&] {
    const auto plan = plan_for(s, Kind::weight_grad, {});
    if (!plan->conv) return tiled::weight_grad(stream, s, x, gy, gw);
    const Workspace scratch = room(stream, plan->scratch);
    const Workspace ordered = plan->reorder ? room(stream, plan->w) : Workspace();
    const memory result = wrap(plan->plain_w, gw);
    const memory raw = plan->reorder ? wrap(plan->w, ordered) : result;
    plan->conv.execute(onednn::stream(), {{DNNL_ARG_SRC, wrap(plan->x, x)},
                                          {DNNL_ARG_DIFF_DST, wrap(plan->y, gy)},
                                          {DNNL_ARG_DIFF_WEIGHTS, raw},
                                          {DNNL_ARG_SCRATCHPAD, wrap(plan->scratch, scratch)}});
    if (plan->reorder)
      plan->reorder.execute(onednn::stream(), {{DNNL_ARG_FROM, raw}, {DNNL_ARG_TO, result}});
  });
}

}  // namespace ganymede::kernels::cpu::direct
