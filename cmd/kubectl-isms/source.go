// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// source is where logs come from: a file, standard input, or a cluster.
type source struct {
	file                           string
	kubeconfig, context, namespace string
	scope                          string
}

func (s *source) bind(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&s.file, "filename", "f", "", "Export with the EvidenceLogs, YAML or JSON; - is standard input. Default: the cluster.")
	f.StringVar(&s.kubeconfig, "kubeconfig", "", "Kubeconfig of the cluster; by default as kubectl finds it.")
	f.StringVar(&s.context, "context", "", "Context of the kubeconfig.")
	f.StringVarP(&s.namespace, "namespace", "n", "", "Read this namespace alone; by default all.")
	f.StringVar(&s.scope, "scope", "", "Read the logs of the ISMSScope with this name alone.")
}

// logs are those that the flags select.
func (s *source) logs(c *cobra.Command) ([]isms.EvidenceLog, error) {
	logs, err := s.read(c)
	return slices.DeleteFunc(logs, func(l isms.EvidenceLog) bool { return !s.selects(ledger.KeyOf(&l).Scope) }), err
}

func (s *source) selects(scope ledger.Scope) bool {
	return (s.namespace == "" || s.namespace == scope.Namespace) && (s.scope == "" || s.scope == scope.Name)
}

func (s *source) read(c *cobra.Command) ([]isms.EvidenceLog, error) {
	switch s.file {
	case "":
		return s.fromCluster(c.Context())
	case "-":
		return fromExport(c.InOrStdin())
	}
	if s.kubeconfig != "" || s.context != "" {
		return nil, usageError{errors.New("give either a file or a cluster, not both")}
	}
	file, err := os.Open(s.file)
	if err != nil {
		return nil, fmt.Errorf("read the logs: %w", err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	return fromExport(file)
}

// fromExport reads documents of YAML, of which JSON is a part.
func fromExport(in io.Reader) ([]isms.EvidenceLog, error) {
	var logs []isms.EvidenceLog
	for reader := utilyaml.NewYAMLReader(bufio.NewReader(in)); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return logs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the logs: %w", err)
		}
		more, err := fromDocument(document)
		if err != nil {
			return nil, err
		}
		logs = append(logs, more...)
	}
}

func fromDocument(text []byte) ([]isms.EvidenceLog, error) {
	if !json.Valid(text) {
		var err error
		if text, err = yaml.YAMLToJSONStrict(text); err != nil {
			return nil, fmt.Errorf("read the logs: %w", err)
		}
	}
	if string(text) == "null" {
		return nil, nil
	}
	return ledger.Decode(text)
}

func (s *source) fromCluster(ctx context.Context) ([]isms.EvidenceLog, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = s.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: s.context}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := isms.AddToScheme(scheme); err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	var logs []isms.EvidenceLog
	for next := ""; ; {
		var page isms.EvidenceLogList
		if err := c.List(ctx, &page, client.InNamespace(s.namespace), client.Limit(20), client.Continue(next)); err != nil {
			return nil, fmt.Errorf("list the logs: %w", err)
		}
		logs = append(logs, page.Items...)
		if next = page.Continue; next == "" {
			return logs, nil
		}
	}
}
