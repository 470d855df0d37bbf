// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"path"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// The version of a text that nobody has approved.
const firstVersion = "0.1"

const textHead = `Fill the blanks of %[1]s, then have it approved by the one who may: with the digest that
"sha256sum documents/%[1]s" prints as sha256:..., the operator holds the text against the approval.
  approval:
    version: "1.0"
    digest: sha256:...
    approvedBy: {name: who, email: address}
    approvedOn: "YYYY-MM-DD"`

const computedHead = `The operator computes it from the Controls. Approve it with the digest of the scope's status:
docs/registers.md of isms-operator.`

// documents writes a Document for each of the starter's, beside its text. A kustomization makes a ConfigMap of each text,
// which the operator reads and compares with the approval: the text that was approved is the one in Git.
func (r *rendering) documents() error {
	for _, d := range starter.Documents() {
		document := &isms.Document{
			TypeMeta:   metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: "Document"},
			ObjectMeta: metav1.ObjectMeta{Name: string(d.Name), Namespace: string(r.in.Answers.Namespace)},
			Spec: isms.DocumentSpec{
				ScopeRef: isms.LocalRef{Name: r.in.Answers.Scope}, Type: d.Type, Clauses: d.Clauses, Title: d.Title, Version: firstVersion,
				Owner: r.in.person(d.Owner), Classification: d.Classification, ReviewIntervalDays: 365,
			},
		}
		head := computedHead
		if d.Computed != "" {
			document.Spec.Source.Computed = d.Computed
		} else {
			text := d.Text + ".md"
			head = fmt.Sprintf(textHead, text)
			document.Spec.Source.ConfigMapKeyRef = &isms.ConfigMapKeyRef{Name: isms.ObjectName(configMap(d.Text)), Key: text}
		}
		if err := r.manifest(path.Join("documents", string(d.Name)+".yaml"), document, head, nil); err != nil {
			return err
		}
	}
	return r.texts()
}

// configMap is the name of the ConfigMap that holds a text.
func configMap(text string) string { return "isms-" + text }

func (r *rendering) texts() error {
	values := starter.TextValues{
		Organization: string(r.in.Answers.Organization), Statement: string(r.in.statement()),
		Scope: string(r.in.Answers.Scope), Namespace: string(r.in.Answers.Namespace),
	}
	var generated strings.Builder
	fmt.Fprintf(&generated, "namespace: %s\ngeneratorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator:\n", r.in.Answers.Namespace)
	for _, name := range starter.Texts() {
		text, err := starter.Text(name, values)
		if err != nil {
			return err
		}
		r.files[path.Join("documents", name+".md")] = text
		fmt.Fprintf(&generated, "- {name: %s, files: [%s.md]}\n", configMap(name), name)
	}
	r.kustomization("documents", generated.String())
	return nil
}
