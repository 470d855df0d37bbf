# Copyright 2026 The isms-operator Authors.
# SPDX-License-Identifier: Apache-2.0

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

IMG ?= ghcr.io/isms-operator/isms-operator:v0.1.0
VERSION ?= v0.1.0
TOOLS := $(CURDIR)/bin/tools

# etcd, kube-apiserver and kube-controller-manager: found or made by hack/controlplane, which prints their directory.
ASSETS = $$(go -C hack/controlplane run . ensure)

# The packages in which goroutines meet are tested with the race detector, which needs a C compiler.
RACE_PACKAGES := /internal/(check|tally|watch|engine)$$
RACE := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

##@ Start here

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "; printf "usage: make <target>\n"} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Show the operator at work on a local API server. Ends by itself without a terminal.
	@assets=$(ASSETS); go build -buildvcs=false -o bin/demo ./hack/demo; KUBEBUILDER_ASSETS=$$assets exec bin/demo $(DEMO_FLAGS)

.PHONY: test
test: ## Run all tests; what they need is made ready first.
	@assets=$(ASSETS); export KUBEBUILDER_ASSETS=$$assets; packages=$$(go list ./...); \
	go test -timeout 20m $$(grep -vE '$(RACE_PACKAGES)' <<<"$$packages"); \
	go test -timeout 20m $(RACE) $$(grep -E '$(RACE_PACKAGES)' <<<"$$packages"); \
	go test -timeout 20m -tags isms_unguarded ./test/adversary
	@go -C hack/controlplane test ./...
	@go -C hack/gitops test ./...
	@go -C hack/helm test ./...
	@assets=$(ASSETS); KUBEBUILDER_ASSETS=$$assets go -C hack/release test -timeout 20m ./...

.PHONY: test-gitops
test-gitops: ## Sync an ISMS by a real Argo CD, which is built the first time: ten minutes on two cores.
	@assets=$(ASSETS); mkdir -p bin/argocd; \
	go -C hack/argocd build -trimpath -buildvcs=false -ldflags="-s -w" -o $(CURDIR)/bin/argocd/argocd github.com/argoproj/argo-cd/v3/cmd; \
	go -C hack/argocd build -trimpath -buildvcs=false -ldflags="-s -w" -o $(CURDIR)/bin/argocd/kustomize sigs.k8s.io/kustomize/kustomize/v5; \
	source=$$(go -C hack/argocd list -m -f '{{.Dir}}' github.com/argoproj/argo-cd/v3); \
	install -m 755 "$$source/hack/git-verify-wrapper.sh" bin/argocd/; \
	KUBEBUILDER_ASSETS=$$assets ISMS_ARGOCD=$(CURDIR)/bin/argocd ISMS_ARGOCD_CRDS="$$source/manifests/crds" \
	go test -tags isms_gitops -count=1 -timeout 40m $(if $(V),-v) ./test/gitops

.PHONY: test-alerts
test-alerts: $(TOOLS)/promtool ## Check the alerts by promtool: each fires when it should.
	@hack/prometheus/alerts.sh $(TOOLS)/promtool

.PHONY: test-monitoring
test-monitoring: $(TOOLS)/prometheus $(TOOLS)/promtool ## Have a real Prometheus scrape the operator: its metrics, the dashboard's queries, the alerts.
	@assets=$(ASSETS); KUBEBUILDER_ASSETS=$$assets ISMS_PROMETHEUS=$(TOOLS)/prometheus ISMS_PROMTOOL=$(TOOLS)/promtool \
	go test -tags isms_monitoring -count=1 -timeout 10m $(if $(V),-v) ./test/monitoring

.PHONY: bench
bench: ## Measure the operator on a local API server, each figure beside its bound. BENCH_FLAGS="-size small" is quick.
	@assets=$(ASSETS); KUBEBUILDER_ASSETS=$$assets go run ./hack/bench $(BENCH_FLAGS)

.PHONY: microbench
microbench: ## Run the Go benchmarks of the engine's packages. BENCH=<regexp> picks some.
	@assets=$(ASSETS); packages=$$(go list ./...); KUBEBUILDER_ASSETS=$$assets \
	go test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -timeout 60m $$(grep -E '$(RACE_PACKAGES)' <<<"$$packages")

##@ Build

.PHONY: build
build: ## Build the operator into bin/, the way the Dockerfile does.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w -X main.version=$(VERSION:v%=%)" -o bin/isms-operator .

.PHONY: plugin
plugin: ## Build the plugin of kubectl into bin/: put bin/kubectl-isms on the PATH.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w" -o bin/kubectl-isms ./cmd/kubectl-isms

.PHONY: plugin-archives
plugin-archives: ## Build the plugin for Linux, macOS and Windows into bin/plugin, with a manifest for krew. VERSION=v0.1.0
	go run -buildvcs=false ./hack/plugin -version $(VERSION) -out bin/plugin

.PHONY: release
release: ## Make what a release consists of in bin/release/VERSION: manifest, chart, plugin, bills of materials, checksums.
	@go -C hack/release run -buildvcs=false . -version $(VERSION) -out $(CURDIR)/bin/release/$(VERSION) \
	  $(if $(PLATFORMS),-platforms $(PLATFORMS))

.PHONY: verify-release
verify-release: ## Make the release once more from a copy of the sources, and compare the checksums.
	@hack/verify-release.sh $(VERSION)

.PHONY: freeze-release
freeze-release: ## Keep the CRDs and a set of stored objects of this state in test/upgrade/testdata/VERSION.
	@assets=$(ASSETS); KUBEBUILDER_ASSETS=$$assets go test -count=1 -timeout 10m -v -run '^TestFreeze$$' ./test/upgrade -freeze=$(VERSION)

.PHONY: run
run: ## Run the operator from source against the cluster of your kubeconfig.
	go run .

.PHONY: docker-build
docker-build: ## Build the container image IMG.
	docker build --build-arg VERSION=$(VERSION:v%=%) -t $(IMG) .

.PHONY: assets
assets: ## Make etcd, kube-apiserver and kube-controller-manager ready; print their directory.
	@go -C hack/controlplane run . ensure

.PHONY: up
up: ## Run a local control plane until Ctrl-C.
	@go -C hack/controlplane build -buildvcs=false -o $(CURDIR)/bin/controlplane . && exec bin/controlplane up

##@ Change

.PHONY: generate
generate: code manifests chart argocd docs ## Generate everything: code, CRDs, RBAC, files of the chart, what Argo CD gets, and API docs.

.PHONY: code
code: $(TOOLS)/controller-gen
	$(TOOLS)/controller-gen object:headerFile=hack/boilerplate.go.txt paths=./api/...

.PHONY: manifests
manifests: $(TOOLS)/controller-gen ## Generate the CRDs and the operator's role from the markers.
	$(TOOLS)/controller-gen crd paths=./api/... output:crd:dir=config/crd/bases
	$(TOOLS)/controller-gen rbac:roleName=manager-role paths=./controllers/... output:rbac:dir=config/rbac

.PHONY: chart
chart: ## Copy what the chart shares with config/ into charts/isms-operator/files.
	@rm -rf charts/isms-operator/files; mkdir -p charts/isms-operator/files; cd charts/isms-operator/files; mkdir crd rbac policy prometheus; \
	cp ../../../config/crd/bases/*.yaml crd/; cp ../../../config/rbac/*.yaml rbac/; cp ../../../config/policy/*.yaml policy/; \
	for policy in ../../../config/policy/optional/*/; do cp $$policy/policy.yaml policy/optional_$$(basename $$policy).yaml; done; \
	cp ../../../config/prometheus/prometheusrule.yaml prometheus/; rm rbac/kustomization.yaml policy/kustomization.yaml

.PHONY: argocd
argocd: ## Make the ConfigMaps for Argo CD of config/argocd/*.lua.
	@go -C hack/gitops run . $(CURDIR)/config/argocd

.PHONY: docs
docs: $(TOOLS)/crd-ref-docs ## Generate docs/reference from the types and the starter.
	@mkdir -p docs/reference
	$(TOOLS)/crd-ref-docs --log-level=ERROR --source-path=api --config=hack/tools/crd-ref-docs.yaml \
	  --renderer=markdown --output-path=docs/reference/api.md
	go run -buildvcs=false ./cmd/kubectl-isms reference > docs/reference/kubectl-isms.md
	go test -count=1 -run TestReference ./internal/starter -update

.PHONY: verify
verify: $(TOOLS)/controller-gen $(TOOLS)/crd-ref-docs ## Check that generated files and go.mod are current.
	@hack/verify.sh $(TOOLS)

.PHONY: lint
lint: $(TOOLS)/golangci-lint-kube-api-linter ## Run the linters.
	$(TOOLS)/golangci-lint-kube-api-linter run ./...
	cd hack/controlplane && $(TOOLS)/golangci-lint-kube-api-linter run --config=$(CURDIR)/.golangci.yml ./...
	cd hack/gitops && $(TOOLS)/golangci-lint-kube-api-linter run --config=$(CURDIR)/.golangci.yml ./...
	cd hack/helm && $(TOOLS)/golangci-lint-kube-api-linter run --config=$(CURDIR)/.golangci.yml ./...
	cd hack/release && $(TOOLS)/golangci-lint-kube-api-linter run --config=$(CURDIR)/.golangci.yml ./...

.PHONY: fmt
fmt: $(TOOLS)/golangci-lint-kube-api-linter ## Format the code.
	$(TOOLS)/golangci-lint-kube-api-linter fmt ./...

.PHONY: tools
tools: $(TOOLS)/controller-gen $(TOOLS)/crd-ref-docs $(TOOLS)/golangci-lint-kube-api-linter ## Build the tools that hack/tools pins.

$(TOOLS)/controller-gen: PACKAGE := sigs.k8s.io/controller-tools/cmd/controller-gen
$(TOOLS)/crd-ref-docs: PACKAGE := github.com/elastic/crd-ref-docs
$(TOOLS)/golangci-lint-kube-api-linter: PACKAGE := sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter
$(TOOLS)/controller-gen $(TOOLS)/crd-ref-docs $(TOOLS)/golangci-lint-kube-api-linter: hack/tools/go.mod hack/tools/go.sum
	@echo "building $(@F) (hack/tools)"
	@go -C hack/tools build -trimpath -buildvcs=false -o $@ $(PACKAGE)

$(TOOLS)/promtool $(TOOLS)/prometheus: hack/prometheus/go.mod hack/prometheus/go.sum
	@echo "building $(@F) (hack/prometheus)"
	@go -C hack/prometheus build -tags remove_all_sd -trimpath -buildvcs=false -ldflags="-s -w" -o $@ github.com/prometheus/prometheus/cmd/$(@F)

##@ Deploy, to the cluster of your kubeconfig

.PHONY: install
install: ## Install the CRDs.
	kubectl apply --server-side -k config/crd

.PHONY: deploy
deploy: ## Install the CRDs, the RBAC and the operator with image IMG.
	kubectl kustomize config/default | sed 's|image: ghcr.io/isms-operator/isms-operator:.*|image: $(IMG)|' | kubectl apply --server-side -f -

.PHONY: undeploy
undeploy: ## Delete what deploy installed, but the namespace, the CRDs and all ISMS objects. EVIDENCE=delete deletes these as well.
	kubectl delete --ignore-not-found -k config/default $(if $(filter delete,$(EVIDENCE)),,-l '!isms-operator.io/keep')
