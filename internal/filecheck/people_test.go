// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const policyControl = `apiVersion: isms-operator.io/v1alpha1
kind: Control
metadata: {name: c-1, namespace: isms}
spec:
  scopeRef: {name: scope}
  source: Other
  sourceName: House rules
  title: A rule
  id: C.1
  owner: {name: Team}
  applicability: {decision: Applicable, reasons: [BestPractice], justification: Because.}
  implementation: {state: Implemented, description: Done.}
  evidence:
  - {name: policy, strength: Substantial, document: {type: HousePolicy}}
---
apiVersion: v1
kind: Namespace
metadata: {name: isms}
---
`

// policy is a Document about a text, and the ConfigMap that holds one.
func policy(approved, there string) string {
	return fmt.Sprintf(`apiVersion: isms-operator.io/v1alpha1
kind: Document
metadata: {name: house, namespace: isms}
spec:
  scopeRef: {name: scope}
  type: HousePolicy
  title: House policy
  version: "1"
  owner: {name: Team}
  source: {configMapKeyRef: {name: texts, key: house.md}}
  approval:
    version: "1"
    digest: %s
    approvedBy: {name: A, email: a@example.com}
    approvedOn: "2026-11-01"
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts, namespace: isms}
data: {house.md: %q}
---
`, contentOf([]byte(approved)).digest, there)
}

// TestDocumentsAmongTheFiles: a text is held against its approval, and one that was approved with blanks in it is named,
// for the approval says nothing of what it does not say yet.
func TestDocumentsAmongTheFiles(t *testing.T) {
	const finished, unfinished = "# House\n\nLock the door.", "# House\n\n[FILL: who] locks the door at [FILL: when].\n"
	passes := []string{"C.1 Effective True Satisfied", "  policy Pass Approved: Document house, version 1."}
	tests := map[string]struct {
		options         Options
		approved, there string
		want            []string
	}{
		"finished":                 {approved: finished, there: finished, want: passes},
		"with blanks":              {approved: unfinished, there: unfinished, want: append(passes[:2:2], "Document house was approved with 2 blanks in its text ([FILL: ...]): fill them, and have it approved anew.")},
		"filled after that":        {approved: unfinished, there: finished, want: []string{"C.1 Ineffective False ChangedSinceApproval", "  policy Fail ChangedSinceApproval: Document house: The content is not the one that was approved: the digests differ."}},
		"people's left out":        {options: Options{ObjectsOnly: true}, approved: unfinished, there: unfinished},
		"a text that is no longer": {approved: finished, there: "", want: []string{"C.1 Ineffective False ChangedSinceApproval", "  policy Fail ChangedSinceApproval: Document house: The content is not the one that was approved: the digests differ."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, said(run(t, tt.options, frame+policyControl, policy(tt.approved, tt.there)))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
