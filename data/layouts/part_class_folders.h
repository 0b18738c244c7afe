#pragma once

#include <string>
#include <vector>

#include <ganymede/data/layouts/layout.h>

namespace ganymede {

/// A set published as {train,test,val}/CLASS/IMAGE, whose file names tell the patients.
struct PartClassSet {
  const char* name;
  std::vector<std::string> classes;  ///< names of the folders, in any case
  std::vector<std::string> telling;  ///< those of them that tell this set from its relatives
  /// The patient in a file name without its extension; "" for a name of another kind.
  std::string (*patient)(const std::string& stem);
  const char* note;  ///< what a person should know of these patients
};

/// True when images of a telling class bear the set's names and hardly any lies in a folder of
/// another class: a set that was mixed with others is none of these.
bool recognise_part_classes(const Folder& folder, const PartClassSet& set);

/// The set at the shallowest place where there is one; the part is empty where no folder names it.
/// Copies of the same names further down, as some archives bring them, and images of other classes
/// are skipped, one entry for each folder.
Dataset read_part_classes(const Folder& folder, const PartClassSet& set);

/// "IM", "0115", "0001" for "IM-0115-0001".
std::vector<std::string> pieces_of(const std::string& name, char separator);
/// At least one digit and nothing else.
bool is_digits(const std::string& text);

}  // namespace ganymede
