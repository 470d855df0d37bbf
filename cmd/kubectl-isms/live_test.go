// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/explain"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// liveVariable is set where the demo runs the tests: there is an operator, and a drift.
const liveVariable = "ISMS_LIVE_TEST"

// TestDemo runs the demo, which runs TestLive while its drift lasts.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "live")
	text := fmt.Sprintf("#!/bin/sh\ncd %q && exec %q -test.run='^TestLive$' -test.timeout=5m\n", workingDirectory(t), self)
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	demo, root := filepath.Join(t.TempDir(), "demo"), filepath.Join("..", "..")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", demo, "./hack/demo")
	build.Dir = root
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	command := exec.CommandContext(t.Context(), demo, "-exec", program)
	command.Dir, command.Env = root, append(os.Environ(), liveVariable+"=1")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // It stops what it has started.
	command.WaitDelay = time.Minute
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Fatalf("the demo: %v\n%s", err, out.String())
	}
}

func workingDirectory(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestLive asks the plugin about a cluster in which an operator runs and two controls fail.
func TestLive(t *testing.T) {
	if os.Getenv(liveVariable) == "" {
		t.Skip("the demo runs it")
	}
	want(t, 0, []string{"Acme GmbH, scope isms/acme-platform", "87 of 89 satisfied", "ControlsSatisfied"}, "status")
	want(t, 1, []string{"not ready: Blocked"}, "status", "--exit-code", "-n", "isms")
	want(t, 0, []string{"A.8.12 ", "A.8.22 ", "ObjectsFailed"}, "gaps")
	want(t, 0, []string{"pod-network", "High"}, "risks")
	want(t, 0, []string{"RiskAssessment "}, "plan")
	want(t, 0, []string{"Stage2 audit stage-2"}, "calendar")
	want(t, 0, []string{"ia-2026-02"}, "findings", "--open")
	want(t, 0, []string{"# Stage 2 audit", "A.8.22"}, "prepare", "stage2")
	want(t, 0, []string{
		"Fail, ObjectsFailed: with your rights", "payments has no object that satisfies the expression",
		"payments/default-deny does not hold: size(object.spec.?ingress.orValue([])) == 0",
	}, "explain", "A.8.22")
	want(t, 1, []string{"there is no ISMSScope in namespace default"}, "status", "-n", "default")
	compareWithOperator(t)
	asAuditor(t)
}

// compareWithOperator holds what the plugin computes of each rule against what the operator has written.
func compareWithOperator(t *testing.T) {
	t.Helper()
	var controls []struct{ Control, Decision string }
	if err := json.Unmarshal([]byte(want(t, 0, nil, "soa", "-o", "json")), &controls); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, c := range controls {
		if c.Decision != string(isms.DecisionApplicable) {
			continue
		}
		var x explain.Explanation
		if err := json.Unmarshal([]byte(want(t, 0, nil, "explain", c.Control, "-o", "json")), &x); err != nil {
			t.Fatal(err)
		}
		for _, item := range x.Evidence {
			switch {
			case item.Expect == "":
			case item.Now == nil:
				t.Errorf("%s %s is not evaluated: %s", c.Control, item.Name, item.NotNow)
			case item.Now.Result != item.Result || item.Now.Reason != item.Reason:
				t.Errorf("%s %s: the operator says %s, %s, the plugin %s, %s", c.Control, item.Name,
					item.Result, item.Reason, item.Now.Result, item.Now.Reason)
			default:
				compared++
			}
		}
	}
	if compared < 30 {
		t.Errorf("%d rules were compared", compared)
	}
}

// asAuditor asks with the rights of an auditor, who may read the ISMS and no object of the cluster.
func asAuditor(t *testing.T) {
	t.Helper()
	as := func(args ...string) []string { return append(args, "--as", "auditor", "-n", "isms") }
	want(t, 1, []string{"you may not list ismsscopes.isms-operator.io in namespace isms"}, as("status")...)
	want(t, 1, []string{"name the namespace of the ISMS with -n"}, "status", "--as", "auditor")
	c := administrator(t)
	err := c.Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "auditor"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "isms-operator-auditor"},
		Subjects:   []rbacv1.Subject{{Kind: "User", Name: "auditor"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // The authorizer follows by a moment.
		if code, _, _ := plugin(t, "", as("status")...); code == 0 || time.Now().After(deadline) {
			break
		}
	}
	want(t, 0, []string{"87 of 89 satisfied"}, as("status")...)
	want(t, 0, []string{"# Surveillance audit"}, as("prepare", "surveillance")...)
	want(t, 0, []string{"Fail, ObjectsFailed", "you may not list namespaces"}, as("explain", "A.8.22")...)
	for _, command := range []string{"gaps", "soa", "plan", "findings", "calendar", "risks"} {
		want(t, 0, nil, as(command)...)
	}
}

func administrator(t *testing.T) client.Client {
	t.Helper()
	config, err := newSession(time.Now).config()
	if err != nil {
		t.Fatal(err)
	}
	return testenv.Client(t, config)
}

// TestWithoutOperator: a cluster without the kinds, and one that is not there, are told apart.
func TestWithoutOperator(t *testing.T) {
	env := testenv.Start(t, testenv.WithoutCRDs())
	kubeconfig := testenv.Kubeconfig(t, env.Config)
	want(t, 1, []string{"the cluster does not know ismsscopes.isms-operator.io: install isms-operator"}, "status", "--kubeconfig", kubeconfig)
	want(t, 1, []string{"the cluster does not know evidencelogs.isms-operator.io"}, "verify", "--kubeconfig", kubeconfig)
	want(t, 1, []string{"error: kubeconfig: "}, "status", "--kubeconfig", kubeconfig, "--context", "nowhere")
	want(t, 1, []string{"error: "}, "status", "--kubeconfig", "/nonexistent")
}
