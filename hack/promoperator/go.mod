// Pins the Prometheus Operator, whose CRDs test/install takes from the module's files. No package of it is imported, so
// `go mod tidy` would leave nothing here.
module github.com/isms-operator/isms-operator/hack/promoperator

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
