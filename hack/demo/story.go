// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// What the manifests call things.
const (
	operatorNamespace = "isms-operator-system"
	operatorAccount   = "isms-operator-controller-manager"
	samplesNamespace  = "isms"
	sampleScope       = "acme-platform"
	sampleCycle       = "acme-2026"
	evidenceLabel     = "example.com/evidence=cluster"
	driftFile         = "hack/demo/drift/allow-all.yaml"
	mendFile          = "hack/demo/drift/default-deny.yaml"
)

// The controls that the drift breaks: leakage and segregation both need the default-deny policy.
var brokenControls = []string{"a-8-12", "a-8-22"}

// The risks whose treatment rests on them, and what they say while the drift lasts and before and after it.
var turnedRisks = []string{"data-leakage", "pod-network"}

const riskTurned, riskTreated = "Treated False", "Treated True"

// Bounds on waiting. They are for slow machines; what is usual is a few seconds, and less than one for a drift.
const (
	settleLimit = 3 * time.Minute
	driftLimit  = time.Minute
	eventLimit  = 20 * time.Second
)

// stage holds what the acts of the story share.
type stage struct {
	root, dir string
	// program is run while the drift lasts; empty for none.
	program string
	out     io.Writer
	// managed says that a kube-controller-manager runs.
	managed bool

	env          *testenv.Env
	kubectl      *kubectl
	cluster      *cluster
	operator     *operator
	observer     *observer
	stopWatching context.CancelFunc
	controls     int
	risks        int
}

func (s *stage) sayf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// begin says what is being done, so that a person sees what a long wait is for; the returned function ends the line
// with the time that it took.
func (s *stage) begin(format string, args ...any) func() {
	began := time.Now()
	_, _ = fmt.Fprintf(s.out, "%-78s", fmt.Sprintf(format, args...))
	return func() { s.sayf(" %6.1f s", time.Since(began).Seconds()) }
}

func (s *stage) startControlPlane(context.Context) error {
	assets, err := testenv.AssetsDir(s.root)
	if err != nil {
		return err
	}
	binary, err := findKubectl(assets)
	if err != nil {
		return err
	}
	options, started := []testenv.Option{testenv.WithoutCRDs()}, "etcd and kube-apiserver"
	if s.managed = isFile(filepath.Join(assets, "kube-controller-manager")); s.managed {
		options, started = append(options, testenv.WithControllerManager()), "etcd, kube-apiserver and kube-controller-manager"
	}
	done := s.begin("Starting %s", started)
	env, err := testenv.New(options...)
	if err != nil {
		return err
	}
	s.env = env
	s.kubectl = &kubectl{binary: binary, kubeconfig: filepath.Join(s.dir, "kubeconfig"), out: s.out}
	if err := testenv.WriteKubeconfig(env.Config, s.kubectl.kubeconfig); err != nil {
		return err
	}
	if s.cluster, err = newCluster(env.Config); err != nil {
		return err
	}
	done()
	return nil
}

func (s *stage) installOperator(ctx context.Context) error {
	done := s.begin("Installing config/default: CRDs, service account, RBAC")
	if _, err := s.kubectl.output(ctx, "apply", "--server-side", "-k", filepath.Join(s.root, "config", "default")); err != nil {
		return err
	}
	if err := s.cluster.awaitKinds(ctx); err != nil {
		return err
	}
	if !s.managed {
		if err := s.cluster.aggregateRoles(ctx); err != nil {
			return err
		}
	}
	if err := s.cluster.awaitAggregation(ctx); err != nil {
		return err
	}
	done()
	return nil
}

func (s *stage) buildCluster(ctx context.Context) error {
	objects, err := s.load(ctx, "hack/demo/cluster")
	if err != nil {
		return err
	}
	samples, err := s.load(ctx, "config/samples")
	if err != nil {
		return err
	}
	day, err := referenceDate(samples)
	if err != nil {
		return err
	}
	shiftDates(objects, daysBetween(day, time.Now()))
	done := s.begin("Building a small cluster: %s", census(objects, "Namespace", "Node", "Deployment", "Pod"))
	if err := s.cluster.applyAll(ctx, objects); err != nil {
		return err
	}
	done()
	return nil
}

func (s *stage) runOperator(ctx context.Context) error {
	done := s.begin("Building the operator and starting it with the rights of its service account")
	binary, err := buildOperator(ctx, s.root, s.dir)
	if err != nil {
		return err
	}
	s.operator, err = startOperator(binary, s.dir, s.env.AsServiceAccount(operatorNamespace, operatorAccount))
	if err != nil {
		return err
	}
	done()
	return nil
}

func (s *stage) applySamples(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	s.stopWatching = stop
	s.observer = newObserver(s.cluster)
	go s.observer.run(watching)

	objects, err := s.load(ctx, "config/samples")
	if err != nil {
		return err
	}
	day, err := referenceDate(objects)
	if err != nil {
		return err
	}
	shiftDates(objects, daysBetween(day, time.Now()))
	s.controls, s.risks = count(objects, "Control"), count(objects, "Risk")
	done := s.begin("Applying the sample ISMS: %s", census(objects, "Control", "Risk", "Document", "Attestation"))
	if err := s.cluster.applyAll(ctx, objects); err != nil {
		return err
	}
	done()

	done = s.begin("Waiting until the operator has assessed all of it")
	if err := s.observer.until(ctx, settleLimit, s.operator.exited, settled(sampleCycle, sampleScope, s.controls, s.risks)); err != nil {
		return err
	}
	done()
	return nil
}

// load renders a kustomization of the repository.
func (s *stage) load(ctx context.Context, path string) ([]*unstructured.Unstructured, error) {
	text, err := s.kubectl.output(ctx, "kustomize", filepath.Join(s.root, path))
	if err != nil {
		return nil, err
	}
	return parse(text)
}

func (s *stage) showBaseline(ctx context.Context) error {
	s.sayf("\nThe scope: what the management system covers, and how much of its Statement of Applicability holds.")
	if err := s.kubectl.show(ctx, "get", "ismsscopes", "-n", samplesNamespace); err != nil {
		return err
	}
	s.sayf("\nThe controls that rest on the live cluster; the others rest on documents and signed records.")
	if err := s.kubectl.show(ctx, "get", "controls", "-n", samplesNamespace, "-l", evidenceLabel); err != nil {
		return err
	}
	s.sayf("\nThe risk register, by ISO/IEC 27005: the level before and after the treatment, and whether that rests on controls that hold.")
	if err := s.kubectl.show(ctx, "get", "risks", "-n", samplesNamespace); err != nil {
		return err
	}
	s.sayf("\nThe certification cycle. READY is Unknown on the first day: the evidence log has no whole day of operation yet.")
	return s.kubectl.show(ctx, "get", "auditcycles", "-n", samplesNamespace)
}

func (s *stage) drift(ctx context.Context) error {
	s.sayf("\n--- Somebody is in a hurry: the default-deny policy of the namespace payments now allows everything.")
	acknowledged, err := s.change(ctx, driftFile, drifted(sampleCycle, turnedRisks, brokenControls...))
	if err != nil {
		return err
	}
	lost := fmt.Sprintf("%d/%d", s.applicable()-len(brokenControls), s.applicable())
	s.timings(acknowledged, string(isms.ResultIneffective), riskTurned, lost)
	if err := s.showBroken(ctx); err != nil {
		return err
	}
	s.sayf("\nWhat they say of it, in their conditions, and the event:\n")
	for _, condition := range s.observer.reasons(sampleCycle, turnedRisks, brokenControls...) {
		s.sayf("  %s", condition)
	}
	return s.showEvent(ctx, acknowledged)
}

func (s *stage) mend(ctx context.Context) error {
	s.sayf("\n--- The policy is put back. Nobody touches a Control.")
	acknowledged, err := s.change(ctx, mendFile, settled(sampleCycle, sampleScope, s.controls, s.risks))
	if err != nil {
		return err
	}
	s.timings(acknowledged, string(isms.ResultEffective), riskTreated, fmt.Sprintf("%d/%d", s.applicable(), s.applicable()))
	return s.showBroken(ctx)
}

// showPlan ends the story with what is still to be done.
func (s *stage) showPlan(context.Context) error {
	s.sayf("\nThe plan of the cycle, from its status: each step with its day and its owner, where a milestone or an audit gives them.\n")
	steps := s.observer.plan(sampleCycle)
	if len(steps) == 0 {
		return fmt.Errorf("the status of cycle %s has no steps", sampleCycle)
	}
	for _, step := range steps {
		s.sayf("  %s", step)
	}
	return nil
}

// change applies a file and waits for what must follow. It returns when the API server had acknowledged the change.
func (s *stage) change(ctx context.Context, file string, want expectation) (time.Time, error) {
	if err := s.cluster.applyFile(ctx, s.root, file); err != nil {
		return time.Time{}, err
	}
	acknowledged := time.Now()
	return acknowledged, s.observer.until(ctx, driftLimit, s.operator.exited, want)
}

// timings prints how long after the API server's acknowledgement each object came to say it, as a watch saw it.
func (s *stage) timings(acknowledged time.Time, result, treated, share string) {
	s.sayf("\n  after the API server acknowledged the change:")
	for _, name := range brokenControls {
		s.sayf("  %6.2f s  control %-12s %s", s.observer.after(acknowledged, name, result).Seconds(), name, result)
	}
	for _, name := range turnedRisks {
		s.sayf("  %6.2f s  risk    %-12s %s", s.observer.after(acknowledged, name, treated).Seconds(), name, treated)
	}
	s.sayf("  %6.2f s  cycle   %-12s %s satisfied", s.observer.after(acknowledged, sampleCycle, share).Seconds(), sampleCycle, share)
}

// showBroken prints the rows of the controls that the drift is about, of the risks that rest on them, and the cycle's.
func (s *stage) showBroken(ctx context.Context) error {
	for _, args := range [][]string{append([]string{"get", "controls"}, brokenControls...), append([]string{"get", "risks"}, turnedRisks...)} {
		if err := s.kubectl.show(ctx, append(args, "-n", samplesNamespace)...); err != nil {
			return err
		}
	}
	return s.kubectl.show(ctx, "get", "auditcycles", "-n", samplesNamespace)
}

func (s *stage) applicable() int {
	s.observer.mu.Lock()
	defer s.observer.mu.Unlock()
	return s.observer.applicable()
}

// satisfiedShare is the share of a cycle's applicable controls that are satisfied, as its column shows it.
func satisfiedShare(cycle *isms.AuditCycle) string {
	if cycle.Status.Controls == nil {
		return ""
	}
	return fmt.Sprintf("%d/%d", cycle.Status.Controls.Satisfied, cycle.Status.Controls.Applicable)
}

func count(objects []*unstructured.Unstructured, kind string) int {
	return len(slices.DeleteFunc(slices.Clone(objects), func(object *unstructured.Unstructured) bool {
		return object.GetKind() != kind
	}))
}

// census counts the objects of some kinds: "5 namespaces, 3 nodes".
func census(objects []*unstructured.Unstructured, kinds ...string) string {
	text := ""
	for i, kind := range kinds {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %ss", count(objects, kind), strings.ToLower(kind))
	}
	return text
}
