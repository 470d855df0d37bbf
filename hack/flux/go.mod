// What the samples for Flux are held against: the CRDs in the zips of these modules (test/samples). Nothing of them is
// built, so that go.mod names no more than them, and `go mod tidy` is not for it. Later versions ask for Go 1.27.
module github.com/isms-operator/isms-operator/hack/flux

go 1.26.0

require (
	github.com/fluxcd/kustomize-controller v1.9.6
	github.com/fluxcd/source-controller v1.9.6
)
