// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import "github.com/go-logr/logr"

// mostTalkative is the highest verbosity that Discreet lets through. From 6 on client-go logs its requests, from 8 on what
// is in them: whole objects, with their values and the names of people.
const mostTalkative = 5

// Discreet is a logger that never tells what is in an object, whatever verbosity is asked for: a request takes its logger
// from the context of a reconcile.
func Discreet(l logr.Logger) logr.Logger { return l.WithSink(discreet{l.GetSink()}) }

type discreet struct{ logr.LogSink }

func (d discreet) Enabled(level int) bool {
	return level <= mostTalkative && d.LogSink.Enabled(level)
}

func (d discreet) WithValues(values ...any) logr.LogSink {
	return discreet{d.LogSink.WithValues(values...)}
}

func (d discreet) WithName(name string) logr.LogSink {
	return discreet{d.LogSink.WithName(name)}
}

// WithCallDepth keeps the lines right from which something is logged.
func (d discreet) WithCallDepth(depth int) logr.LogSink {
	if sink, ok := d.LogSink.(logr.CallDepthLogSink); ok {
		return discreet{sink.WithCallDepth(depth)}
	}
	return d
}
