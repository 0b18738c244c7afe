#pragma once
// Small kernels for the emulator's own tests; some are wrong on purpose (planted faults).

#include <cstdint>

#include <ganymede/kernels/stream.h>

namespace ganymede::test {

/// y[i] = value; y[i] = x[i]; y[i] = a x[i]; y[i] = *a x[i]
void fill(Stream&, float* y, int n, float value);
void copy(Stream&, const float* x, float* y, int n);
void scale(Stream&, const float* x, float* y, int n, float a);
void scale_by(Stream&, const float* x, float* y, int n, const float* a);

/// y[0] = sum of x over one block of n threads, in shared memory; with or without its barrier.
void block_total(Stream&, const float* x, float* y, int n, bool with_barrier);
/// y[b] = sum of the b-th row of `width`; blocks of 256 threads, from primitives.cuh.
void row_sums(Stream&, const float* x, float* y, int rows, int width);
/// Each lane takes its neighbour's value; divergent: only half the warp arrives.
void neighbour(Stream&, float* y, bool divergent);
/// Half the warp shuffles, the other half votes, under one mask.
void mixed_operations(Stream&, float* y);
/// Lanes wait at a barrier, others for them in a warp operation.
void mixed_barriers(Stream&, float* y);
/// Writes y[0 .. n], one too many.
void store_too_far(Stream&, float* y, int n);
/// Reads one float behind its struct Shared.
void shared_too_far(Stream&, float* y);
/// y[i] = shared[i], which nothing has written.
void read_unwritten_shared(Stream&, float* y, int n);
/// Threads from n on leave before a barrier that the others still use. Allowed.
void leave_early(Stream&, float* y, int n);
/// y = reversed x of 256 floats through an asynchronous copy; with or without its wait.
void reverse_async(Stream&, const float* x, float* y, bool with_wait);
/// y[thread] = which threads of the warp hold an odd number, by vote.
void odd_votes(Stream&, std::uint32_t* y);
/// Last block to arrive, by an integer counter, adds up what all have left behind.
void two_stage_sum(Stream&, const float* x, float* parts, unsigned* counter, float* y, int blocks);
/// y[b] = sum of all x of the cluster that block b belongs to, read from the others' shared memory;
/// blocks of 64 threads, `blocks` divisible by `cluster`. With or without the cluster's barrier
/// before the reading.
void cluster_totals(Stream&, const float* x, float* y, unsigned blocks, unsigned cluster,
                    bool with_barrier);
/// Two blocks read each other's shared memory, and leave without waiting for the other.
void cluster_without_last_barrier(Stream&, const float* x, float* y);
/// Reads the shared memory of a block that the cluster of two does not have.
void cluster_too_far(Stream&, float* y);
void launch_with(Stream&, unsigned block, unsigned grid_y, std::size_t shared_bytes);
void launch_without_enough_shared(Stream&);

}  // namespace ganymede::test
