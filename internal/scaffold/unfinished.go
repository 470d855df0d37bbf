// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/conditions"
)

// Unfinished says, in a sentence each, which documents of a directory are approved while their text still has blanks: the
// approval is of what nobody has written yet. Files are those that are there, by path; what is no Document is passed over.
func Unfinished(have Files) []string {
	var found []string
	for _, file := range slices.Sorted(maps.Keys(have)) {
		var d isms.Document
		if path.Dir(file) != "documents" || !strings.HasSuffix(file, ".yaml") || yaml.Unmarshal(have[file], &d) != nil {
			continue
		}
		ref := d.Spec.Source.ConfigMapKeyRef
		if d.Kind != "Document" || d.Spec.Approval == nil || ref == nil {
			continue
		}
		text := path.Join("documents", ref.Key)
		if n := bytes.Count(have[text], []byte(isms.BlankMark)); n > 0 {
			found = append(found, fmt.Sprintf("%s records an approval, but %s still has %s to fill", file, text, conditions.Count(n, "blank")))
		}
	}
	return found
}
