// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// source is where logs come from: files, standard input, or a cluster.
type source struct {
	session *session
	files   []string
	scope   string
}

func newSource(s *session, c *cobra.Command) *source {
	from := &source{session: s}
	f := c.Flags()
	f.StringArrayVarP(&from.files, "filename", "f", nil, exportUsage)
	f.StringVar(&from.scope, "scope", "", "Read the logs of the ISMSScope with this name alone.")
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

func (s *source) fromCluster(ctx context.Context) ([]isms.EvidenceLog, error) {
	c, err := s.session.client()
	if err != nil {
		return nil, err
	}
	namespace := s.session.namespace()
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
