// cuDNN and cuBLAS as a second source of conv and gemm: what they are told, who may ask for them,
// and which algorithm is taken. Their results: conv_kernels.cpp, conv_epilogue.cpp, gemm.cpp.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/pointwise.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/vendor/extents.h>
#include <ganymede/kernels/vendor/fastest.h>
#include <ganymede/kernels/vendor/shared_library.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_setup.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;
using kernels::ConvShape;
using kernels::GemmShape;
using kernels::has_onednn;
using kernels::has_vendor;
namespace vendor = kernels::vendor;

// ---- what they are told ----------------------------------------------------------------------

namespace {

/// The output's extent as cuDNN documents it.
int documented(int extent, int pad, int kernel, int stride, int dilation) {
  return 1 + (extent + 2 * pad - (((kernel - 1) * dilation) + 1)) / stride;
}

/// One axis, as rows and as columns: the output has the same extent, and every tap meets the same
/// pixel.
void check_axis(int extent, int kernel, int stride, int dilation, int before, int after) {
  ConvShape s{.height = extent, .kernel_h = kernel, .stride_h = stride, .dilation_h = dilation};
  s.pad_top = before, s.pad_bottom = after;
  if (extent + before + after < dilation * (kernel - 1) + 1) return;
  ConvShape t{.width = extent, .kernel_w = kernel, .stride_w = stride, .dilation_w = dilation};
  t.pad_left = before, t.pad_right = after;
  const vendor::DenseConv rows = vendor::dense_conv(s), columns = vendor::dense_conv(t);
  const auto row_frame = vendor::frame(s, rows), column_frame = vendor::frame(t, columns);
  INFO(extent << " pixels, " << kernel << " taps, stride " << stride << ", dilation " << dilation
              << ", pads " << before << " " << after);
  CHECK(documented(rows.height, rows.pad_h, kernel, stride, dilation) == s.out_height());
  CHECK(rows.out_height == s.out_height());
  CHECK(rows.pad_h + row_frame.top == before);
  CHECK(row_frame.out_height() == rows.height);
  CHECK(documented(columns.width, columns.pad_w, kernel, stride, dilation) == t.out_width());
  CHECK(columns.out_width == t.out_width());
  CHECK(columns.pad_w + column_frame.left == before);
  CHECK(column_frame.out_width() == columns.width);
  const auto back = vendor::cropped(row_frame);
  CHECK((back.out_height() == extent && back.top == -row_frame.top));
}

}  // namespace

TEST_CASE("vendor: the convolution that cuDNN does is the one that is asked for", "[vendor]") {
  for (int extent : {1, 4, 5, 8})
    for (int kernel : {1, 2, 3, 5})
      for (int stride : {1, 2, 3})
        for (int dilation : {1, 2})
          for (int before : {0, 1, 2, 4})
            for (int after : {0, 1, 2, 3})
              check_axis(extent, kernel, stride, dilation, before, after);
}

TEST_CASE("vendor: only uneven pads that matter want a frame", "[vendor]") {
  const auto framed = [](int extent, int kernel, int stride, int before, int after) {
    ConvShape s = conv_shape(1, extent, 8, 3, 5, kernel, 1, stride);
    s.pad_top = before, s.pad_bottom = after;
    return vendor::dense_conv(s).height != extent;
  };
  CHECK_FALSE(framed(32, 4, 2, 1, 1));  // Keras's 'same', even window
  CHECK_FALSE(framed(32, 5, 1, 2, 2));
  CHECK(framed(32, 5, 2, 1, 2));  // Keras's 'same', odd window, stride 2
  CHECK(framed(32, 3, 2, 0, 1));
  CHECK_FALSE(framed(7, 4, 2, 1, 0));  // the last pad is not reached
  CHECK_FALSE(framed(7, 4, 2, 1, 1));
}

TEST_CASE("vendor: a row-major product in column-major words", "[vendor]") {
  const auto at = [](const vendor::ColumnMajor& m, const std::vector<int>& data, std::int64_t row,
                     std::int64_t column) {
    if (m.transpose) std::swap(row, column);
    return data[static_cast<std::size_t>(row + column * m.rows)];
  };
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      const GemmShape s{2, 3, 4, ta, tb};
      std::vector<int> a(8), b(12);
      for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<int>(i * i % 7);
      for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<int>(i * 5 % 11);
      const auto p = vendor::column_major(s);
      CHECK(p.result == vendor::ColumnMajor{3, 2, false});
      for (std::int64_t i = 0; i < s.m; ++i)
        for (std::int64_t j = 0; j < s.n; ++j) {
          int want = 0, got = 0;
          for (std::int64_t k = 0; k < s.k; ++k) {
            want += a[static_cast<std::size_t>(ta ? k * s.m + i : i * s.k + k)] *
                    b[static_cast<std::size_t>(tb ? j * s.k + k : k * s.n + j)];
            got += at(p.left, b, j, k) * at(p.right, a, k, i);  // c^T at (j, i)
          }
          CHECK(got == want);
        }
    }
}

// ---- who may ask for them --------------------------------------------------------------------

TEST_CASE("vendor: refused where the build has none", "[vendor]") {
  const auto refused = [](const char* option) {
    CHECK_THAT(why_no_vendor_kernels(current_stream().device().kind), Contains(option));
    CHECK_THROWS_AS(current_stream().set_kernels(KernelSource::vendor), SettingError);
    CHECK_THROWS_WITH(current_stream().set_kernels(KernelSource::vendor), Contains(option));
    CHECK(current_stream().kernels() == KernelSource::own);
  };
  if (!has_onednn) refused("GANYMEDE_ONEDNN=ON");
  if (!has_vendor) on_each_cuda_backend([&](const std::string&) { refused("GANYMEDE_VENDOR=ON"); });
}

TEST_CASE("vendor: on the CPU it is oneDNN where the own choice is another", "[vendor]") {
  if (!has_onednn) return;
  const ConvSetup t(conv_shape(2, 16, 16, 64, 32, 3, 3, 1, 1), "cpu");
  const auto run = [&](KernelSource source) {
    Stream stream(cpu_device);
    stream.set_kernels(source);
    const StreamScope scope(stream);
    Sentinels buffers(t.where);
    const float *x = buffers.input(t.wide_x()), *w = buffers.input(to_float(t.w));
    float* y = buffers.output(t.y_count());
    kernels::conv2d(stream, t.s, x, w, y, {}, {});
    return std::vector<float>(y, y + t.y_count());
  };
  // Minimal filtering rounds otherwise; the same bits would mean that nobody asked the stream.
  CHECK(run(KernelSource::own) != run(KernelSource::vendor));
}

TEST_CASE("vendor: the choice belongs to the stream and moves with it", "[vendor]") {
  on_each_cuda_vendor_backend([](const std::string& backend) {
    INFO(backend);
    Stream stream(cuda_device());
    CHECK(stream.kernels() == KernelSource::own);
    stream.set_kernels(KernelSource::vendor);
    Stream moved(std::move(stream));
    CHECK(moved.kernels() == KernelSource::vendor);
    moved = Stream(cuda_device());
    CHECK(moved.kernels() == KernelSource::own);
  });
}

TEST_CASE("vendor: bf16 convolutions are refused, not done in another precision", "[vendor]") {
  on_each_cuda_vendor_backend([](const std::string& backend) {
    const ConvSetup t(conv_shape(1, 5, 4, 8, 12, 3, 3, 1, 1), backend);
    Sentinels buffers(t.where);
    const float *x = buffers.input(t.wide_x()), *w = buffers.input(to_float(t.w));
    float* y = buffers.output(t.y_count());
    const auto run = [&] { kernels::conv2d(current_stream(), t.s, x, w, y, {}, {}); };
    current_stream().set_math_mode(MathMode::bf16);
    CHECK_THROWS_AS(run(), SettingError);
    CHECK_THROWS_WITH(run(), Contains("conv2d") && Contains("bf16") && Contains("own kernels"));
    current_stream().set_kernels(KernelSource::own);
    CHECK_NOTHROW(run());
  });
}

namespace {

/// Sets GANYMEDE_VENDOR_PATH, or with null unsets it, and puts it back.
class VendorPath {
 public:
  explicit VendorPath(const char* folders) {
    if (const char* now = std::getenv(name)) before_ = now;
    set(folders);
  }
  ~VendorPath() { set(before_ ? before_->c_str() : nullptr); }
  VendorPath(const VendorPath&) = delete;
  VendorPath& operator=(const VendorPath&) = delete;

 private:
  static constexpr const char* name = "GANYMEDE_VENDOR_PATH";
  static void set(const char* folders) {
    if (folders)
      setenv(name, folders, 1);
    else
      unsetenv(name);
  }
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("vendor: a library that is missing or too old is named, with the mend", "[vendor]") {
  if constexpr (!has_vendor) {
    WARN("left out: " << why_no_vendor_kernels(DeviceKind::cuda));
  } else {
    using vendor::SharedLibrary;
    {
      const VendorPath nowhere("/nonexistent:/nonexistent/either");
      CHECK_THROWS_AS(SharedLibrary("libc.so.6"), DeviceError);
      CHECK_THROWS_WITH(SharedLibrary("libc.so.6"),
                        Contains("libc.so.6") && Contains("GANYMEDE_VENDOR_PATH"));
    }
    const VendorPath unset(nullptr);
    const SharedLibrary libc("libc.so.6");
    CHECK(libc.function<int (*)(int)>("abs")(-3) == 3);
    CHECK_THROWS_WITH(libc.function<void (*)()>("ganymede_no_such_function"),
                      Contains("libc.so.6 has no ganymede_no_such_function"));
  }
}

// ---- which algorithm -------------------------------------------------------------------------

TEST_CASE("vendor: the fastest candidate that runs is taken", "[vendor]") {
  on_each_cuda_vendor_backend([](const std::string& backend) {
    INFO(backend);
    constexpr std::int64_t n = 1 << 12;
    const int fills[] = {40, 0, 1, 20};  // of candidate 1 the vendor wants nothing to do
    const auto run = [&](Stream& stream, int i) {
      const Block block = allocate(stream, n * sizeof(float));
      for (int j = 0; j < fills[i]; ++j)
        kernels::fill(stream, n, 1.0f, static_cast<float*>(block.data()));
      return fills[i] > 0;
    };
    const Device device = current_stream().device();
    if constexpr (has_vendor) {
      CHECK(vendor::fastest(device, 4, run) == 2);
      CHECK(vendor::fastest(device, 0, run) == -1);
      CHECK(vendor::fastest(device, 2, [&](Stream&, int) { return false; }) == -1);
    }
  });
}

TEST_CASE("vendor: a candidate that breaks its capture and does not say so is not taken",
          "[vendor]") {
  on_each_cuda_vendor_backend([](const std::string& backend) {
    INFO(backend);
    if constexpr (has_vendor) {
      constexpr std::int64_t n = 1 << 12;
      const auto run = [&](Stream& stream, int i) {
        const Block block = allocate(stream, n * sizeof(float));
        for (int j = 0; j <= 20 * i; ++j)
          kernels::fill(stream, n, 1.0f, static_cast<float*>(block.data()));
        try {
          if (i == 0) kernels::cuda::runtime::synchronize(stream.native());
        } catch (const DeviceError&) {  // no stream is waited for while it is recorded
        }
        return true;
      };
      CHECK(vendor::fastest(current_stream().device(), 2, run) == 1);
    }
  });
}
