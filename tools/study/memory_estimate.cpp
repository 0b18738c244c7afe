#include <ganymede/tools/study/memory_estimate.h>

#include <unistd.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/study/work_estimate.h>

namespace ganymede::study {
namespace {

constexpr double number = 4.0;  // bytes

/// What one network of a thin pair counts to.
struct Count {
  double parameters = 0, maps = 0;
};

Count count_of(Sequential& network, const Shape& input) {
  Count count{double(count_parameters(network).trainable), 0};
  network.each_child(input, [&](const std::string&, Module& layer, const Shape& in) {
    if (layer.kind() != "Reshape" && layer.kind() != "Flatten")  // these share memory
      count.maps += double(layer.output_shape(in).elements());
  });
  return count;
}

/// The quadratic through (1, a), (2, b) and (3, c) at n.
double at(double n, double a, double b, double c) {
  return a * (n - 2) * (n - 3) / 2 - b * (n - 1) * (n - 3) + c * (n - 1) * (n - 2) / 2;
}

Count at(double n, const Count (&thin)[3]) {
  return {at(n, thin[0].parameters, thin[1].parameters, thin[2].parameters),
          at(n, thin[0].maps, thin[1].maps, thin[2].maps)};
}

/// Widths are whole multiples of this.
int unit_of(const GanNetworkOptions& o) { return makes_variations(o) ? 8 : 1; }

GanNetworkOptions thin(GanNetworkOptions o, int width) {
  o.width = width;
  if (o.generator_width > 0) o.generator_width = width;
  return o;
}

}  // namespace

GanSizes sizes_of(const GanOptions& options) {
  require_valid(options);
  const GanNetworkOptions& o = options.network;
  const int unit = unit_of(o);
  Count g[3], d[3];
  for (int i = 0; i < 3; ++i) {
    const GanNetworkOptions t = thin(o, unit * (i + 1));
    g[i] = count_of(*make_generator(t, Rng(0, "sizes")), generator_input(o, 1));
    d[i] = count_of(*make_discriminator(t, Rng(0, "sizes")), discriminator_input(o, 1));
  }
  const Count generator = at(double(generator_width_of(o)) / unit, g);
  const Count discriminator = at(double(o.width) / unit, d);
  return {generator.parameters, discriminator.parameters, generator.maps, discriminator.maps};
}

double least_bytes(const GanOptions& options) {
  const GanSizes s = sizes_of(options);
  const double kept = options.optimizer == GanOptimizer::adam ? 3 : 2;  // weights and moments
  return number * (kept * (s.generator + s.discriminator) + s.generator +
                   double(options.batch) * (s.generator_maps + s.discriminator_maps));
}

double main_memory_bytes() {
  return double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
}

double machine_bytes() {
  if constexpr (kernels::has_cuda) {
    const Device device = current_stream().device();
    if (device.kind == DeviceKind::cuda)
      return double(kernels::cuda::runtime::properties(device.index).memory);
  }
  return main_memory_bytes();
}

void require_memory(const GanOptions& options) {
  const double least = least_bytes(options), has = machine_bytes();
  if (least <= has) return;
  throw SettingError(fmt::format(
      "gan: {} pixels a side, width {} and batch {} need at least {} of memory for weights, "
      "moments and maps, {} has {}; lower gan.generator_width, gan.width, gan.batch or "
      "data.size",
      options.network.size, options.network.width, options.batch, size_text(least),
      to_string(current_stream().device()), size_text(has)));
}

GanMemory memory_of(Gan& gan, const Pool& pool) {
  GanMemory memory{double(pool.stats().bytes_reserved), 0};
  if (pool.device().kind == DeviceKind::cuda)
    memory.training = std::max(memory.training, least_bytes(gan.options()));
  for (Optimizer* optimizer : {&gan.generator_optimizer(), &gan.discriminator_optimizer()})
    for (const auto& [name, tensor] : optimizer->state()) memory.saving += double(tensor.bytes());
  memory.saving += bytes_of(gan.generator()).file + bytes_of(gan.discriminator()).file;
  if (gan.options().ema > 0.0f) memory.saving += bytes_of(gan.generator()).file;
  memory.saving *= 2;  // HDF5's file in memory, and the copy that is written
  return memory;
}

GanMemory predicted_memory(const GanOptions& options) {
  require_memory(options);
  const auto pool = std::make_shared<Pool>(current_stream().device());
  const PoolScope here(pool);
  Gan gan(options, 0, "plan");
  run_once(gan);
  return memory_of(gan, *pool);
}

int gans_that_fit(const GanOptions& options) {
  int fit = 1;
  if constexpr (kernels::has_cuda) {
    constexpr double most = 4, share = 0.8;
    const Device device = current_stream().device();
    if (device.kind == DeviceKind::cpu) return fit;
    require_memory(options);
    const auto free_bytes = [&] {
      return double(kernels::cuda::runtime::properties(device.index).free_memory);
    };
    const auto pool = std::make_shared<Pool>(device);
    const PoolScope here(pool);
    const double before = free_bytes();
    Gan gan(options, 0, "plan");
    run_once(gan);
    seconds_of_step(gan), seconds_of_discriminator_step(gan);  // records both
    const double taken = std::max(before - free_bytes(), least_bytes(options));
    fit = int(std::clamp(share * before / taken, 1.0, most));
  }
  return fit;
}

std::string in_words(const GanMemory& memory) {
  return fmt::format("{} ({} in training, the rest while a checkpoint is saved)",
                     size_text(memory.peak()), size_text(memory.training));
}

}  // namespace ganymede::study
