#include <ganymede/models/quality/eigen.h>
#include <ganymede/models/quality/pca_residual.h>

#include <algorithm>

#include <ganymede/kernels/host_rng.h>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

namespace ganymede::quality {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int spare = 10;       // columns beyond the components wanted
constexpr int iterations = 12;  // a gap of 1 % between variances is told apart to 1e-3 or better

Matrix rows_of(const ImageSet& set) {
  Matrix rows(set.count, Eigen::Index(set.size()));
  for (int i = 0; i < set.count; ++i)
    for (std::size_t j = 0; j < set.size(); ++j)
      rows(i, Eigen::Index(j)) = set.image(std::size_t(i))[j];
  return rows;
}

/// An orthonormal basis of the columns.
Matrix basis_of(const Matrix& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

Matrix random_columns(Eigen::Index rows, Eigen::Index columns) {
  HostRng rng(0, "pca");
  Matrix m(rows, columns);
  for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = rng.uniform(-1.0, 1.0);
  return m;
}

}  // namespace

struct PcaResidual::Fit {
  Eigen::RowVectorXd mean;
  Matrix components;  // orthonormal columns, pixels x components
  double explained = 1.0;
  int height, width, channels;
};

PcaResidual::PcaResidual(const ImageSet& learnt, int components) : fit_(std::make_unique<Fit>()) {
  check_image_set("pca", learnt);
  if (learnt.count < 2)
    throw DataError("pca: components want at least 2 images, got " + std::to_string(learnt.count));
  if (components < 1) throw SettingError("pca: " + std::to_string(components) + " components");
  Matrix centred = rows_of(learnt);
  fit_->mean = centred.colwise().mean();
  centred.rowwise() -= fit_->mean;
  const Eigen::Index most = std::min<Eigen::Index>(centred.rows() - 1, centred.cols());
  const Eigen::Index wanted = std::min<Eigen::Index>(components, most);
  Matrix basis = basis_of(random_columns(centred.cols(), std::min(wanted + spare, most)));
  for (int i = 0; i < iterations; ++i) basis = basis_of(centred.transpose() * (centred * basis));
  // The largest variances within the subspace.
  const Eigen::MatrixXd projected = centred * basis;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> variances(projected.transpose() * projected);
  fit_->components = basis * variances.eigenvectors().rightCols(wanted);
  const double all = centred.squaredNorm();
  if (all > 0) fit_->explained = variances.eigenvalues().tail(wanted).sum() / all;
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
  Matrix centred = rows_of(images);
  centred.rowwise() -= fit_->mean;
  const Matrix rest = centred - centred * fit_->components * fit_->components.transpose();
  std::vector<double> distances;
  for (Eigen::Index i = 0; i < rest.rows(); ++i) distances.push_back(rest.row(i).norm());
  return distances;
}

int PcaResidual::components() const { return int(fit_->components.cols()); }
double PcaResidual::explained() const { return fit_->explained; }

}  // namespace ganymede::quality
