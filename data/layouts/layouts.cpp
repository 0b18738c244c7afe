#include <ganymede/data/layouts/layout.h>

#include <array>

namespace ganymede {

std::span<const Layout* const> layouts() {
  // From the most to the least particular: every folder of images is at least flat.
  static const std::array all{&rsna_layout,        &head_ct_hemorrhage_layout,
                              &messidor_2_layout,  &aptos_layout,
                              &eyepacs_layout,     &idrid_layout,
                              &labels_csv_layout,  &chest_xray_pneumonia_layout,
                              &kermany_oct_layout, &class_folders_layout,
                              &flat_layout};
  return all;
}

}  // namespace ganymede
