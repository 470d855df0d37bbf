// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// logDwell is how soon the demo's operator writes a change into the evidence log after another one. By default that is a
// minute; within it, drift and repair would be one entry that sums them up.
const logDwell = time.Second

// showLog prints what the evidence log holds of a control that drifted, and verifies all of it with the plugin.
func (s *stage) showLog(ctx context.Context) error {
	log, err := s.awaitLog(ctx, "a.8.22")
	if err != nil {
		return err
	}
	s.sayf("\nThe evidence log holds what happened, in entries that are chained by their digests and that nobody but the operator may write.")
	s.sayf("%s (here each change is written after %s of quiet; by default it is a minute):\n", log.Name, logDwell)
	for i := range log.Spec.Entries {
		if e := &log.Spec.Entries[i]; e.Type == isms.LogEvidenceChanged {
			s.sayf("  %s", describe(e))
		}
	}
	binary := filepath.Join(s.dir, "kubectl-isms")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, "./cmd/kubectl-isms")
	build.Dir = s.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	out, err := exec.CommandContext(ctx, binary, "verify", "-n", samplesNamespace, "--kubeconfig", s.kubectl.kubeconfig).CombinedOutput()
	s.sayf("\n$ kubectl isms verify -n %s\n%s", samplesNamespace, strings.TrimRight(string(out), "\n"))
	if err != nil {
		return fmt.Errorf("the evidence log does not verify: %w", err)
	}
	return nil
}

// awaitLog waits until the log of a control has the drift and the repair.
func (s *stage) awaitLog(ctx context.Context, id string) (*isms.EvidenceLog, error) {
	log := &isms.EvidenceLog{}
	key := client.ObjectKey{Namespace: samplesNamespace, Name: sampleScope + "." + id + ".1"}
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, driftLimit, true, func(ctx context.Context) (bool, error) {
		if err := s.cluster.Get(ctx, key, log); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		last := map[string][]isms.EvidenceResult{}
		for _, e := range log.Spec.Entries {
			if e.Type == isms.LogEvidenceChanged {
				last[e.Item] = append(last[e.Item], e.Result)
			}
		}
		for _, results := range last {
			if n := len(results); n > 2 && results[n-2] == isms.EvidenceFail && results[n-1] == isms.EvidencePass {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the evidence log of %s has not got the drift and the repair: %w", id, err)
	}
	return log, nil
}

// describe writes an entry as a line.
func describe(e *isms.LogEntry) string {
	line := fmt.Sprintf("%3d  %s  %-22s %-5s %s", e.Sequence, e.ObservedTime.UTC().Format(time.RFC3339), e.Item, e.Result, e.Reason)
	for _, f := range e.Failures {
		line += " " + strings.Trim(f.Namespace+"/"+f.Name, "/")
	}
	return line
}
