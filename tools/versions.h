#pragma once

#include <string>
#include <vector>

namespace ganymede {

struct Version {
  std::string name, version;
};

/// The program, its compiler and the libraries it runs with; for run.json and the doctor.
std::vector<Version> versions();

}  // namespace ganymede
