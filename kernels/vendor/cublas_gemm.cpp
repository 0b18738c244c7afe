// Products by cuBLAS, with the fastest of the algorithms that it proposes for a problem, timed
// once.

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/vendor/cublas_lt.h>
#include <ganymede/kernels/vendor/fastest.h>
#include <ganymede/kernels/vendor/products.h>
#include <ganymede/kernels/cuda/check.cuh>

namespace ganymede::kernels::vendor {
namespace {

/// What an algorithm is chosen for; alignments in bytes of what lies left, right and in the result.
struct Problem {
  int device;
  MathMode mode;
  ColumnMajorProduct product;
  std::array<std::uint32_t, 3> alignment;
  auto operator<=>(const Problem&) const = default;
};

template <class Handle>
using Object = Owned<Handle, cublasStatus_t>;

/// The largest power of two up to cuBLAS's own 256 that divides the address.
std::uint32_t alignment_of(const float* p) {
  const auto address = reinterpret_cast<std::uintptr_t>(p) | 256;
  return static_cast<std::uint32_t>(address & (~address + 1));
}

/// Sums are f32 in every mode.
cublasComputeType_t compute_type(MathMode mode) {
  switch (mode) {
    case MathMode::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case MathMode::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

Object<cublasLtMatmulDesc_t> operation(const ColumnMajorProduct& p, MathMode mode) {
  const CublasLt& api = cublas_lt();
  cublasLtMatmulDesc_t made = nullptr;
  check(api.cublasLtMatmulDescCreate(&made, compute_type(mode), CUDA_R_32F), "gemm descriptor");
  Object<cublasLtMatmulDesc_t> operation(made, api.cublasLtMatmulDescDestroy);
  const auto set = [&](cublasLtMatmulDescAttributes_t which, bool transpose) {
    const cublasOperation_t value = transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
    check(api.cublasLtMatmulDescSetAttribute(made, which, &value, sizeof value), "gemm transpose");
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.left.transpose);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.right.transpose);
  return operation;
}

Object<cublasLtMatrixLayout_t> layout(const ColumnMajor& m) {
  const CublasLt& api = cublas_lt();
  cublasLtMatrixLayout_t made = nullptr;
  check(api.cublasLtMatrixLayoutCreate(&made, CUDA_R_32F, static_cast<std::uint64_t>(m.rows),
                                       static_cast<std::uint64_t>(m.columns), m.rows),
        "gemm matrix");
  return {made, api.cublasLtMatrixLayoutDestroy};
}

Object<cublasLtMatmulPreference_t> preference(const Problem& p) {
  constexpr std::uint64_t most_workspace = std::uint64_t{32} << 20;  // what cuBLAS wants on sm_90
  const CublasLt& api = cublas_lt();
  cublasLtMatmulPreference_t made = nullptr;
  check(api.cublasLtMatmulPreferenceCreate(&made), "gemm preference");
  Object<cublasLtMatmulPreference_t> preference(made, api.cublasLtMatmulPreferenceDestroy);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t which, const auto& value) {
    check(api.cublasLtMatmulPreferenceSetAttribute(made, which, &value, sizeof value),
          "gemm preference");
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, most_workspace);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, p.alignment[0]);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, p.alignment[1]);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, p.alignment[2]);
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, p.alignment[2]);
  return preference;
}

struct Plan {
  Object<cublasLtMatmulDesc_t> operation;
  Object<cublasLtMatrixLayout_t> left, right, result;
  cublasLtMatmulHeuristicResult_t algorithm;

  Plan(const ColumnMajorProduct& p, MathMode mode)
      : operation(vendor::operation(p, mode)),
        left(layout(p.left)),
        right(layout(p.right)),
        result(layout(p.result)),
        algorithm{} {}

  cublasStatus_t queue(Stream& stream, const cublasLtMatmulHeuristicResult_t& with,
                       const Operands& o) const {
    constexpr float one = 1.0f, zero = 0.0f;
    const Block memory = allocate(stream, with.workspaceSize);
    return cublas_lt().cublasLtMatmul(
        cublas_handle(stream.device().index), operation.get(), &one, o.first, left.get(), o.second,
        right.get(), &zero, o.result, result.get(), o.result, result.get(), &with.algo,
        memory.data(), with.workspaceSize, static_cast<cudaStream_t>(stream.native()));
  }
};

using Algorithms = std::vector<cublasLtMatmulHeuristicResult_t>;

/// What cuBLAS proposes, what it expects to be the fastest first.
Algorithms proposals(const Plan& plan, const Problem& p) {
  constexpr int most = 16;
  Algorithms all(most);
  int count = 0;
  check(cublas_lt().cublasLtMatmulAlgoGetHeuristic(
            cublas_handle(p.device), plan.operation.get(), plan.left.get(), plan.right.get(),
            plan.result.get(), plan.result.get(), preference(p).get(), most, all.data(), &count),
        "gemm algorithms");
  if (count == 0) throw DeviceError("gemm: cuBLAS has no algorithm for it");
  all.resize(static_cast<std::size_t>(count));
  return all;
}

/// As for convolutions: on a stream and in memory of its own.
std::size_t timed(const Plan& plan, const Problem& p, const Algorithms& all,
                  const Operands& operands) {
  const Device device = cuda_device(p.device);
  const PoolScope own_pool(std::make_shared<Pool>(device));
  const int best = fastest(device, static_cast<int>(all.size()), [&](Stream& stream, int i) {
    return plan.queue(stream, all[static_cast<std::size_t>(i)], operands) == CUBLAS_STATUS_SUCCESS;
  });
  if (best < 0) throw DeviceError("gemm: cuBLAS refuses each of its own algorithms");
  return static_cast<std::size_t>(best);
}

/// Nothing can be timed while the stream is captured; such a choice is not kept.
std::shared_ptr<const Plan> plan_of(Stream& stream, const Problem& p, const Operands& operands) {
  static std::mutex mutex;
  static auto& known = *new std::map<Problem, std::shared_ptr<const Plan>>;
  const std::scoped_lock lock(mutex);
  const auto found = known.find(p);
  if (found != known.end()) return found->second;
  auto plan = std::make_shared<Plan>(p.product, p.mode);
  const Algorithms all = proposals(*plan, p);
  if (stream.capturing()) {
    plan->algorithm = all.at(0);
  } else {
    stream.synchronize();  // the operands are there
    plan->algorithm = all.at(timed(*plan, p, all, operands));
    known[p] = plan;
  }
  return plan;
}

}  // namespace

void multiply(Stream& stream, const ColumnMajorProduct& product, const Operands& o) {
  const cuda::DeviceScope scope(stream.device().index);
  const Problem p{stream.device().index,
                  stream.math_mode(),
                  product,
                  {alignment_of(o.first), alignment_of(o.second), alignment_of(o.result)}};
  const auto plan = plan_of(stream, p, o);
  check(plan->queue(stream, plan->algorithm, o), "gemm");
}

}  // namespace ganymede::kernels::vendor
