// A captured step is the same step: same bits, no new memory, and a failed recording does no harm.
#include <catch2/catch.hpp>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"

#if defined(GANYMEDE_EMULATED)
#include <ganymede/kernels/simt/control.h>
#endif

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr std::uint64_t steps = 4;

/// A training step on noise: all that it changes lies on the device.
class SmallStep {
 public:
  SmallStep() : noise_(7, "capture") {
    TestRng rng(71);
    const auto leaf = [&](const Shape& s) {
      return Var::leaf(Tensor::from(to_float(rng.array(s)), s));
    };
    parameters_ = {leaf({5, 3, 3, 2}), leaf({5}), leaf({5})};
    adam_ = make_adam(parameters_, 0.01f);
    loss_ = Tensor::zeros({});
  }

  void operator()() {
    const Var x = noise_.normal({2, 5, 4, 2}), u = noise_.uniform({2, 5, 4, 5}, -1.0f, 1.0f);
    const Var y = batch_norm(conv2d(x, parameters_[0], conv_geometry(1, 1)), parameters_[1],
                             parameters_[2], 1e-3f, Activation::leaky_relu, 0.25f)
                      .y;
    const Var loss = mean(mul(mul(y, y), u));
    loss_.copy_from(loss.value());
    adam_->step(grad(loss, parameters_));
  }

  /// Loss of the last step, parameters, moments, step count and the position of the noise.
  std::vector<std::vector<float>> state() {
    std::vector<std::vector<float>> all{loss_.host()};
    for (const Var& p : parameters_) all.push_back(p.value().host());
    const auto add = [&](const Tensor& t) {
      if (t.dtype() == DType::f32) return all.push_back(t.host());
      all.push_back({static_cast<float>(t.host<std::int64_t>()[0])});
    };
    for (const auto& named : adam_->state()) add(named.second);
    add(noise_.position());
    return all;
  }

 private:
  Rng noise_;
  Vars parameters_;
  OptimizerPtr adam_;
  Tensor loss_;
};

/// For its life the emulated device has no free memory; a real one is left as it is.
struct FullDevice {
#if defined(GANYMEDE_EMULATED)
  FullDevice() { simt::set_memory_limit(1); }
  ~FullDevice() { simt::set_memory_limit(std::size_t{8} << 30); }
#endif
};

bool on_cuda() { return current_stream().device().kind == DeviceKind::cuda; }

}  // namespace

TEST_CASE("capture: every step equals the eager one bit for bit", "[capture]") {
  on_each_backend([](const std::string& backend) {
    SmallStep eager, recorded;
    Captured captured(current_stream(), [&] { recorded(); });
    for (std::uint64_t i = 1; i <= steps; ++i) {
      INFO(backend << ", step " << i);
      eager();
      captured();
      CHECK(captured.replays() == (on_cuda() && i > 1 ? i - 1 : 0));
      CHECK(recorded.state() == eager.state());
    }
  });
}

TEST_CASE("capture: after the first call nothing is allocated", "[capture]") {
  on_each_cuda_backend([](const std::string& backend) {
    INFO(backend);
    SmallStep step;
    Captured captured(current_stream(), [&] { step(); });
    captured();
    current_stream().synchronize();
    const auto shared = [] { return Pool::of(current_stream().device())->stats(); };
    const PoolStats before = shared();
    {
      // the private pool shows itself only by what it asks of the device
      [[maybe_unused]] const FullDevice full;
      for (std::uint64_t i = 1; i < steps; ++i) CHECK_NOTHROW(captured());
      current_stream().synchronize();
    }
    CHECK(shared().device_allocations == before.device_allocations);
    CHECK(shared().bytes_reserved == before.bytes_reserved);
    CHECK(shared().bytes_in_use == before.bytes_in_use);
    CHECK(captured.replays() == steps - 1);
  });
}

TEST_CASE("capture: a body that throws while being recorded leaves the stream usable",
          "[capture]") {
  on_each_cuda_backend([](const std::string& backend) {
    INFO(backend);
    bool reads = false;
    Tensor count = Tensor::zeros({1});
    Captured captured(current_stream(), [&] {
      count.copy_from(add(count, Tensor::full({1}, 1.0f)).value());
      if (reads) count.host();
    });
    captured();
    reads = true;
    CHECK_THROWS_AS(captured(), UsageError);
    CHECK(!current_stream().capturing());
    CHECK(captured.replays() == 0);
    CHECK(count.host() == std::vector<float>{1.0f});  // what was recorded did not run
    CHECK(scale(count, 3.0f).value().host() == std::vector<float>{3.0f});
    reads = false;
    for (float i : {2.0f, 3.0f, 4.0f}) {
      captured();
      CHECK(count.host() == std::vector<float>{i});
    }
  });
}

TEST_CASE("capture: a body that throws on the CPU is simply called again", "[capture]") {
  int calls = 0;
  Captured captured(current_stream(), [&] {
    if (++calls == 2) throw UsageError("the second call");
  });
  captured();
  CHECK_THROWS_AS(captured(), UsageError);
  captured();
  CHECK(calls == 3);
  CHECK(captured.replays() == 0);
}
