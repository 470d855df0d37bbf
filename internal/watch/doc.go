// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package watch is the engine's eye on the cluster: which kinds are served and what their schema is, streams of
// objects of one kind that keep no object, and what an account may list and watch.
package watch
