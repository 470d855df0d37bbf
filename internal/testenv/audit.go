// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// WithAudit has the API server note what a service account asks of it, without what is in the objects.
func WithAudit(namespace, name string) Option {
	return func(o *options) {
		o.audited = append(o.audited, fmt.Sprintf("system:serviceaccount:%s:%s", namespace, name))
	}
}

func (e *Env) auditFile() string { return filepath.Join(e.work, "audit.log") }

// configureAudit writes the policy, and each request into a file before it is answered.
func (e *Env) configureAudit(apiServer *envtest.APIServer) error {
	if len(e.options.audited) == 0 {
		return nil
	}
	policy := map[string]any{
		"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
		"omitStages": []string{"RequestReceived"},
		"rules":      []any{map[string]any{"level": "Metadata", "users": e.options.audited}},
	}
	text, err := json.Marshal(policy)
	if err != nil {
		return fmt.Errorf("audit policy: %w", err)
	}
	file := filepath.Join(e.work, "audit-policy.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("audit policy: %w", err)
	}
	apiServer.Configure().
		Set("audit-policy-file", file).Set("audit-log-path", e.auditFile()).Set("audit-log-mode", "blocking")
	return nil
}

// Audit returns what was noted so far, in the order of the answers. A watch is noted when it begins and when it ends.
func (e *Env) Audit() ([]auditv1.Event, error) {
	text, err := os.ReadFile(e.auditFile())
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	// The last line may be being written.
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	var out []auditv1.Event
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event auditv1.Event
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("audit log: %w", err)
		}
		out = append(out, event)
	}
	return out, lines.Err()
}
