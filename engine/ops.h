#pragma once
// All operations, one header per kernel family.

#include <ganymede/engine/ops/attention.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/loss.h>
#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/random.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/engine/ops/upsampled_conv.h>
