// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package scaffold renders the directory of manifests and texts that a new ISMS begins with, out of the starter's
// content and of what is known about the organization and its cluster. It is a pure function: the same input gives the
// same bytes.
package scaffold
