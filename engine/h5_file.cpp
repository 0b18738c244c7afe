// Opening and writing; reading is in h5_read.cpp.

#include <ganymede/engine/h5_file.h>

#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <ganymede/engine/h5_handle.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

// An object's header holds at most 64 KiB; Keras cuts its lists of names here.
constexpr std::size_t attribute_limit = 64512;

herr_t take_reason(unsigned depth, const H5E_error2_t* error, void* text) {
  if (depth == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

template <class T>
hid_t stored_type();
template <>
hid_t stored_type<float>() {
  return H5T_IEEE_F32LE;
}
template <>
hid_t stored_type<double>() {
  return H5T_IEEE_F64LE;
}
template <>
hid_t stored_type<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
hid_t stored_type<std::uint16_t>() {
  return H5T_STD_U16LE;
}
template <>
hid_t stored_type<std::int32_t>() {
  return H5T_STD_I32LE;
}
template <>
hid_t stored_type<std::int64_t>() {
  return H5T_STD_I64LE;
}

H5Handle string_type(const H5File::State& s, const std::string& object, std::size_t length,
                     H5T_cset_t set) {
  H5Handle type = s.own(H5Tcopy(H5T_C_S1), H5Tclose, object, "has no type");
  H5Tset_size(type.id(), std::max<std::size_t>(length, 1));
  H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
  H5Tset_cset(type.id(), set);
  return type;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

void write_dataset(H5File& file, const H5File::State& s, const std::string& path, hid_t type,
                   const Shape& shape, const void* values) {
  file.make_group(parent_of(path));
  std::vector<hsize_t> extents(shape.extents().begin(), shape.extents().end());
  const H5Handle space =
      s.own(extents.empty() ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(shape.rank(), extents.data(), nullptr),
            H5Sclose, path, "has bad extents");
  const H5Handle plan = s.own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, path, "cannot be made");
  H5Pset_obj_track_times(plan.id(), false);
  const H5Handle set = s.own(
      H5Dcreate2(s.file.id(), path.c_str(), type, space.id(), H5P_DEFAULT, plan.id(), H5P_DEFAULT),
      H5Dclose, path, "cannot be made");
  s.check(H5Dwrite(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), path,
          "cannot be written");
}

void write_strings(const H5File::State& s, const std::string& object, const std::string& name,
                   std::span<const std::string> texts, bool scalar) {
  const H5Handle owner = s.at(object);
  std::size_t length = 1;
  for (const std::string& text : texts) length = std::max(length, text.size());
  std::string packed;
  for (const std::string& text : texts) packed += text + std::string(length - text.size(), '\0');
  const H5Handle type = string_type(s, object, length, H5T_CSET_ASCII);
  const hsize_t count = texts.size();
  const H5Handle space =
      s.own(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), H5Sclose, object,
            "has bad extents");
  const H5Handle attribute =
      s.own(H5Acreate2(owner.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose, object, "takes no further attribute");
  s.check(H5Awrite(attribute.id(), type.id(), packed.data()), object, "takes no attribute");
}

H5Handle access_list(const H5File::State& s) {
  return s.own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "", "cannot be opened");
}

std::unique_ptr<H5File::State> named(const std::string& name) {
  auto state = std::make_unique<H5File::State>();
  state->name = name;
  return state;
}

}  // namespace

H5Quiet::H5Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}
H5Quiet::~H5Quiet() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

void H5File::State::fail(const std::string& object, const std::string& what) const {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_reason, &reason);
  throw FormatError("file '" + name + "': " + (object.empty() ? "it" : "'" + object + "'") + " " +
                    what + (reason.empty() ? "" : " (HDF5: " + reason + ")"));
}

H5File::H5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
H5File::~H5File() = default;
H5File::H5File(H5File&&) noexcept = default;
H5File& H5File::operator=(H5File&&) noexcept = default;
const std::string& H5File::name() const { return state_->name; }

H5File H5File::create(const std::string& name) {
  const H5Quiet quiet;
  auto s = named(name);
  const H5Handle access = access_list(*s);
  H5Pset_fapl_core(access.id(), std::size_t{16} << 20, false);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
  const H5Handle plan = s->own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "", "cannot be made");
  H5Pset_userblock(plan.id(), user_block);
  H5Pset_obj_track_times(plan.id(), false);
  s->file = s->own(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, plan.id(), access.id()), H5Fclose, "",
                   "cannot be made");
  return H5File(std::move(s));
}

H5File H5File::open(const std::string& path) {
  const H5Quiet quiet;
  auto s = named(path);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    throw FileError("file '" + path + "': cannot be read: " + std::strerror(errno));
  s->bytes = static_cast<std::uint64_t>(info.st_size);
  const H5Handle access = access_list(*s);
  H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG);
  H5Pset_file_locking(access.id(), false, true);  // read-only folders and network disks have none
  s->file = s->own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, "",
                   "is not an HDF5 file, or is damaged");
  return H5File(std::move(s));
}

void H5File::make_group(const std::string& path) {
  const H5Quiet quiet;
  const H5Handle plan = state_->own(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, path, "cannot be made");
  H5Pset_obj_track_times(plan.id(), false);
  std::string walked;
  for (const std::string& component : h5_components(path)) {
    if (component == ".") state_->fail(path, "has a component '.', which HDF5 keeps for itself");
    walked += (walked.empty() ? "" : "/") + component;
    if (H5Lexists(state_->file.id(), walked.c_str(), H5P_DEFAULT) > 0) continue;
    const H5Handle group = state_->own(
        H5Gcreate2(state_->file.id(), walked.c_str(), H5P_DEFAULT, plan.id(), H5P_DEFAULT),
        H5Gclose, walked, "cannot be made");
  }
}

template <class T>
void H5File::write(const std::string& path, const Shape& shape, std::span<const T> values) {
  const H5Quiet quiet;
  if (std::int64_t(values.size()) != shape.elements())
    throw ShapeError("h5: " + std::to_string(values.size()) + " values for " + to_string(shape));
  write_dataset(*this, *state_, path, stored_type<T>(), shape, values.data());
}
template void H5File::write(const std::string&, const Shape&, std::span<const float>);
template void H5File::write(const std::string&, const Shape&, std::span<const double>);
template void H5File::write(const std::string&, const Shape&, std::span<const std::uint8_t>);
template void H5File::write(const std::string&, const Shape&, std::span<const std::uint16_t>);
template void H5File::write(const std::string&, const Shape&, std::span<const std::int32_t>);
template void H5File::write(const std::string&, const Shape&, std::span<const std::int64_t>);

void H5File::write_text(const std::string& path, const std::string& text) {
  const H5Quiet quiet;
  const H5Handle type = string_type(*state_, path, text.size(), H5T_CSET_UTF8);
  write_dataset(*this, *state_, path, type.id(), {}, text.c_str());
}

void H5File::write_attribute(const std::string& object, const std::string& name,
                             const std::string& text) {
  const H5Quiet quiet;
  write_strings(*state_, object, name, {&text, 1}, true);
}

void H5File::write_attribute(const std::string& object, const std::string& name,
                             const std::vector<std::string>& texts) {
  const H5Quiet quiet;
  std::size_t length = 1;
  for (const std::string& text : texts) length = std::max(length, text.size());
  const std::size_t room = std::max<std::size_t>(attribute_limit / length, 1);
  if (texts.size() <= room) return write_strings(*state_, object, name, texts, false);
  const std::span<const std::string> all(texts);
  for (std::size_t i = 0, part = 0; i < all.size(); i += room, ++part)
    write_strings(*state_, object, name + std::to_string(part),
                  all.subspan(i, std::min(room, all.size() - i)), false);
}

std::vector<std::byte> H5File::image() && {
  const H5Quiet quiet;
  State& s = *state_;
  s.check(H5Fflush(s.file.id(), H5F_SCOPE_GLOBAL), "", "cannot be finished");
  const ssize_t size = H5Fget_file_image(s.file.id(), nullptr, 0);
  s.check(size, "", "cannot be finished");
  // HDF5 hands out the image without the user block, but its addresses count from the block's end.
  std::vector<std::byte> bytes(user_block + static_cast<std::size_t>(size));
  s.check(H5Fget_file_image(s.file.id(), bytes.data() + user_block, std::size_t(size)), "",
          "cannot be finished");
  s.file = {};
  return bytes;
}

}  // namespace ganymede
