#pragma once
// Weights as Keras lays them out in .h5: a group with the attribute `layer_names`, in it one group
// per layer with the attribute `weight_names`, in it the datasets, "conv/kernel:0" inside "conv".

#include <string>
#include <vector>

#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/module.h>

namespace ganymede::keras {

/// A module's path as one Keras name: "conv2_block1/1_conv" -> "conv2_block1_1_conv".
std::string layer_name(const NamedState& state);

/// Extents in the file: conv kernels (K, R, S, C) become (R, S, C, K).
Shape file_shape(const NamedState& state);

/// Writes parameters and buffers of `module` into `group` ("" is the root). Throws UsageError where
/// two layers get the same name.
void write_weights(H5File& file, const std::string& group, Module& module);

/// One weight of a file: "conv" + "kernel" and where it is.
struct FileWeight {
  std::string layer, name, dataset;
};

/// Every weight below `group`, sorted by path. Names come from the paths of the datasets, which end
/// in "conv/kernel:0" whatever model they are nested in (a layer called "conv1/bn" becomes
/// "conv1_bn"); the lists in the attributes are written for Keras but not read, because HDF5 1.10
/// reads damaged attributes outside its memory.
std::vector<FileWeight> weights_in(const H5File& file, const std::string& group);

/// Copies a dataset into a module's tensor. The extents must have been compared.
void read_weight(const H5File& file, const FileWeight& weight, const NamedState& state);

}  // namespace ganymede::keras
