#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// Calls `read` of each sample's index on all threads: why it failed, "" where it did not. Errors
/// of other kinds than ganymede's go through.
std::vector<std::string> faults_of(const Dataset& dataset,
                                   const std::function<void(std::size_t)>& read);

/// Throws FormatError where a sample has a fault: how many, the first five with their reasons, and
/// the option that leaves them out. A person who mends a folder wants all of them at once.
void refuse_broken(const Dataset& dataset, const std::vector<std::string>& faults);

}  // namespace ganymede
