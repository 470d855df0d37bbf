// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package helm holds the chart of charts/isms-operator against Helm's own parts, and against config/default. It is a
// module of its own, so that the operator needs neither Helm nor kustomize.
package helm
