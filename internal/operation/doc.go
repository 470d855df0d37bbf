// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operation computes from the entries of the evidence log what can be said of a period: how much of it was
// observed, for which share of it each control was effective, and since when; what is asked of controls and when that
// changed; and which records the cluster has forgotten. It reads no clock, no file and no cluster.
//
// Time that nobody observed counts against the share of every control: the operator saw the control to be effective for so
// many seconds, and of the rest of the period nobody has shown that it was. To count it as the worse of its two sides would
// be kinder and not enough: a failure that began and ended in it shows on neither side, so that stopping the operator in
// time would make a figure better.
package operation
