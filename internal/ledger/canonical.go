// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// maxSafeInteger is the largest integer that every reader of JSON holds exactly (RFC 8785, appendix D; RFC 7493).
const maxSafeInteger = 1<<53 - 1

// canonical is the value as JSON in the canonical form of RFC 8785 (JCS). It knows what entries are made of: objects,
// lists, strings and integers. Everything else is an error, so that no two writers can differ over it: there are no
// fractions, no null, and no truth values in an entry.
//
// The keys of all objects are ASCII, for which the order by bytes is that of RFC 8785.
func canonical(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("canonical form: %w", err)
	}
	return recanonical(text)
}

// Text is the canonical form of a value, RFC 8785 JSON, and its SHA-256: what a digest of criteria or of a record is over.
// It is an error if the value holds a fraction, a truth value, a null, or text that is not UTF-8.
func Text(value any) (string, isms.Digest, error) {
	text, err := canonical(value)
	if err != nil {
		return "", "", err
	}
	return string(text), digest(text), nil
}

// recanonical is the canonical form of JSON text.
func recanonical(text []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("canonical form: %w", err)
	}
	var out bytes.Buffer
	if err := write(&out, tree); err != nil {
		return nil, fmt.Errorf("canonical form: %w", err)
	}
	return out.Bytes(), nil
}

func write(out *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case map[string]any:
		return writeObject(out, value)
	case []any:
		return writeList(out, value)
	case string:
		return writeString(out, value)
	case json.Number:
		return writeInteger(out, value)
	default:
		return fmt.Errorf("%v is neither an object, a list, a string nor an integer", value)
	}
}

func writeObject(out *bytes.Buffer, object map[string]any) error {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			out.WriteByte(',')
		}
		if strings.ContainsFunc(key, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return fmt.Errorf("the key %q is not ASCII", key)
		}
		if err := writeString(out, key); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := write(out, object[key]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeList(out *bytes.Buffer, list []any) error {
	out.WriteByte('[')
	for i, item := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

// short are the characters that RFC 8785 writes with a letter.
var short = map[byte]byte{'"': '"', '\\': '\\', '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}

func writeString(out *bytes.Buffer, text string) error {
	if !utf8.ValidString(text) {
		return errors.New("a string is not UTF-8")
	}
	out.WriteByte('"')
	for i := range len(text) {
		c := text[i]
		if letter, ok := short[c]; ok {
			out.WriteByte('\\')
			out.WriteByte(letter)
		} else if c < ' ' {
			fmt.Fprintf(out, `\u%04x`, c)
		} else {
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return nil
}

func writeInteger(out *bytes.Buffer, number json.Number) error {
	value, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || strconv.FormatInt(value, 10) != number.String() || value > maxSafeInteger || value < -maxSafeInteger {
		return fmt.Errorf("%s is no integer of at most 53 bits, in digits alone", number)
	}
	out.WriteString(number.String())
	return nil
}
