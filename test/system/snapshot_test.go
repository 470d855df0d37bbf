// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestSnapshotOfEtcd puts the cluster back to a snapshot of etcd, as docs/operations.md has it: objects, statuses and the
// evidence log are as they were, the operator that is started afterwards goes on where the log ends, which verifies, and
// tells of the time in between as a gap.
func TestSnapshotOfEtcd(t *testing.T) {
	env := testenv.Start(t, testenv.WithControllerManager(), testenv.WithAPIServerFlag("request-timeout", "6s"))
	w := &world{T: t, client: newClient(t, env.Config)}
	run(t, kubectl(t), "--kubeconfig", testenv.Kubeconfig(t, env.Config), "apply", "--server-side", "--force-conflicts", "-k", "config/default")
	w.awaitRules("isms-operator-evidence")
	w.isms("snapshot")
	start := func() *program {
		return launchIn(t, env, systemNamespace, serviceAccount, "--metrics-bind-address=0", "--log-dwell=1s")
	}
	p := start()
	w.create(w.pod("web", "yes"))
	c := w.approvedPods("A.8.9")
	w.want(c, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.awaitHeartbeat()
	p.stop()
	before := w.everything()
	dir := filepath.Join(t.TempDir(), "etcd")
	if err := env.SaveData(dir); err != nil {
		t.Fatal(err)
	}

	p = start()
	w.merge(w.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
	w.want(c, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
	w.eventually(func() string { return w.lastVerdict(isms.EvidenceFail) })
	p.stop()

	if err := env.RestoreData(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, w.everything()); diff != "" {
		t.Errorf("the snapshot (-before +after the restore):\n%s", diff)
	}
	p = start()
	w.want(c, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.eventually(w.tellsOfAGap)
	w.create(w.pod("another", "no"))
	w.want(c, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "another")
	w.eventually(func() string { return w.lastVerdict(isms.EvidenceFail) })
	p.stop()
	verify := exec.CommandContext(t.Context(), "go", "run", "-buildvcs=false", "./cmd/kubectl-isms", "verify", "-n", w.home)
	verify.Dir, verify.Env = moduleRoot(t), append(os.Environ(), "KUBECONFIG="+testenv.Kubeconfig(t, env.Config))
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("the log does not verify: %v\n%s", err, out)
	}
}

// everything is what is stored of the ISMS.
func (w *world) everything() map[string]client.ObjectList {
	w.Helper()
	all := map[string]client.ObjectList{
		"scopes": &isms.ISMSScopeList{}, "Controls": &isms.ControlList{}, "logs": &isms.EvidenceLogList{},
	}
	for what, list := range all {
		if err := w.client.List(w.Context(), list, client.InNamespace(w.home)); err != nil {
			w.Fatalf("%s: %v", what, err)
		}
		list.SetResourceVersion("") // of the list itself, which moves
	}
	return all
}

func (w *world) logsOf() []isms.EvidenceLog {
	w.Helper()
	var list isms.EvidenceLogList
	if err := w.client.List(w.Context(), &list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	return list.Items
}

// lastVerdict says what is wrong where the log does not end with a verdict.
func (w *world) lastVerdict(want isms.EvidenceResult) string {
	w.Helper()
	var last isms.EvidenceResult
	for _, log := range w.logsOf() {
		for _, e := range log.Spec.Entries {
			if e.Type == isms.LogEvidenceChanged {
				last = e.Result
			}
		}
	}
	if last != want {
		return fmt.Sprintf("the last verdict in the log is %q, want %s", last, want)
	}
	return ""
}

func (w *world) tellsOfAGap() string {
	w.Helper()
	for _, log := range w.logsOf() {
		for _, e := range log.Spec.Entries {
			if e.Type == isms.LogObservationGap {
				return ""
			}
		}
	}
	return "the log tells of no gap"
}
