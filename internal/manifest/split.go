// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// batch is a part of a stream with the documents that are whole in it.
type batch struct {
	data      []byte
	documents []document
}

var batches = sync.Pool{New: func() any { return &batch{data: make([]byte, 0, 2*batchSize)} }}

// free gives the memory of a batch back. What an unusually large document took is let go.
func (b *batch) free() {
	if cap(b.data) > 4*batchSize {
		return
	}
	b.data, b.documents = b.data[:0], b.documents[:0]
	batches.Put(b)
}

// document is the text of one document, or of one item of a List.
type document struct {
	Place
	text []byte
	// failure says why there is no text to read.
	failure string
	// list is what stands around the items of a List, which is no object itself.
	list bool
	json bool
}

// splitter cuts a stream into documents by its bytes.
type splitter struct {
	in    io.Reader
	emit  func(*batch) error
	place Place // of the document that is being cut; Line is not kept

	b      *batch
	start  int // of what is not cut yet, in the batch
	line   int // of that
	looked int // how much of it has no boundary
	eof    bool
	cut    func(s *splitter) bool // cuts one document, or part of a List, and says that it has
	items  *items                 // the List that is being cut
	// around is what stood before the items of a List that has been cut.
	around []byte
	inList bool
	// lost says that the document was too large, so that it is left out up to its end.
	lost bool
}

// run cuts the whole stream.
func (s *splitter) run() error {
	s.b, _ = batches.Get().(*batch)
	s.line = 1
	for !s.eof {
		if err := s.fill(); err != nil {
			return err
		}
		if s.cut == nil {
			s.begin()
		}
		for more := true; more; { // until nothing more is whole
			more = s.cut(s)
		}
		if err := s.ship(); err != nil {
			return err
		}
	}
	return nil
}

// fill reads more. A buffer that is full without a whole document grows.
func (s *splitter) fill() error {
	if len(s.b.data) > cap(s.b.data)-batchSize/2 {
		s.b.data = slices.Grow(s.b.data, max(cap(s.b.data), batchSize))
	}
	for len(s.b.data) < cap(s.b.data) {
		n, err := s.in.Read(s.b.data[len(s.b.data):cap(s.b.data)])
		s.b.data = s.b.data[:len(s.b.data)+n]
		switch {
		case errors.Is(err, io.EOF):
			s.eof = true
			return nil
		case err != nil:
			return &readError{err}
		}
	}
	return nil
}

// begin finds out how the stream is written.
func (s *splitter) begin() {
	s.cut = (*splitter).cutYAML
	data := s.rest()
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		s.start += 3
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		s.cut = func(*splitter) bool { return false }
		s.fail("is not UTF-8 but UTF-16: save it as UTF-8")
		s.eof = true
		return
	}
	data = bytes.TrimLeft(s.rest(), " \t\r\n")
	switch {
	case len(data) > 0 && data[0] == '{':
		s.cut = (*splitter).cutJSON
	case separates(s.rest()):
		s.advance(3)
	}
}

// ship hands on what is whole, and begins a new batch with the rest.
func (s *splitter) ship() error {
	if len(s.b.documents) == 0 {
		if s.start > 0 {
			s.b.data = append(s.b.data[:0], s.b.data[s.start:]...)
			s.start = 0
		}
		if len(s.b.data) >= MaxDocument && !s.eof {
			s.giveUp()
		}
		if !s.eof || len(s.b.documents) == 0 {
			return nil
		}
	}
	full := s.b
	s.b, _ = batches.Get().(*batch)
	s.b.data = append(s.b.data, full.data[s.start:]...)
	s.start = 0
	return s.emit(full)
}

func (s *splitter) rest() []byte { return s.b.data[s.start:] }

// advance leaves n bytes behind.
func (s *splitter) advance(n int) {
	s.line += bytes.Count(s.rest()[:n], []byte{'\n'})
	s.start += n
	s.looked = 0
}

// fail reports what can't be cut.
func (s *splitter) fail(format string, args ...any) {
	d := document{Place: s.place, failure: fmt.Sprintf(format, args...)}
	d.Line = s.line
	s.b.documents = append(s.b.documents, d)
}

// giveUp leaves out a document that is too large.
func (s *splitter) giveUp() {
	if !s.lost {
		if !s.inList {
			s.place.Document++
		}
		s.fail("is larger than %d MiB, more than an API server accepts", MaxDocument>>20)
	}
	s.lost, s.items, s.inList, s.around = true, nil, false, nil
	s.advance(len(s.rest()) - len("\n---"))
}

// separates says that a line which begins here is a marker between documents.
func separates(line []byte) bool {
	if len(line) < 3 || string(line[:3]) != "---" && string(line[:3]) != "..." {
		return false
	}
	return len(line) == 3 || line[3] == '\n' || line[3] == ' ' || line[3] == '\r' || line[3] == '\t'
}

// boundary is where the document ends: at the line break before a marker. It is -1 where that is not there yet.
func (s *splitter) boundary(data []byte) int {
	for at := max(s.looked-4, 0); ; {
		i := bytes.Index(data[at:], []byte("\n---"))
		before := data[at:]
		if i >= 0 {
			before = before[:i]
		}
		if j := bytes.Index(before, []byte("\n...")); j >= 0 {
			i = j
		}
		switch {
		case i < 0, at+i+4 == len(data) && !s.eof:
			s.looked = len(data) - min(len(data), 4)
			return -1
		case separates(data[at+i+1:]):
			return at + i
		}
		at += i + 4
	}
}

// cutYAML cuts one document off, or one item of a List.
func (s *splitter) cutYAML() bool {
	if s.items != nil {
		return s.cutItem()
	}
	data := s.rest()
	if len(data) == 0 && (!s.eof || !s.inList) {
		return false
	}
	end := s.boundary(data)
	switch {
	case s.inList && separates(data): // the items have ended with the line break before it
		s.whole(nil)
		s.advance(3)
	case end >= 0:
		s.whole(data[:end+1])
		s.advance(end + 4)
	case s.eof:
		s.whole(data)
		s.advance(len(data))
	case !s.inList && !s.lost && len(data) >= batchSize && s.beginItems(data):
	default:
		return false
	}
	return true
}

// whole takes a document that has been cut, or what follows the items of a List.
func (s *splitter) whole(text []byte) {
	line := s.line
	if s.lost {
		s.lost = false
		return
	}
	if s.inList {
		s.listEnds(text)
		return
	}
	skipped := blank(text)
	if skipped == len(text) {
		return
	}
	line += bytes.Count(text[:skipped], []byte{'\n'})
	s.place.Document++
	if before, _, depth := itemsOf(text); before >= 0 && listKind(text) {
		s.allItems(text, before, depth)
		return
	}
	s.add(text[skipped:], line)
}

func (s *splitter) add(text []byte, line int) {
	d := document{Place: s.place, text: text}
	d.Line = line
	s.b.documents = append(s.b.documents, d)
}

// blank is the length of the empty lines and comments that a document begins with. One that has nothing but these and
// directives is blank as a whole.
func blank(text []byte) int {
	directives := false
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n') + at + 1
		if end == at {
			end = len(text)
		}
		switch line := bytes.TrimLeft(text[at:end], " \t\r\n"); {
		case len(line) == 0, line[0] == '#':
		case text[at] == '%':
			directives = true
		case directives:
			return 0
		default:
			return at
		}
		at = end
	}
	return len(text)
}
