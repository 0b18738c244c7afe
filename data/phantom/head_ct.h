#pragma once

#include <ganymede/data/phantom/phantom.h>

namespace ganymede::phantom {

/// One head CT slice, cropped to the head as published sets are: skull, brain with ventricles and
/// folds, scanner noise; label 1 adds a bleeding. Everything but the bleeding is drawn alike for
/// both classes, so that no statistic of the background tells them apart.
Phantom make_head_ct(const PhantomOptions& options, int label, int index);

}  // namespace ganymede::phantom
