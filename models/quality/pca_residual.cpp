#include <ganymede/models/quality/dense.h>
#include <ganymede/models/quality/pca_residual.h>

#include <algorithm>

#include <ganymede/kernels/host_rng.h>

namespace ganymede::quality {
namespace {

using dense::Matrix;

constexpr int spare = 10;       // columns beyond the components wanted
constexpr int iterations = 12;  // a gap of 1 % between variances is told apart to 1e-3 or better

/// An image a column.
Matrix columns_of(const ImageSet& set) {
  Matrix columns(Eigen::Index(set.size()), set.count);
  for (int i = 0; i < set.count; ++i)
    for (std::size_t j = 0; j < set.size(); ++j)
      columns(Eigen::Index(j), i) = set.image(std::size_t(i))[j];
  return columns;
}

Matrix random_columns(Eigen::Index rows, Eigen::Index columns) {
  HostRng rng(0, "pca");
  Matrix m(rows, columns);
  for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = rng.uniform(-1.0, 1.0);
  return m;
}

}  // namespace

struct PcaResidual::Fit {
  dense::Vector mean;
  Matrix components;  // orthonormal columns, pixels x components
  double explained = 1.0;
  int height, width, channels;
};

PcaResidual::PcaResidual(const ImageSet& learnt, int components) : fit_(std::make_unique<Fit>()) {
  check_image_set("pca", learnt);
  if (learnt.count < 2)
    throw DataError("pca: components want at least 2 images, got " + std::to_string(learnt.count));
  if (components < 1) throw SettingError("pca: " + std::to_string(components) + " components");
  Matrix centred = columns_of(learnt);
  fit_->mean = centred.rowwise().mean();
  centred.colwise() -= fit_->mean;
  const Eigen::Index most = std::min<Eigen::Index>(centred.cols() - 1, centred.rows());
  const Eigen::Index wanted = std::min<Eigen::Index>(components, most);
  Matrix basis = dense::orthonormal(random_columns(centred.rows(), std::min(wanted + spare, most)));
  for (int i = 0; i < iterations; ++i)
    basis =
        dense::orthonormal(dense::product(centred, dense::product_of_transposed(centred, basis)));
  // The largest variances within the subspace.
  const Matrix projected = dense::product_of_transposed(centred, basis);
  const auto [variances, turned] =
      dense::symmetric_eigen(dense::product_of_transposed(projected, projected));
  fit_->components = dense::product(basis, turned.rightCols(wanted));
  const double all = centred.squaredNorm();
  if (all > 0) fit_->explained = variances.tail(wanted).sum() / all;
  fit_->height = learnt.height, fit_->width = learnt.width, fit_->channels = learnt.channels;
}

PcaResidual::~PcaResidual() = default;
PcaResidual::PcaResidual(PcaResidual&&) noexcept = default;
PcaResidual& PcaResidual::operator=(PcaResidual&&) noexcept = default;

std::vector<double> PcaResidual::operator()(const ImageSet& images) const {
  check_image_set("pca", images);
  if (images.height != fit_->height || images.width != fit_->width ||
      images.channels != fit_->channels)
    throw ShapeError("pca: images of " + std::to_string(images.height) + "x" +
                     std::to_string(images.width) + "x" + std::to_string(images.channels) +
                     ", learnt were " + std::to_string(fit_->height) + "x" +
                     std::to_string(fit_->width) + "x" + std::to_string(fit_->channels));
  Matrix rest = columns_of(images);
  rest.colwise() -= fit_->mean;
  rest -= dense::product(fit_->components, dense::product_of_transposed(fit_->components, rest));
  std::vector<double> distances;
  for (Eigen::Index i = 0; i < rest.cols(); ++i) distances.push_back(rest.col(i).norm());
  return distances;
}

int PcaResidual::components() const { return int(fit_->components.cols()); }
double PcaResidual::explained() const { return fit_->explained; }

}  // namespace ganymede::quality
