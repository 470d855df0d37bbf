// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const exportUsage = "Read an export instead of the cluster (kubectl get isms -n NAMESPACE -o yaml): a file, a directory, " +
	"or - for standard input; may be repeated."

var exportNames = []string{".yaml", ".yml", ".json"}

// eachDocument hands on each document of the files as JSON, in order: of a directory those of all files below it whose
// names end like YAML or JSON, of "-" those of standard input. A path that is given twice is read once: completion parses
// flags twice.
func eachDocument(paths []string, in io.Reader, take func(text []byte) error) error {
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			continue
		}
		if path == "-" {
			if err := documentsOf(in, "standard input", take); err != nil {
				return err
			}
			continue
		}
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("read an export: %w", err)
			case entry.IsDir() || name != path && !slices.Contains(exportNames, filepath.Ext(name)):
				return nil
			}
			return documentsOfFile(name, take)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func documentsOfFile(name string, take func(text []byte) error) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read an export: %w", err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	return documentsOf(file, name, take)
}

func documentsOf(in io.Reader, name string, take func(text []byte) error) error {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(in))
	for number := 1; ; number++ {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = document(text, take)
		}
		if err != nil {
			return fmt.Errorf("%s, document %d: %w", name, number, err)
		}
	}
}

// document hands on one document of YAML, of which JSON is a part; an empty one is passed over.
func document(text []byte, take func(text []byte) error) error {
	if !json.Valid(text) {
		var err error
		if text, err = yaml.YAMLToJSONStrict(text); err != nil {
			return err
		}
	}
	switch text = bytes.TrimSpace(text); {
	case string(text) == "null":
		return nil
	case text[0] != '{':
		return errors.New("is no object but a list or a single value")
	}
	return take(text)
}

// readExport reads the objects of the ISMS from files; those of other kinds are passed over.
func readExport(paths []string, in io.Reader) (*objects, error) {
	o := &objects{}
	return o, eachDocument(paths, in, o.add)
}

// add takes one object, or those of a list such as `kubectl get -o json` prints.
func (o *objects) add(text []byte) error {
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Items           []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	for _, item := range head.Items {
		if err := o.add(item); err != nil {
			return err
		}
	}
	if head.APIVersion != isms.GroupVersion.String() || head.Items != nil {
		return nil
	}
	switch head.Kind {
	case "ISMSScope":
		return add(&o.scopes.Items, text)
	case "AuditCycle":
		return add(&o.cycles.Items, text)
	case "Control":
		return add(&o.controls.Items, text)
	case "Risk":
		return add(&o.risks.Items, text)
	case "Document":
		return add(&o.documents.Items, text)
	case "Attestation":
		return add(&o.attestations.Items, text)
	case "RegisterEntry":
		return add(&o.entries.Items, text)
	case "Finding":
		return add(&o.findings.Items, text)
	}
	return nil
}

func add[T any](list *[]T, text []byte) error {
	var object T
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	*list = append(*list, object)
	return nil
}
