#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ganymede/engine/module.h>

namespace ganymede {

struct WeightOptions {
  /// Layer that may have other extents in the file (a classifier for other classes): it then keeps
  /// its initial weights. Empty: every found layer must fit.
  std::string head{};
  /// Network to take from a checkpoint that holds several.
  std::string network = "classifier";
  /// From a layer's name in the file to its name in the module; empty: they are the same.
  std::function<std::string(const std::string&)> rename{};
};

/// "conv1_conv/kernel" each.
struct WeightReport {
  std::vector<std::string> loaded;
  std::vector<std::string> missing;  ///< in the module only: keep their initial values
  std::vector<std::string> unused;   ///< in the file only
  std::vector<std::string> skipped;  ///< of the head, whose extents differ
};

/// Fills a module by name from a .h5 of weights: one of Keras (`save_weights` or a whole model,
/// Keras 1 and 2, nested models included) or a checkpoint. Throws FormatError where no weight fits,
/// where a name occurs twice or where extents differ; nothing is changed then.
WeightReport load_weights(const std::string& path, Module& module,
                          const WeightOptions& options = {});

/// Whose weights they ought to be, for a message.
struct WeightOwner {
  std::string network;  ///< "resnet50"
  std::string head;     ///< WeightOptions::head
  std::string mend;     ///< "take Keras's published file"
};

/// Throws FormatError where a layer other than the head kept initial values, or where the file has
/// more of what the network is made of: deeper stages, biases. Layers of the file whose names begin
/// (up to the first '_') like none of the network's are another head ("probs", "fc1000", "dense")
/// and do not matter.
void refuse_partly_loaded(const std::string& path, const WeightReport& report,
                          const WeightOwner& owner);

}  // namespace ganymede
