#pragma once

#include <ganymede/data/phantom/phantom.h>

namespace ganymede::phantom {

/// One head CT slice, cropped to the head as published sets are: skull, brain with ventricles and
/// folds, scanner noise; label 1 adds a bleeding. Everything but the bleeding is drawn alike for
/// both classes, so that no statistic of the background tells them apart.
Phantom make_head_ct(const PhantomOptions& options, int label, int index);

/// The type of the bleeding in the index-th image of label 1.
std::string bleeding_type(const PhantomOptions& options, int index);

}  // namespace ganymede::phantom
