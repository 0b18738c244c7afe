#pragma once
// What a GAN's training takes of memory, said before it begins.

#include <string>

#include <ganymede/models/gan.h>

namespace ganymede::study {

/// What both networks hold, reckoned without building them.
struct GanSizes {
  double generator = 0, discriminator = 0;  ///< trainable parameters
  /// Numbers that their layers give for one image.
  double generator_maps = 0, discriminator_maps = 0;
};

/// Exact for every model: each layer's weights are products of at most two widths, so that three
/// thin networks tell the counts of a wide one. Throws as require_valid.
GanSizes sizes_of(const GanOptions& options);

/// Weights, moments and the generator's gradients, and what the layers of both networks give for a
/// batch: less than this no step can do with.
double least_bytes(const GanOptions& options);

double main_memory_bytes();
/// Main memory, or that of the current stream's CUDA device.
double machine_bytes();

/// Throws SettingError with both figures where `least_bytes` is more than the machine has.
void require_memory(const GanOptions& options);

struct GanMemory {
  double training = 0;  ///< held by an iteration and by the pictures between two of them
  double saving = 0;    ///< in addition while a checkpoint is made: the file, twice
  double peak() const { return training + saving; }
};

/// What the pool of a GAN's memory has taken from the system, and what its checkpoints will. On
/// CUDA the recorded iterations have pools of their own; there `training` is at least
/// `least_bytes`.
GanMemory memory_of(Gan& gan, const Pool& pool);

/// Of a GAN with such options, found by one iteration on noise in a pool of its own. Throws as
/// require_memory before anything is built.
GanMemory predicted_memory(const GanOptions& options);

/// Of a CUDA device, how many such GANs can train at once, at most 4: by what one on noise takes of
/// the free memory, recorded iterations included, and a fifth left for pictures and measures. On
/// the CPU one, which keeps its cores busy. Throws as require_memory.
int gans_that_fit(const GanOptions& options);

/// For a person: "3.1 GB (1.8 GB in training, the rest while a checkpoint is saved)".
std::string in_words(const GanMemory& memory);

}  // namespace ganymede::study
