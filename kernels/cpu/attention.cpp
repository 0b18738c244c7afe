// Queries and keys are taken in tiles of 64 whose scores stay in the first-level cache; products
// are register tiles (tile.h). The forward shares query tiles among threads, the backward samples:
// there one walk over key tiles x query tiles serves all three gradients.

#include <ganymede/kernels/attention.h>
#include <ganymede/kernels/cpu/attention_tile.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/memory.h>

#include <cmath>
#include <limits>

namespace ganymede::kernels::cpu {
namespace {

using namespace attention_tile;

Block floats(Stream& stream, std::int64_t count) {
  return allocate(stream, static_cast<std::size_t>(count) * sizeof(float));
}

/// One sample's operands.
struct Sample {
  const float *q, *k, *v;
};
Sample sample_of(const AttentionShape& s, const float* q, const float* k, const float* v,
                 std::int64_t n) {
  return {q + n * s.queries * s.depth, k + n * s.keys * s.depth, v + n * s.keys * s.channels};
}

// ---- forward -----------------------------------------------------------------------------------

/// Softmax's state of one tile of queries while the keys go by.
struct Online {
  float top[size], sum[size];
};

/// Scores to weights under the new running maximum; what was summed so far shrinks to it.
void absorb(const AttentionShape& s, int rows, int count, float* scores, Online& state, float* o) {
  for (int i = 0; i < rows; ++i) {
    float* row = scores + i * size;
    mask_row(row, s.scale, count);
    const float top = std::max(state.top[i], row_max(row));
    const float shrink = std::exp(state.top[i] - top);
    exp_row(row, top);
    state.sum[i] = state.sum[i] * shrink + row_sum(row);
    state.top[i] = top;
    for (int c = 0; c < s.channels; ++c) o[i * s.channels + c] *= shrink;
  }
}

/// The result of one tile of queries; scratch: forward_scratch(s) f32.
void attend(const AttentionShape& s, const Sample& x, int first, float* scratch, float* o,
            float* log_sum) {
  const int rows = count_from(first, s.queries);
  float* keys = scratch;                  // depth x size
  float* scores = keys + s.depth * size;  // size x size
  float* values = scores + size * size;   // size x pitch
  Online state;
  std::fill_n(state.top, size, -std::numeric_limits<float>::infinity());
  std::fill_n(state.sum, size, 0.0f);
  std::fill_n(o, rows * s.channels, 0.0f);
  for (int key = 0; key < s.keys; key += size) {
    const int count = count_from(key, s.keys);
    pack_columns(x.k + std::int64_t{key} * s.depth, count, s.depth, keys);
    pack_rows(x.v + std::int64_t{key} * s.channels, count, s.channels, values);
    products(x.q + std::int64_t{first} * s.depth, rows, s.depth, keys, scores);
    absorb(s, rows, count, scores, state, o);
    add_weighted(scores, rows, count, values, s.channels, o);
  }
  for (int i = 0; i < rows; ++i) {
    log_sum[i] = state.top[i] + std::log(state.sum[i]);
    for (int c = 0; c < s.channels; ++c) o[i * s.channels + c] /= state.sum[i];
  }
}

std::int64_t forward_scratch(const AttentionShape& s) {
  return std::int64_t{size} * (s.depth + size + pitch_of(s.channels));
}

// ---- backward ----------------------------------------------------------------------------------

/// One sample's gradients; null where unwanted.
struct Gradients {
  float *q, *k, *v;
};

/// Views of a thread's scratch; `places` counts them.
struct Scratch {
  float *k_columns, *v_columns, *k_rows, *q_rows, *go_rows, *p, *d;

  Scratch(const AttentionShape& s, float* at) {
    const auto take = [&](std::int64_t width) {
      float* place = at;
      at += size * width;
      return place;
    };
    k_columns = take(s.depth), v_columns = take(s.channels);
    k_rows = take(pitch_of(s.depth)), q_rows = take(pitch_of(s.depth));
    go_rows = take(pitch_of(s.channels)), p = take(size), d = take(size);
  }
  static std::int64_t places(const AttentionShape& s) {
    return size * (s.depth + s.channels + 2 * pitch_of(s.depth) + pitch_of(s.channels) + 2 * size);
  }
};

/// p = exp(scale <q, k> - log_sum) for a tile of queries against the packed keys.
void probabilities(const AttentionShape& s, const float* q, const float* log_sum, int rows,
                   int count, const Scratch& t) {
  products(q, rows, s.depth, t.k_columns, t.p);
  for (int i = 0; i < rows; ++i) {
    mask_row(t.p + i * size, s.scale, count);
    exp_row(t.p + i * size, log_sum[i]);
  }
}

/// d = scale p (<go, v> - <go, o>)
void score_gradients(const AttentionShape& s, const float* o, const float* go, int rows,
                     const Scratch& t) {
  products(go, rows, s.channels, t.v_columns, t.d);
  for (int i = 0; i < rows; ++i) {
    double dot = 0.0;
    for (int c = 0; c < s.channels; ++c)
      dot += double{go[i * s.channels + c]} * double{o[i * s.channels + c]};
    const auto mean = static_cast<float>(dot);
    float *d = t.d + i * size, *p = t.p + i * size;
    for (int j = 0; j < size; ++j) d[j] = s.scale * p[j] * (d[j] - mean);
  }
}

/// What queries [query, query + rows) and the packed keys [key, key + count) give each other.
void exchange(const AttentionShape& s, const Sample& x, const float* o, const float* log_sum,
              const float* go, int query, int key, const Gradients& g, const Scratch& t) {
  const int rows = count_from(query, s.queries), count = count_from(key, s.keys);
  const std::int64_t at_q = std::int64_t{query} * s.depth, at_o = std::int64_t{query} * s.channels;
  const std::int64_t at_k = std::int64_t{key} * s.depth, at_v = std::int64_t{key} * s.channels;
  probabilities(s, x.q + at_q, log_sum + query, rows, count, t);
  if (g.v) {
    pack_rows(go + at_o, rows, s.channels, t.go_rows);
    add_weighted_transposed(t.p, rows, count, t.go_rows, s.channels, g.v + at_v);
  }
  if (!g.q && !g.k) return;
  score_gradients(s, o + at_o, go + at_o, rows, t);
  if (g.q) add_weighted(t.d, rows, count, t.k_rows, s.depth, g.q + at_q);
  if (g.k) {
    pack_rows(x.q + at_q, rows, s.depth, t.q_rows);
    add_weighted_transposed(t.d, rows, count, t.q_rows, s.depth, g.k + at_k);
  }
}

void sample_grad(const AttentionShape& s, const Sample& x, const float* o, const float* log_sum,
                 const float* go, const Gradients& g, const Scratch& t) {
  if (g.q) std::fill_n(g.q, std::int64_t{s.queries} * s.depth, 0.0f);
  if (g.k) std::fill_n(g.k, std::int64_t{s.keys} * s.depth, 0.0f);
  if (g.v) std::fill_n(g.v, std::int64_t{s.keys} * s.channels, 0.0f);
  for (int key = 0; key < s.keys; key += size) {
    const int count = count_from(key, s.keys);
    const float *k = x.k + std::int64_t{key} * s.depth, *v = x.v + std::int64_t{key} * s.channels;
    pack_columns(k, count, s.depth, t.k_columns);
    pack_columns(v, count, s.channels, t.v_columns);
    pack_rows(k, count, s.depth, t.k_rows);
    for (int query = 0; query < s.queries; query += size)
      exchange(s, x, o, log_sum, go, query, key, g, t);
  }
}

}  // namespace

void attention(Stream& stream, const AttentionShape& s, const float* q, const float* k,
               const float* v, float* o, float* log_sum) {
  const std::int64_t tiles = tiles_of(s.queries), jobs = tiles * s.batch;
  const std::int64_t own = forward_scratch(s);
  const int parts = parts_of(jobs, 1);
  const Block block = floats(stream, parts * own);
  parallel_parts(parts, [&](int part) {
    const Range range = part_of(jobs, part, parts);
    for (std::int64_t job = range.begin; job < range.end; ++job) {
      const std::int64_t n = job / tiles, first = job % tiles * size;
      const std::int64_t row = n * s.queries + first;
      attend(s, sample_of(s, q, k, v, n), static_cast<int>(first),
             static_cast<float*>(block.data()) + part * own, o + row * s.channels, log_sum + row);
    }
  });
}

void attention_grad(Stream& stream, const AttentionShape& s, const float* q, const float* k,
                    const float* v, const float* o, const float* log_sum, const float* go,
                    float* gq, float* gk, float* gv) {
  const std::int64_t own = Scratch::places(s);
  const int parts = parts_of(s.batch, 1);
  const Block block = floats(stream, parts * own);
  parallel_parts(parts, [&](int part) {
    const Scratch scratch(s, static_cast<float*>(block.data()) + part * own);
    const Range range = part_of(s.batch, part, parts);
    for (std::int64_t n = range.begin; n < range.end; ++n) {
      const auto of = [n](auto* p, std::int64_t rows, int width) {
        return p ? p + n * rows * width : nullptr;
      };
      const Gradients g{of(gq, s.queries, s.depth), of(gk, s.keys, s.depth),
                        of(gv, s.keys, s.channels)};
      sample_grad(s, sample_of(s, q, k, v, n), of(o, s.queries, s.channels),
                  log_sum + n * s.queries, of(go, s.queries, s.channels), g, scratch);
    }
  });
}

}  // namespace ganymede::kernels::cpu
