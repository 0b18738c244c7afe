#pragma once

// For .cpp files only: Eigen is heavy, and no header of the library shows it. Who decomposes
// includes <Eigen/Eigenvalues> or <Eigen/QR> behind it. g++ 12 takes the lanes that AVX-512
// intrinsics leave undefined on purpose for a fault of ours, at the point of use, so the warning
// stays off to the end of the file.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include <Eigen/Core>
