// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// source is where logs come from: files, standard input, or a cluster.
type source struct {
	session *session
	files   []string
	scope   string
	// place is the namespace to read from, where that is known besides -n.
	place string
}

func newSource(s *session, c *cobra.Command) *source {
	from := &source{session: s}
	f := c.Flags()
	f.StringArrayVarP(&from.files, "filename", "f", nil, exportUsage)
	f.StringVar(&from.scope, "scope", "", "Read the logs of the ISMSScope with this name alone.")
	completeScope(c, s, &from.files)
	return from
}

// logs are those that the flags select: of one namespace with -n, else of all.
func (s *source) logs(c *cobra.Command) ([]isms.EvidenceLog, error) {
	logs, err := s.read(c)
	return slices.DeleteFunc(logs, func(l isms.EvidenceLog) bool { return !s.selects(ledger.KeyOf(&l).Scope) }), err
}

func (s *source) selects(scope ledger.Scope) bool {
	n := s.session.namespace()
	return (n == "" || n == scope.Namespace) && (s.scope == "" || s.scope == scope.Name)
}

func (s *source) read(c *cobra.Command) ([]isms.EvidenceLog, error) {
	if len(s.files) == 0 {
		return s.fromCluster(c.Context())
	}
	if s.session.connects(c) {
		return nil, usageError{errors.New("give either files or a cluster, not both")}
	}
	var logs []isms.EvidenceLog
	err := eachDocument(s.files, c.InOrStdin(), func(text []byte) error {
		more, err := ledger.Decode(text)
		logs = append(logs, more...)
		return err
	})
	return logs, err
}

// publishedKeys is the name of the ConfigMap in which the operator publishes its public keys, in the namespace of each scope.
const publishedKeys = "isms-operator-signing-keys"

// published are the public keys in the namespaces of logs; none where there are none, or they may not be read.
func (s *source) published(ctx context.Context, logs []isms.EvidenceLog) (ledger.Keys, error) {
	c, err := s.session.client()
	if err != nil {
		return nil, err
	}
	keys, seen := ledger.Keys{}, map[string]bool{}
	for i := range logs {
		namespace := logs[i].Namespace
		if seen[namespace] {
			continue
		}
		seen[namespace] = true
		var there corev1.ConfigMap
		err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: publishedKeys}, &there)
		if err != nil && !apierrors.IsForbidden(err) && !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("read the published keys: %w", err)
		}
		for name, text := range there.Data {
			if err := keys.Add([]byte(text)); err != nil {
				return nil, fmt.Errorf("ConfigMap %s/%s, %s: %w", namespace, publishedKeys, name, err)
			}
		}
	}
	return keys, nil
}

// signed says whether a checkpoint has a signature.
func signed(logs []isms.EvidenceLog) bool {
	for i := range logs {
		for _, e := range logs[i].Spec.Entries {
			if e.Checkpoint != nil && len(e.Checkpoint.Signatures) > 0 {
				return true
			}
		}
	}
	return false
}

func (s *source) fromCluster(ctx context.Context) ([]isms.EvidenceLog, error) {
	c, err := s.session.client()
	if err != nil {
		return nil, err
	}
	namespace := cmp.Or(s.place, s.session.namespace())
	var logs []isms.EvidenceLog
	for next := ""; ; {
		var page isms.EvidenceLogList
		if err := c.List(ctx, &page, client.InNamespace(namespace), client.Limit(20), client.Continue(next)); err != nil {
			return nil, refused(err, "evidencelogs", namespace)
		}
		logs = append(logs, page.Items...)
		if next = page.Continue; next == "" {
			return logs, nil
		}
	}
}
