#include <ganymede/kernels/cpu/gemm_tiled.h>
#include <ganymede/kernels/cpu/onednn.h>

namespace ganymede::kernels::cpu {

void product(Stream&, const GemmShape& s, const float* a, const float* b, float* c) {
  onednn::guarded("gemm", [&] {
    const auto status =
        dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', s.m, s.n, s.k, 1.0f, a,
                   s.transpose_a ? s.m : s.k, b, s.transpose_b ? s.k : s.n, 0.0f, c, s.n);
    dnnl::error::wrap_c_api(status, "dnnl_sgemm failed");
  });
}

}  // namespace ganymede::kernels::cpu
