// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package export writes registers and answers as text: tables for a terminal, CSV, JSON and YAML. It is pure: the same
// content gives the same bytes.
package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/internal/register"
)

// JSON writes any value as indented JSON, with a line feed at its end.
func JSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// YAML writes any value as YAML; the keys of its objects are sorted.
func YAML(w io.Writer, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("write YAML: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// Records are the rows of a table as a JSON array of objects, the keys in the order of the columns: a column "Review due"
// is reviewDue. Text is a string, a list an array of strings, a number a number, or null where its cell is empty.
type Records register.Table

// MarshalJSON implements json.Marshaler.
func (r Records) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, row := range r.Rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('{')
		for j, cell := range row {
			if j > 0 {
				out.WriteByte(',')
			}
			value, err := encode(valueOf(r.Columns[j].Kind, cell))
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&out, "%q:%s", Key(r.Columns[j].Name), value)
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(out.Bytes()), err
}

func valueOf(kind register.Kind, cell string) any {
	switch kind {
	case register.List:
		if cell == "" {
			return []string{}
		}
		return strings.Split(cell, ", ")
	case register.Number:
		if n, err := strconv.ParseInt(cell, 10, 64); err == nil {
			return n
		}
		return nil
	case register.Text, register.Prose, register.Date, register.State:
	}
	return cell
}

// Key is the name of a column as a key of JSON, in camel case: "Effort (days)" is effortDays, "ID" is id.
func Key(column string) string {
	words := strings.FieldsFunc(column, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToLower(word)
		if i > 0 {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}
