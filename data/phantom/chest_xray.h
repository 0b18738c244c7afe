#pragma once

#include <ganymede/data/phantom/phantom.h>

namespace ganymede::phantom {

/// One frontal chest X-ray; label 1 adds the opacities of a pneumonia. Indices 0 | 1 2 | 3 4 5 |
/// 6 | ... of a class are one, two and three visits of one patient each: they share the build, the
/// site of the disease and nothing else. Everything but the opacities is drawn alike for both
/// classes.
Phantom make_chest_xray(const PhantomOptions& options, int label, int index);

/// Names the patient, the same for all visits.
std::string chest_patient(int label, int index);

}  // namespace ganymede::phantom
