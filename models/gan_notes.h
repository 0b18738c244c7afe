#pragma once
// What a GAN's files say beside their numbers.

#include <string>
#include <vector>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/recipe.h>

namespace ganymede {

struct GanNotes {
  std::string recipe;                  ///< as TOML
  std::vector<std::string> classes{};  ///< names, of a conditional GAN
  bool detector = false;               ///< the networks are [detect]'s, not [gan]'s
};

/// What a reader needs to build the networks again and to ask for a class.
void add_notes(CheckpointWriter& writer, const GanNotes& notes, const GanNetworkOptions& network);

struct SavedNotes {
  Recipe recipe;
  GanOptions options;  ///< as the recipe says, with the channels and classes of the training
  std::vector<std::string> classes;
  bool detector = false;
};

/// Throws FormatError, naming what `wanted` says, for a file without notes.
SavedNotes read_notes(const CheckpointReader& reader, const std::string& path,
                      const std::string& wanted);

}  // namespace ganymede
