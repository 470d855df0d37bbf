// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/manifest"
)

// contents are the digests of what Documents have in ConfigMaps.
type contents struct {
	wanted map[types.NamespacedName]bool

	mu     sync.Mutex
	byName map[types.NamespacedName]map[string]isms.Digest // by key
}

func newContents(g *gathering) *contents {
	c := &contents{wanted: map[types.NamespacedName]bool{}, byName: map[types.NamespacedName]map[string]isms.Digest{}}
	for _, d := range g.documents {
		if ref := d.object.Spec.Source.ConfigMapKeyRef; ref != nil {
			c.wanted[types.NamespacedName{Namespace: d.object.Namespace, Name: string(ref.Name)}] = true
		}
	}
	return c
}

// take reads a ConfigMap that a Document rests on. Nothing of it is kept but digests.
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
	digests := map[string]isms.Digest{}
	for k, v := range m.BinaryData {
		digests[k] = digestOf(v)
	}
	for k, v := range m.Data {
		digests[k] = digestOf([]byte(v))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byName[key] = digests
}

func digestOf(content []byte) isms.Digest {
	sum := sha256.Sum256(content)
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}

func (c *contents) digest(namespace string, ref *isms.ConfigMapKeyRef) (digest isms.Digest, unreadable string) {
	if ref == nil {
		return "", ""
	}
	digests, ok := c.byName[types.NamespacedName{Namespace: namespace, Name: string(ref.Name)}]
	if !ok {
		return "", "The ConfigMap " + string(ref.Name) + " is not among the files."
	}
	if digests[ref.Key] == "" {
		return "", "The ConfigMap " + string(ref.Name) + " has no key " + ref.Key + "."
	}
	return digests[ref.Key], ""
}

// people is the evidence of people in one namespace, assessed as the operator would.
type people struct {
	documents    []isms.Document
	attestations []isms.Attestation
	findings     []isms.Finding
}

func (e *evaluation) people(namespace string) people {
	p := people{
		documents:    within(e.found.documents, namespace, func(d *isms.Document) string { return d.Namespace }),
		attestations: within(e.found.attestations, namespace, func(a *isms.Attestation) string { return a.Namespace }),
		findings:     within(e.found.findings, namespace, func(f *isms.Finding) string { return f.Namespace }),
	}
	for i := range p.documents {
		d := &p.documents[i]
		digest, unreadable := e.sources.digest(namespace, d.Spec.Source.ConfigMapKeyRef)
		d.Status = assess.Document(assess.DocumentInput{
			Document: d, Scope: e.spec(namespace, d.Spec.ScopeRef), Digest: digest, Unreadable: unreadable,
			Attestations: p.attestations, Findings: p.findings, Now: e.options.Now,
		}).Status
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
