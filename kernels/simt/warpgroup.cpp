// The twin of wgmma: a product is computed at its wait, by the last of the warpgroup's 128 lanes to
// arrive, from what shared memory holds then. So a missing wait, and an operand overwritten too
// early, show. Descriptors are decoded as the hardware does it.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <fmt/core.h>

#include <ganymede/kernels/simt/scheduler.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {
namespace {

constexpr int group_lanes = 128, rows_of_a = 64, columns_of_b = 128, depth = 8;
constexpr unsigned row_bytes = 128, pattern_bytes = 1024, sector = 16;

/// The fields of a descriptor in bytes ("Matrix Descriptor Format" of the PTX ISA).
struct Descriptor {
  unsigned start, stride, base_offset, swizzle;
  explicit Descriptor(std::uint64_t d)
      : start(static_cast<unsigned>(d & 0x3fff) << 4),
        stride(static_cast<unsigned>(d >> 32 & 0x3fff) << 4),
        base_offset(static_cast<unsigned>(d >> 49 & 7)),
        swizzle(static_cast<unsigned>(d >> 62)) {}
};

/// Where 16 bytes lie that have this address without swizzle: bits 4 to 6 by bits 7 to 9.
unsigned swizzled(unsigned address) { return address ^ (address >> 7 & 7) << 4; }

void check(const Descriptor& d) {
  const bool known = d.swizzle == 1 && d.base_offset == 0 && d.stride == pattern_bytes;
  if (!known || d.start % pattern_bytes % 32 != 0 || d.start % pattern_bytes >= row_bytes) {
    throw Fault(
        fmt::format("{}: a warpgroup's operand at {} of shared memory, stride {}, swizzle {}: only "
                    "128-byte swizzle is known here, patterns of 1024 bytes aligned to them, and "
                    "steps of 32 bytes within a row",
                    cluster().place(), d.start, d.stride, d.swizzle));
  }
}

float truncated(float v) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & 0xffffe000u);
}

using OperandA = std::array<float, rows_of_a * depth>;
using OperandB = std::array<float, columns_of_b * depth>;

/// The 64 sums of lane `lane` of its warpgroup.
void multiply(float* c, int lane, const OperandA& a, const OperandB& b) {
  for (int i = 0; i < 64; ++i) {
    const int row = lane / 32 * 16 + lane % 32 / 4 + i / 2 % 2 * 8;
    const int column = i / 4 * 8 + lane % 4 * 2 + i % 2;
    const float *left = &a[row * depth], *right = &b[column * depth];
    for (int k = 0; k < depth; ++k) c[i] += left[k] * right[k];
  }
}

}  // namespace

void Cluster::note_write(const void* to) {
  const auto offset = static_cast<const std::byte*>(to) -
                      static_cast<const std::byte*>(shared_memory_buffer(cluster().rank()));
  const auto unit = static_cast<std::size_t>(offset) / sector;
  auto& writes = members_[rank()].writes;
  if (unit < writes.size()) writes[unit] = {current_, self().proxy_fences};
}

// Copies that landed behind their lane's last fence may not be seen by wgmma yet.
void Cluster::check_visible(unsigned address) const {
  const auto& writes = members_[rank()].writes;
  if (address / sector >= writes.size())
    throw Fault(
        fmt::format("{}: a warpgroup reads {} of shared memory, beyond what the launch gave",
                    place(), address));
  const SharedWrite& write = writes[address / sector];
  if (write.lane < 0 || lanes_[write.lane].proxy_fences > write.fences) return;
  throw Fault(
      fmt::format("{}: a warpgroup reads {} of shared memory, which lane {} has copied there "
                  "without async_proxy_fence behind its wait",
                  place(), address, write.lane));
}

void Cluster::read_operand(std::uint64_t descriptor, int rows, float* to) const {
  const Descriptor d(descriptor);
  const auto* shared = static_cast<const std::byte*>(shared_memory_buffer(cluster().rank()));
  for (int r = 0; r < rows; ++r) {
    const auto row = static_cast<unsigned>(r);
    for (int k = 0; k < depth; k += 4, to += 4) {
      const unsigned at = swizzled(d.start + row / 8 * d.stride + row % 8 * row_bytes +
                                   static_cast<unsigned>(k) * 4);
      check_visible(at);
      std::memcpy(to, shared + at, sector);
    }
  }
  std::transform(to - rows * depth, to, to - rows * depth, truncated);
}

void Cluster::finish_warpgroup_products(int first_lane) {
  Lane* lanes = &lanes_[first_lane];
  const auto& products = lanes[0].products;
  for (int l = 1; l < group_lanes; ++l) {
    const bool same = lanes[l].pending_groups == lanes[0].pending_groups &&
                      std::equal(products.begin(), products.end(), lanes[l].products.begin(),
                                 lanes[l].products.end(),
                                 [](const auto& x, const auto& y) { return x.same_as(y); });
    if (!same)
      throw Fault(
          fmt::format("{}: divergent warpgroup: its lanes 0 and {} have not started "
                      "the same products, or wait for others",
                      place(), l));
  }
  std::size_t done = 0;
  for (; done < products.size(); ++done) {
    if (products[done].group >= lanes[0].product_group - lanes[0].pending_groups) break;
    OperandA a;
    OperandB b;
    read_operand(products[done].a, rows_of_a, a.data());
    read_operand(products[done].b, columns_of_b, b.data());
    for (int l = 0; l < group_lanes; ++l) multiply(lanes[l].products[done].c, l, a, b);
  }
  for (int l = 0; l < group_lanes; ++l) {
    auto& mine = lanes[l].products;
    mine.erase(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(done));
  }
}

void Cluster::warpgroup_wait(int pending_groups) {
  const int first = current_ / group_lanes * group_lanes;
  if (lanes_.size() < static_cast<std::size_t>(first + group_lanes))
    throw Fault(place() + ": its warpgroup has less than 128 lanes");
  self().pending_groups = pending_groups;
  self().state = LaneState::at_warpgroup;
  const auto begin = lanes_.begin() + first, end = begin + group_lanes;
  const bool all = std::all_of(
      begin, end, [](const Lane& lane) { return lane.state == LaneState::at_warpgroup; });
  if (!all) return wait();
  finish_warpgroup_products(first);
  std::for_each(begin, end, [](Lane& lane) { lane.state = LaneState::ready; });
}

// ---- what device code calls -------------------------------------------------------------------

unsigned shared_address(const void* p) {
  const auto offset = static_cast<const std::byte*>(p) -
                      static_cast<const std::byte*>(shared_memory_buffer(cluster().rank()));
  if (offset < 0 || static_cast<std::size_t>(offset) >= cluster().launch().shared_bytes)
    throw Fault(cluster().place() + ": not an address of its shared memory");
  return static_cast<unsigned>(offset);
}

void async_proxy_fence() { ++cluster().self().proxy_fences; }
void warpgroup_fence() { cluster().self().registers_fenced = true; }

void warpgroup_multiply(float* c, std::uint64_t a, std::uint64_t b) {
  Lane& lane = cluster().self();
  if (!lane.registers_fenced)
    throw Fault(cluster().place() + ": a warpgroup's product without warpgroup_fence in its group");
  check(Descriptor(a));
  check(Descriptor(b));
  lane.products.push_back({c, a, b, lane.product_group});
}

void warpgroup_commit() {
  Lane& lane = cluster().self();
  ++lane.product_group;
  lane.registers_fenced = false;
}

void warpgroup_wait(int pending_groups) { cluster().warpgroup_wait(pending_groups); }

}  // namespace ganymede::simt
