// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Decode reads the EvidenceLogs of an export in JSON: one object, or a list such as `kubectl get -o json` prints. Objects
// of other kinds are passed over. An EvidenceLog whose spec holds anything that the API does not know, or writes a value
// in another form, is an error: what is shown and what is verified must be the same.
func Decode(text []byte) ([]isms.EvidenceLog, error) {
	var object struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
		Metadata   struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec json.RawMessage `json:"spec"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("read an export: %w", err)
	}
	if object.Items != nil {
		var logs []isms.EvidenceLog
		for _, item := range object.Items {
			more, err := Decode(item)
			if err != nil {
				return nil, err
			}
			logs = append(logs, more...)
		}
		return logs, nil
	}
	if object.Kind != "EvidenceLog" || object.APIVersion != isms.GroupVersion.String() {
		return nil, nil
	}
	var log isms.EvidenceLog
	if err := json.Unmarshal(text, &log); err != nil {
		return nil, fmt.Errorf("EvidenceLog %s: %w", object.Metadata.Name, err)
	}
	if err := sameForm(object.Spec, log.Spec); err != nil {
		return nil, fmt.Errorf("EvidenceLog %s: %s: %w", object.Metadata.Name, Malformed, err)
	}
	return []isms.EvidenceLog{log}, nil
}

func sameForm(text []byte, spec isms.EvidenceLogSpec) error {
	raw, err := recanonical(text)
	if err != nil {
		return err
	}
	typed, err := canonical(spec)
	if err != nil {
		return err
	}
	if !bytes.Equal(raw, typed) {
		at := 0
		for at < min(len(raw), len(typed)) && raw[at] == typed[at] {
			at++
		}
		return fmt.Errorf("the spec holds what the API does not, or in another form: ...%s", raw[max(0, at-20):min(len(raw), at+20)])
	}
	return nil
}
