// A captured step is the same step: same bits, no new memory, and a failed recording does no harm.
#include <catch2/catch.hpp>
#include <memory>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int steps = 4;

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
    for (const auto& [name, tensor] : adam_->state())
      if (tensor.dtype() == DType::f32) all.push_back(tensor.host());
    all.push_back({static_cast<float>(noise_.position().host<std::int64_t>()[0])});
    return all;
  }

 private:
  Rng noise_;
  Vars parameters_;
  OptimizerPtr adam_;
  Tensor loss_;
};

bool on_cuda() { return current_stream().device().kind == DeviceKind::cuda; }

}  // namespace

TEST_CASE("capture: every step equals the eager one bit for bit", "[capture]") {
  on_each_backend([](const std::string& backend) {
    SmallStep eager, recorded;
    Captured captured(current_stream(), [&] { recorded(); });
    for (int i = 1; i <= steps; ++i) {
      INFO(backend << ", step " << i);
      eager();
      captured();
      CHECK(captured.replays() == (on_cuda() && i > 1 ? i - 1 : 0));
      CHECK(recorded.state() == eager.state());
    }
  });
}

TEST_CASE("capture: replays allocate nothing, in the private pool or outside", "[capture]") {
  on_each_cuda_backend([](const std::string& backend) {
    INFO(backend);
    const Device device = current_stream().device();
    std::shared_ptr<Pool> inside;
    SmallStep step;
    Captured captured(current_stream(), [&] {
      inside = Pool::of(device);
      step();
    });
    captured();
    captured();
    CHECK(inside != Pool::of(device));
    const PoolStats own = inside->stats(), shared = Pool::of(device)->stats();
    for (int i = 2; i < steps; ++i) captured();
    current_stream().synchronize();
    CHECK(inside->stats().device_allocations == own.device_allocations);
    CHECK(inside->stats().bytes_reserved == own.bytes_reserved);
    CHECK(inside->stats().bytes_in_use == own.bytes_in_use);
    CHECK(Pool::of(device)->stats().device_allocations == shared.device_allocations);
    CHECK(Pool::of(device)->stats().bytes_in_use == shared.bytes_in_use);
  });
}

TEST_CASE("capture: recording allocates nothing that the first call had not", "[capture]") {
  on_each_cuda_backend([](const std::string& backend) {
    INFO(backend);
    std::shared_ptr<Pool> inside;
    SmallStep step;
    Captured captured(current_stream(), [&] {
      inside = Pool::of(current_stream().device());
      step();
    });
    captured();
    const auto allocations = inside->stats().device_allocations;
    captured();
    CHECK(inside->stats().device_allocations == allocations);
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
