#pragma once

#include <ganymede/data/phantom/phantom.h>

namespace ganymede::phantom {

/// One colour fundus photograph of a diabetic's eye, label = grade of retinopathy 0 to 4. Indices
/// 2k and 2k + 1 of a grade are the right and the left eye of one person: they share the colour of
/// the fundus and the camera. Everything but the lesions is drawn alike for all grades.
Phantom make_fundus(const PhantomOptions& options, int label, int index);

/// Names the person, the same for both eyes.
std::string fundus_person(int label, int index);

}  // namespace ganymede::phantom
