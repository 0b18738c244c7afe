// Convolutions by cuDNN, with the fastest of all algorithms that it has for a problem, timed once.
// Some of them add with atomics: the same bits on every run are a promise of the own kernels only.

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/vendor/cudnn.h>
#include <ganymede/kernels/vendor/fastest.h>
#include <ganymede/kernels/vendor/products.h>
#include <ganymede/kernels/cuda/check.cuh>

namespace ganymede::kernels::vendor {
namespace {

/// What an algorithm is chosen for.
struct Problem {
  int device;
  Contraction contraction;
  MathMode mode;
  DenseConv conv;
  auto operator<=>(const Problem&) const = default;
};

// ---- descriptors -----------------------------------------------------------------------------

template <class Handle>
Owned<Handle, cudnnStatus_t> made(cudnnStatus_t (*create)(Handle*),
                                  cudnnStatus_t (*destroy)(Handle)) {
  Handle handle = nullptr;
  check(create(&handle), "conv descriptor");
  return {handle, destroy};
}

struct Descriptors {
  using Tensor = Owned<cudnnTensorDescriptor_t, cudnnStatus_t>;
  const Cudnn& api = cudnn();
  Tensor x = made(api.cudnnCreateTensorDescriptor, api.cudnnDestroyTensorDescriptor);
  Tensor y = made(api.cudnnCreateTensorDescriptor, api.cudnnDestroyTensorDescriptor);
  Owned<cudnnFilterDescriptor_t, cudnnStatus_t> w =
      made(api.cudnnCreateFilterDescriptor, api.cudnnDestroyFilterDescriptor);
  Owned<cudnnConvolutionDescriptor_t, cudnnStatus_t> conv =
      made(api.cudnnCreateConvolutionDescriptor, api.cudnnDestroyConvolutionDescriptor);

  explicit Descriptors(const DenseConv& c) {
    check(api.cudnnSetTensor4dDescriptor(x.get(), CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, c.batch,
                                         c.channels, c.height, c.width),
          "conv input");
    check(api.cudnnSetTensor4dDescriptor(y.get(), CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, c.batch,
                                         c.filters, c.out_height, c.out_width),
          "conv output");
    check(api.cudnnSetFilter4dDescriptor(w.get(), CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC, c.filters,
                                         c.channels / c.groups, c.kernel_h, c.kernel_w),
          "conv weights");
    check(api.cudnnSetConvolution2dDescriptor(conv.get(), c.pad_h, c.pad_w, c.stride_h, c.stride_w,
                                              c.dilation_h, c.dilation_w, CUDNN_CROSS_CORRELATION,
                                              CUDNN_DATA_FLOAT),
          "conv geometry");
    check(api.cudnnSetConvolutionGroupCount(conv.get(), c.groups), "conv groups");
  }
  void allow(cudnnMathType_t math) const {
    check(api.cudnnSetConvolutionMathType(conv.get(), math), "conv precision");
  }
};

// ---- algorithms ------------------------------------------------------------------------------

struct Algorithm {
  int number;
  cudnnMathType_t math;
  std::size_t workspace;
};

/// Nothing where cuDNN does not have this algorithm for the problem.
std::optional<std::size_t> workspace(cudnnHandle_t handle, const Descriptors& d, Contraction c,
                                     int number) {
  const Cudnn& api = d.api;
  const auto x = d.x.get(), y = d.y.get();
  const auto w = d.w.get();
  const auto conv = d.conv.get();
  std::size_t bytes = 0;
  const auto asked = [&] {
    switch (c) {
      case Contraction::forward:
        return api.cudnnGetConvolutionForwardWorkspaceSize(
            handle, x, w, conv, y, static_cast<cudnnConvolutionFwdAlgo_t>(number), &bytes);
      case Contraction::input_grad:
        return api.cudnnGetConvolutionBackwardDataWorkspaceSize(
            handle, w, y, conv, x, static_cast<cudnnConvolutionBwdDataAlgo_t>(number), &bytes);
      default:
        return api.cudnnGetConvolutionBackwardFilterWorkspaceSize(
            handle, x, y, conv, w, static_cast<cudnnConvolutionBwdFilterAlgo_t>(number), &bytes);
    }
  };
  if (asked() != CUDNN_STATUS_SUCCESS) return {};
  return bytes;
}

/// Queues the contraction with the precision that the descriptors allow.
cudnnStatus_t queue(cudnnHandle_t handle, const Descriptors& d, Contraction c, const Algorithm& a,
                    const Operands& o, void* memory) {
  constexpr float one = 1.0f, zero = 0.0f;
  const Cudnn& api = d.api;
  const auto x = d.x.get(), y = d.y.get();
  const auto w = d.w.get();
  const auto conv = d.conv.get();
  switch (c) {
    case Contraction::forward:
      return api.cudnnConvolutionForward(handle, &one, x, o.first, w, o.second, conv,
                                         static_cast<cudnnConvolutionFwdAlgo_t>(a.number), memory,
                                         a.workspace, &zero, y, o.result);
    case Contraction::input_grad:
      return api.cudnnConvolutionBackwardData(handle, &one, w, o.first, y, o.second, conv,
                                              static_cast<cudnnConvolutionBwdDataAlgo_t>(a.number),
                                              memory, a.workspace, &zero, x, o.result);
    default:
      return api.cudnnConvolutionBackwardFilter(
          handle, &one, x, o.first, y, o.second, conv,
          static_cast<cudnnConvolutionBwdFilterAlgo_t>(a.number), memory, a.workspace, &zero, w,
          o.result);
  }
}

int algorithms(Contraction c) {
  switch (c) {
    case Contraction::forward:
      return CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
    case Contraction::input_grad:
      return CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
    default:
      return CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;
  }
}

/// Every algorithm in every precision that the mode allows: TF32 is the default for f32, FMA
/// forbids it. An algorithm that wants more workspace than a small device can spare is left out.
std::vector<Algorithm> candidates(cudnnHandle_t handle, const Descriptors& d, const Problem& p) {
  constexpr std::size_t most_workspace = std::size_t{1} << 30;
  std::vector<cudnnMathType_t> maths{CUDNN_FMA_MATH};
  if (p.mode == MathMode::tf32) maths.insert(maths.begin(), CUDNN_DEFAULT_MATH);
  std::vector<Algorithm> all;
  for (const cudnnMathType_t math : maths) {
    d.allow(math);
    for (int i = 0; i < algorithms(p.contraction); ++i) {
      const auto bytes = workspace(handle, d, p.contraction, i);
      if (bytes && *bytes <= most_workspace) all.push_back({i, math, *bytes});
    }
  }
  return all;
}

// ---- plans -----------------------------------------------------------------------------------

struct Plan {
  Descriptors descriptors;
  Algorithm algorithm;
};

[[noreturn]] void no_algorithm(const Problem& p) {
  const DenseConv& c = p.conv;
  throw SettingError(fmt::format(
      "kernels vendor: cuDNN has no algorithm for {}x{}x{}x{} to {} filters of {}x{}, stride "
      "{}x{}, dilation {}x{}, {} groups: use own kernels",
      c.batch, c.height, c.width, c.channels, c.filters, c.kernel_h, c.kernel_w, c.stride_h,
      c.stride_w, c.dilation_h, c.dilation_w, c.groups));
}

/// Timed on a stream and in memory of its own, so that neither the caller's pool nor what it may be
/// doing is touched.
Algorithm timed(const Descriptors& d, const Problem& p, const std::vector<Algorithm>& all,
                const Operands& operands) {
  const Device device = cuda_device(p.device);
  const PoolScope own_pool(std::make_shared<Pool>(device));
  const int best = fastest(device, static_cast<int>(all.size()), [&](Stream& stream, int i) {
    const Algorithm& a = all[static_cast<std::size_t>(i)];
    const Block memory = allocate(stream, a.workspace);
    d.allow(a.math);
    return queue(handle_of(stream), d, p.contraction, a, operands, memory.data()) ==
           CUDNN_STATUS_SUCCESS;
  });
  if (best < 0) no_algorithm(p);
  return all[static_cast<std::size_t>(best)];
}

/// Algorithm 1 of each contraction, an implicit product, is the one that cuDNN has for most.
Algorithm untimed(const Problem& p, const std::vector<Algorithm>& all) {
  for (const Algorithm& a : all)
    if (a.number == 1) return a;
  if (all.empty()) no_algorithm(p);
  return all.front();
}

/// Nothing can be timed while the stream is captured; such a choice is not kept.
std::shared_ptr<const Plan> plan_of(Stream& stream, const Problem& p, const Operands& operands) {
  static std::mutex mutex;
  static auto& known = *new std::map<Problem, std::shared_ptr<const Plan>>;
  const std::scoped_lock lock(mutex);
  const auto found = known.find(p);
  if (found != known.end()) return found->second;
  auto plan = std::make_shared<Plan>(Plan{Descriptors(p.conv), {}});
  const Descriptors& d = plan->descriptors;
  const std::vector<Algorithm> all = candidates(handle_of(stream), d, p);
  if (stream.capturing()) {
    plan->algorithm = untimed(p, all);
  } else {
    stream.synchronize();  // the operands are there
    plan->algorithm = timed(d, p, all, operands);
    known[p] = plan;
  }
  d.allow(plan->algorithm.math);
  return plan;
}

}  // namespace

void contract(Stream& stream, Contraction c, const DenseConv& conv, const Operands& operands) {
  const cuda::DeviceScope scope(stream.device().index);
  const auto plan = plan_of(stream, {stream.device().index, c, stream.math_mode(), conv}, operands);
  const Block memory = allocate(stream, plan->algorithm.workspace);
  check(queue(handle_of(stream), plan->descriptors, c, plan->algorithm, operands, memory.data()),
        "conv");
}

}  // namespace ganymede::kernels::vendor
