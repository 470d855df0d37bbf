// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package filecheck evaluates Controls on files as the operator evaluates them in a cluster: the same rules, exceptions,
// scopes and judgements, on the objects that the files hold.
//
// Files are read twice. The first time only what rules follow from is read: the kinds of isms-operator.io, Namespaces and
// CustomResourceDefinitions. The second time each object is evaluated and dropped; what stays of it is its name, its
// place, and two bits a rule.
package filecheck

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// Options say how files are to be taken.
type Options struct {
	// Namespace is that of objects which name none; empty: default.
	Namespace string
	// Complete says that the files are all there is: what they do not hold does not exist. Otherwise nothing is known of what
	// they do not hold, and no rule passes for want of objects.
	Complete bool
	// ObjectsOnly leaves the evidence of people out: documents and attestations.
	ObjectsOnly bool
	// NoPodTemplates says that a workload does not stand for the Pod that it makes: rules on Pods see Pods alone.
	NoPodTemplates bool
	// Now is the time of the evaluation.
	Now time.Time
	// Workers is how many goroutines read and evaluate; 0: one for each processor.
	Workers int
	// Check are the limits of an expression.
	Check check.Options
}

func (o Options) withDefaults() Options {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Sources are the streams to read. Each must be one that can be opened twice.
type Sources struct {
	// Objects are evaluated. They may hold Controls and the rest of an ISMS as well.
	Objects []manifest.Source
	// Controls hold an ISMS; of what else they hold only Namespaces and CustomResourceDefinitions are read.
	Controls []manifest.Source
}

// Run reads the sources and evaluates all Controls in them. The error is that of the context.
func Run(ctx context.Context, s Sources, o Options) (*Report, error) {
	o = o.withDefaults()
	g := newGathering(o)
	first := manifest.Reader{Workers: o.Workers, Wants: gathered, Object: g.object, Other: func(int, manifest.Place) {}, Failed: g.failed}
	if err := first.Read(ctx, slices.Concat(s.Objects, s.Controls)); err != nil {
		return nil, err
	}
	g.sort()
	files := make([]string, 0, len(s.Objects))
	for _, source := range s.Objects {
		files = append(files, source.Name)
	}
	e := newEvaluation(g, files, o)
	// What can't be read is reported by the second reading, which reads everything; of sources of Controls there is only
	// the first.
	only := len(s.Objects)
	errs := slices.DeleteFunc(g.errors, func(err *manifest.Error) bool { return err.Source < only && !g.own[err] })
	second := manifest.Reader{Workers: o.Workers, Object: e.object, Other: e.other, Failed: e.failed}
	if err := second.Read(ctx, s.Objects); err != nil {
		return nil, err
	}
	r := e.report()
	r.Errors = append(r.Errors, errs...)
	slices.SortFunc(r.Errors, func(a, b *manifest.Error) int { return byPlace(a.Place, b.Place) })
	r.Files = len(s.Objects) + len(s.Controls)
	return r, nil
}

func byPlace(a, b manifest.Place) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return a.Line - b.Line
}

// counters are what is counted while objects are read.
type counters struct{ objects, others, templates atomic.Int64 }
