// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// contents are what is kept of the texts that Documents have in ConfigMaps.
type contents struct {
	wanted map[types.NamespacedName]bool

	mu     sync.Mutex
	byName map[types.NamespacedName]map[string]content // by key
}

// content is the digest of a text, and how many blanks it has that somebody still has to fill.
type content struct {
	digest isms.Digest
	blanks int
}

func contentOf(text []byte) content {
	sum := sha256.Sum256(text)
	return content{isms.Digest("sha256:" + hex.EncodeToString(sum[:])), bytes.Count(text, []byte(isms.BlankMark))}
}

func newContents(g *gathering) *contents {
	c := &contents{wanted: map[types.NamespacedName]bool{}, byName: map[types.NamespacedName]map[string]content{}}
	for _, d := range g.documents {
		if ref := d.object.Spec.Source.ConfigMapKeyRef; ref != nil {
			c.wanted[types.NamespacedName{Namespace: d.object.Namespace, Name: string(ref.Name)}] = true
		}
	}
	return c
}

// take reads a ConfigMap that a Document rests on. Nothing of it is kept but digests and counts.
func (c *contents) take(o *manifest.Object) {
	key := types.NamespacedName{Namespace: o.Namespace, Name: o.Name}
	if o.APIVersion != "v1" || o.Kind != "ConfigMap" || !c.wanted[key] {
		return
	}
	var m struct {
		Data       map[string]string `json:"data"`
		BinaryData map[string][]byte `json:"binaryData"`
	}
	if json.Unmarshal(o.JSON, &m) != nil {
		return // the Document says that there is none
	}
	texts := map[string]content{}
	for k, v := range m.BinaryData {
		texts[k] = contentOf(v)
	}
	for k, v := range m.Data {
		texts[k] = contentOf([]byte(v))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byName[key] = texts
}

// of is the content that a Document has in a ConfigMap, or why it can't be read.
func (c *contents) of(namespace string, ref *isms.ConfigMapKeyRef) (found content, unreadable string) {
	if ref == nil {
		return content{}, ""
	}
	texts, ok := c.byName[types.NamespacedName{Namespace: namespace, Name: string(ref.Name)}]
	if !ok {
		return content{}, "The ConfigMap " + string(ref.Name) + " is not among the files."
	}
	if found, ok = texts[ref.Key]; !ok {
		return content{}, "The ConfigMap " + string(ref.Name) + " has no key " + ref.Key + "."
	}
	return found, ""
}

// people is the evidence of people in one namespace, assessed as the operator would.
type people struct {
	documents    []isms.Document
	attestations []isms.Attestation
	findings     []isms.Finding
	// notes are on texts that were approved and are not finished.
	notes []string
}

func (e *evaluation) people(namespace string) people {
	p := people{
		documents:    within(e.found.documents, namespace, func(d *isms.Document) string { return d.Namespace }),
		attestations: within(e.found.attestations, namespace, func(a *isms.Attestation) string { return a.Namespace }),
		findings:     within(e.found.findings, namespace, func(f *isms.Finding) string { return f.Namespace }),
	}
	for i := range p.documents {
		d := &p.documents[i]
		text, unreadable := e.sources.of(namespace, d.Spec.Source.ConfigMapKeyRef)
		d.Status = assess.Document(assess.DocumentInput{
			Document: d, Scope: e.spec(namespace, d.Spec.ScopeRef), Digest: text.digest, Unreadable: unreadable,
			Attestations: p.attestations, Findings: p.findings, Now: e.options.Now,
		}).Status
		if text.blanks > 0 && conditions.IsTrue(d.Status.Conditions, isms.ConditionApproved) {
			p.notes = append(p.notes, fmt.Sprintf("Document %s was approved with %s in its text (%s ...]): fill them, and have it approved anew.",
				d.Name, conditions.Count(text.blanks, "blank"), isms.BlankMark))
		}
	}
	return p
}

// spec is the ISMSScope that a reference names, or nil.
func (e *evaluation) spec(namespace string, ref isms.LocalRef) *isms.ISMSScope {
	if s := e.scopes[types.NamespacedName{Namespace: namespace, Name: string(ref.Name)}]; s != nil {
		return s.spec
	}
	return nil
}
