// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads the objects of YAML and JSON streams: several documents, Lists, and values one after another.
//
// A stream is split by its bytes and never held: what is in memory is a few batches of documents, and no document is
// larger than MaxDocument, the items of a List being documents of their own. Documents are read by several goroutines at
// once. What can't be read is an error with its place, and the rest goes on.
package manifest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"
)

const (
	// MaxDocument is the largest document, in bytes. An API server accepts 3 MiB of JSON.
	MaxDocument = 4 << 20
	// batchSize is about how much is handed to a goroutine at once.
	batchSize = 256 << 10
)

// Source is a stream with the name under which it is reported.
type Source struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Place is where an object stands.
type Place struct {
	// File is the name of its source.
	File string
	// Source is the index of that.
	Source int
	// Line is that of the object's first content, from 1.
	Line int
	// Document counts the documents of the stream that have content, from 1; Item those of a List, from 1, or is 0.
	Document, Item int
}

// String is the place as compilers write it.
func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Before orders places by source, document and item.
func (p Place) Before(q Place) bool {
	switch {
	case p.Source != q.Source:
		return p.Source < q.Source
	case p.Document != q.Document:
		return p.Document < q.Document
	}
	return p.Item < q.Item
}

// Object is one object of a stream. Its JSON is valid, has no key twice, and must not be kept.
type Object struct {
	Place
	APIVersion, Kind string
	// Namespace and Name are as the object says them, or empty.
	Namespace, Name string
	JSON            []byte
}

// Error is what can't be read, and where.
type Error struct {
	Place
	Message string
}

// Error names file, line and document.
func (e *Error) Error() string {
	where := ""
	switch {
	case e.Item > 0:
		where = fmt.Sprintf("document %d, item %d: ", e.Document, e.Item)
	case e.Document > 0:
		where = fmt.Sprintf("document %d: ", e.Document)
	}
	if e.Line == 0 {
		return e.File + ": " + where + e.Message
	}
	return e.Place.String() + ": " + where + e.Message
}

// Reader says what to do with what is read. Its functions are called from several goroutines at once, each of which has a
// number below Workers.
type Reader struct {
	Workers int
	// Wants says, by the kind that a document seems to have, whether it is to be read at all; nil: all are. A document of
	// which nothing is known without reading it is read.
	Wants func(apiVersion, kind string) bool
	// Object takes an object, Other a document that has neither apiVersion nor kind, Failed what can't be read.
	Object func(worker int, o *Object)
	Other  func(worker int, p Place)
	Failed func(worker int, err *Error)
}

// Read reads sources one after another. The error is that of the context: everything else goes to Failed.
func (r *Reader) Read(ctx context.Context, sources []Source) error {
	batches := make(chan *batch, r.Workers)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		for i, source := range sources {
			if err := r.split(ctx, i, source, batches); err != nil {
				return err
			}
		}
		return nil
	})
	for worker := range r.Workers {
		group.Go(func() error {
			p := &parser{reader: r, worker: worker}
			for b := range batches {
				for i := range b.documents {
					p.document(&b.documents[i])
				}
				b.free()
			}
			return nil
		})
	}
	return group.Wait()
}

func (r *Reader) split(ctx context.Context, index int, source Source, batches chan<- *batch) error {
	place := Place{File: source.Name, Source: index}
	in, err := source.Open()
	if err != nil {
		r.Failed(0, &Error{place, unread(err)})
		return ctx.Err()
	}
	defer func() { _ = in.Close() }() // It was only read.
	s := &splitter{in: in, place: place, emit: func(b *batch) error {
		select {
		case batches <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	err = s.run()
	var failure *readError
	if errors.As(err, &failure) {
		place.Line = s.line
		r.Failed(0, &Error{place, unread(failure.error)})
		return nil
	}
	return err
}

// readError is one of the stream, which ends that stream alone.
type readError struct{ error }

// unread says why a stream can't be read, without its name, which stands before it anyway.
func unread(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return "can't be read: " + text
}
