// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operation computes from the entries of the evidence log what can be said of a period: how much of it was
// observed, for which share of it each control was effective, and since when; what is asked of controls and when that
// changed; and which records the cluster has forgotten. It reads no clock, no file and no cluster.
//
// Time that nobody observed counts as the worse of its two sides: as what was known before it, or as what was found after
// it, whichever is worse. So a control that fails is not made better by stopping the operator. What a gap may still hide is
// a failure that began and ended in it, so a share can be too high by what is not covered, and by no more; that is why
// coverage is a figure of its own, with a threshold of its own.
package operation
