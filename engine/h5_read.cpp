// Reading HDF5 files that somebody else may have written: nothing is believed before it is checked.

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>

#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/h5_handle.h>

namespace ganymede {
namespace {

constexpr std::uint64_t compression_limit = 1100;  // deflate gives at most 1032 to 1
constexpr std::size_t names_limit = 1'000'000, depth_limit = 24;
constexpr std::uint64_t strings_limit = std::uint64_t{64} << 20;
constexpr std::array<H5Z_filter_t, 6> known_filters{H5Z_FILTER_DEFLATE,    H5Z_FILTER_SHUFFLE,
                                                    H5Z_FILTER_FLETCHER32, H5Z_FILTER_SZIP,
                                                    H5Z_FILTER_NBIT,       H5Z_FILTER_SCALEOFFSET};

template <class T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return H5T_NATIVE_UINT16;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
  return H5T_NATIVE_INT64;
}

H5Handle open_dataset(const H5File::State& s, const std::string& path) {
  H5Handle object = s.at(path);
  if (H5Iget_type(object.id()) != H5I_DATASET) s.fail(path, "is a group, not a dataset");
  return object;
}

/// Unknown filters would make HDF5 look for plugins to run; external and virtual data lie in other
/// files.
void refuse_foreign_storage(const H5File::State& s, hid_t set, const std::string& path) {
  const H5Handle plan = s.own(H5Dget_create_plist(set), H5Pclose, path, "cannot be read");
  if (H5Pget_layout(plan.id()) == H5D_VIRTUAL || H5Pget_external_count(plan.id()) > 0)
    s.fail(path, "keeps its data in another file, which is not followed");
  const int filters = H5Pget_nfilters(plan.id());
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const auto filter =
        H5Pget_filter2(plan.id(), unsigned(i), &flags, &values, nullptr, 0, nullptr, &config);
    if (std::ranges::find(known_filters, filter) == known_filters.end())
      s.fail(path, "is compressed by filter " + std::to_string(filter) +
                       ", a plugin; mend: store it with gzip or uncompressed");
  }
}

Shape extents_of(const H5File::State& s, hid_t space, const std::string& path) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > Shape::max_rank)
    s.fail(path, "has rank " + std::to_string(rank) + ", at most " +
                     std::to_string(Shape::max_rank) + " is read");
  std::array<hsize_t, Shape::max_rank> extents{};
  s.check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), path, "has bad extents");
  std::vector<std::int64_t> signed_extents;
  hsize_t count = 1;
  for (int i = 0; i < rank; ++i) {
    if (extents[i] != 0 && count > (hsize_t{1} << 40) / extents[i])
      s.fail(path, "claims more elements than any file holds");
    count *= extents[i];
    signed_extents.push_back(std::int64_t(extents[i]));
  }
  return Shape(std::span<const std::int64_t>(signed_extents));
}

/// A small file can claim huge extents; the bytes that are there bound what is believed.
void refuse_bombs(const H5File::State& s, hid_t set, std::uint64_t claimed,
                  const std::string& path) {
  const std::uint64_t stored = H5Dget_storage_size(set);
  const H5Handle plan = s.own(H5Dget_create_plist(set), H5Pclose, path, "cannot be read");
  const bool packed = H5Pget_layout(plan.id()) == H5D_CHUNKED;
  if ((s.bytes > 0 && stored > s.bytes) || claimed > (packed ? compression_limit : 1) * stored)
    s.fail(path, "claims " + std::to_string(claimed) + " bytes, the file stores " +
                     std::to_string(std::min(stored, s.bytes)) + " for it");
}

struct Opened {
  H5Handle set, type;
  Shape shape;
};

Opened open_checked(const H5File::State& s, const std::string& path) {
  Opened o{open_dataset(s, path), {}, {}};
  refuse_foreign_storage(s, o.set.id(), path);
  const H5Handle space = s.own(H5Dget_space(o.set.id()), H5Sclose, path, "has no extents");
  o.shape = extents_of(s, space.id(), path);
  o.type = s.own(H5Dget_type(o.set.id()), H5Tclose, path, "has no type");
  refuse_bombs(s, o.set.id(), std::uint64_t(o.shape.elements()) * H5Tget_size(o.type.id()), path);
  return o;
}

std::vector<std::string> cut(const std::string& packed, std::size_t length) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + length <= packed.size(); i += length) {
    const std::string field = packed.substr(i, length);
    texts.push_back(field.substr(0, field.find('\0')));
  }
  return texts;
}

std::vector<std::string> read_strings(const H5File::State& s, hid_t attribute,
                                      const std::string& object) {
  const H5Handle type = s.own(H5Aget_type(attribute), H5Tclose, object, "has an untyped attribute");
  const H5Handle space = s.own(H5Aget_space(attribute), H5Sclose, object, "has a bad attribute");
  const auto count = std::size_t(std::max<hssize_t>(H5Sget_simple_extent_npoints(space.id()), 0));
  if (count == 0) return {};  // h5py writes an empty list as numbers
  if (H5Tget_class(type.id()) != H5T_STRING) s.fail(object, "has an attribute that is no text");
  const std::size_t length = H5Tget_size(type.id());
  if (count > names_limit || count * length > strings_limit)
    s.fail(object, "has an attribute of absurd size");
  // HDF5 1.10 trusts the offsets of such texts and can be led outside its memory by them.
  if (H5Tis_variable_str(type.id()) != 0) s.fail(object, "has an attribute of variable length");
  std::string packed(count * length, '\0');
  s.check(H5Aread(attribute, type.id(), packed.data()), object, "has an unreadable attribute");
  return cut(packed, length);
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  auto& list = *static_cast<std::vector<std::string>*>(names);
  if (list.size() >= names_limit) return -1;
  list.emplace_back(name);
  return 0;
}

}  // namespace

std::vector<std::string> h5_components(const std::string& path) {
  std::vector<std::string> components;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) components.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return components;
}

H5Handle H5File::State::find(const std::string& path) const {
  H5Handle object = own(H5Oopen(file.id(), "/", H5P_DEFAULT), H5Oclose, "", "has no root");
  for (const std::string& component : h5_components(path)) {
    if (H5Iget_type(object.id()) != H5I_GROUP) return {};
    if (H5Lexists(object.id(), component.c_str(), H5P_DEFAULT) <= 0) return {};
    H5L_info_t link{};
    check(H5Lget_info(object.id(), component.c_str(), &link, H5P_DEFAULT), path, "cannot be read");
    if (link.type != H5L_TYPE_HARD) fail(path, "is a link to elsewhere, which is not followed");
    object =
        own(H5Oopen(object.id(), component.c_str(), H5P_DEFAULT), H5Oclose, path, "cannot be read");
  }
  return object;
}

H5Handle H5File::State::at(const std::string& path) const {
  H5Handle object = find(path);
  if (!object) fail(path, "is not in it");
  return object;
}

bool H5File::exists(const std::string& path) const {
  const H5Quiet quiet;
  return bool(state_->find(path));
}

bool H5File::is_dataset(const std::string& path) const {
  const H5Quiet quiet;
  const H5Handle object = state_->find(path);
  return object && H5Iget_type(object.id()) == H5I_DATASET;
}

std::vector<std::string> H5File::children(const std::string& group) const {
  const H5Quiet quiet;
  const H5Handle object = state_->at(group);
  if (H5Iget_type(object.id()) != H5I_GROUP) state_->fail(group, "is not a group");
  std::vector<std::string> names;
  state_->check(H5Literate(object.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names),
                group, "cannot be listed");
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> H5File::datasets(const std::string& group) const {
  std::vector<std::string> found;
  std::size_t visited = 0;
  const std::string root = group + "/";
  const std::function<void(const std::string&, std::size_t)> walk = [&](const std::string& below,
                                                                        std::size_t depth) {
    // Groups may contain themselves: the limits end every walk.
    if (depth > depth_limit || visited > names_limit)
      state_->fail(group, "is nested deeper, or holds more, than any network does");
    std::string path = root + below;
    const std::size_t prefix = path.size();
    for (const std::string& name : children(path)) {
      ++visited;
      path.replace(prefix, std::string::npos, name);
      if (is_dataset(path))
        found.push_back(path.substr(root.size()));
      else
        walk(path.substr(root.size()) + "/", depth + 1);
    }
  };
  walk("", 0);
  return found;
}

Shape H5File::shape(const std::string& path) const {
  const H5Quiet quiet;
  return open_checked(*state_, path).shape;
}

template <class T>
std::vector<T> H5File::read(const std::string& path) const {
  const H5Quiet quiet;
  const Opened o = open_checked(*state_, path);
  const H5T_class_t wanted = std::is_floating_point_v<T> ? H5T_FLOAT : H5T_INTEGER;
  if (H5Tget_class(o.type.id()) != wanted)
    state_->fail(path, std::string("holds no ") +
                           (wanted == H5T_FLOAT ? "floating-point" : "whole") + " numbers");
  std::vector<T> values(std::size_t(o.shape.elements()));
  if (!values.empty())
    state_->check(
        H5Dread(o.set.id(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path,
        "cannot be read");
  return values;
}
template std::vector<float> H5File::read(const std::string&) const;
template std::vector<double> H5File::read(const std::string&) const;
template std::vector<std::uint8_t> H5File::read(const std::string&) const;
template std::vector<std::uint16_t> H5File::read(const std::string&) const;
template std::vector<std::int32_t> H5File::read(const std::string&) const;
template std::vector<std::int64_t> H5File::read(const std::string&) const;

std::string H5File::read_text(const std::string& path) const {
  const H5Quiet quiet;
  const Opened o = open_checked(*state_, path);
  const bool fixed =
      H5Tget_class(o.type.id()) == H5T_STRING && H5Tis_variable_str(o.type.id()) == 0;
  if (!fixed || o.shape.elements() != 1) state_->fail(path, "is not one text of fixed length");
  std::string text(H5Tget_size(o.type.id()), '\0');
  state_->check(H5Dread(o.set.id(), o.type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), path,
                "cannot be read");
  return text.substr(0, text.find('\0'));
}

std::optional<std::vector<std::string>> H5File::attribute(const std::string& object,
                                                          const std::string& name) const {
  const H5Quiet quiet;
  const State& s = *state_;
  const H5Handle owner = s.at(object);
  if (H5Aexists(owner.id(), name.c_str()) <= 0) return std::nullopt;
  const H5Handle attribute = s.own(H5Aopen(owner.id(), name.c_str(), H5P_DEFAULT), H5Aclose, object,
                                   "has an unreadable attribute");
  return read_strings(s, attribute.id(), object);
}

}  // namespace ganymede
