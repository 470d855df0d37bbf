// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// store is what a cache would answer; a kind that is nil cannot be read.
type store struct {
	client.Reader
	scopes   []isms.ISMSScope
	controls []isms.Control
	cycles   []isms.AuditCycle
	findings []isms.Finding
}

func (s store) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	switch l := list.(type) {
	case *isms.ISMSScopeList:
		l.Items = s.scopes
	case *isms.ControlList:
		if s.controls == nil {
			return errors.New("not synchronized")
		}
		l.Items = s.controls
	case *isms.AuditCycleList:
		l.Items = s.cycles
	case *isms.FindingList:
		l.Items = s.findings
	}
	return nil
}

// logs has read the log of one scope.
type logs struct{}

func (logs) Figures(key ledger.Scope) (ledgerstore.Figures, bool) {
	return ledgerstore.Figures{Entries: 1412, Sealed: time.Unix(900, 0), Verified: time.Unix(950, 0)}, key.Name == "acme"
}

func is(conditionType string, status metav1.ConditionStatus) []metav1.Condition {
	return []metav1.Condition{{Type: conditionType, Status: status}}
}

func control(name, id string, result isms.ControlResult, status metav1.ConditionStatus, evidence ...isms.EvidenceStatus) isms.Control {
	return isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: name},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, ID: isms.ControlID(id), Applicability: isms.Applicability{Decision: isms.DecisionApplicable},
		},
		Status: isms.ControlStatus{Result: result, Conditions: is(isms.ConditionSatisfied, status), Evidence: evidence},
	}
}

func finding(name string, severity isms.Severity, status metav1.ConditionStatus) isms.Finding {
	return isms.Finding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: name},
		Spec:       isms.FindingSpec{ScopeRef: isms.LocalRef{Name: "acme"}, Severity: severity},
		Status:     isms.FindingStatus{Conditions: is(isms.ConditionClosed, status)},
	}
}

func example() store {
	beat := metav1.NewTime(time.Unix(1000, 0))
	excluded := control("d", "A.8.30", isms.ResultExcluded, metav1.ConditionUnknown)
	excluded.Spec.Applicability.Decision = isms.DecisionExcluded
	waived := control("b", "A.8.13", isms.ResultIneffective, metav1.ConditionFalse, isms.EvidenceStatus{Result: isms.EvidenceFail, Reason: "ObjectsFailed"})
	for name, on := range map[string]isms.Date{"over": "2026-11-01", "idle": "2026-11-23", "late": "2026-12-24", "soon": "2026-11-30"} {
		waived.Spec.Exceptions = append(waived.Spec.Exceptions, isms.Exception{Name: isms.ItemName(name), ExpiresOn: on})
	}
	waived.Status.Exceptions = []isms.ExceptionStatus{
		{Name: "over", State: isms.ExceptionExpired},
		{Name: "idle", State: isms.ExceptionIdle},
		{Name: "late", State: isms.ExceptionWaiving},
		{Name: "soon", State: isms.ExceptionWaiving},
	}
	return store{
		scopes: []isms.ISMSScope{{ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "not read"}}, {
			ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "acme"},
			Status: isms.ISMSScopeStatus{
				HeartbeatTime: &beat, Gaps: &isms.GapCounts{Total: 4}, Conditions: is(isms.ConditionScopeDefined, metav1.ConditionTrue),
			},
		}},
		controls: []isms.Control{
			control("a", "A.8.22", isms.ResultEffective, metav1.ConditionTrue,
				isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "ObjectsPassed"},
				isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "Fresh", DueOn: "2026-11-30"},
				isms.EvidenceStatus{Result: isms.EvidencePass, Reason: "Fresh", DueOn: "2026-11-22"}),
			waived,
			control("c", "A.8.13", isms.ResultUnknown, metav1.ConditionUnknown),
			excluded,
		},
		cycles: []isms.AuditCycle{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "isms", Name: "acme-2026"},
			Spec:       isms.AuditCycleSpec{TimeZone: "Asia/Tokyo"},
			Status: isms.AuditCycleStatus{
				Stage: isms.StageStage2, Operation: &isms.CycleOperation{CoveragePercent: 99, EffectivePercent: 97},
				NextAudit:  &isms.NextAudit{Type: isms.AuditStage2, PlannedOn: "2026-11-24"},
				Conditions: is(isms.ConditionAuditReady, metav1.ConditionFalse), Deadlines: []isms.Deadline{{Name: "Surveillance1", DueOn: "2026-11-25"}},
			},
		}},
		findings: []isms.Finding{
			finding("f1", isms.SeverityMajor, metav1.ConditionTrue), finding("f2", isms.SeverityMinor, metav1.ConditionFalse),
			finding("f3", isms.SeverityMinor, metav1.ConditionTrue),
			{ObjectMeta: metav1.ObjectMeta{Name: "not assessed"}},
		},
	}
}

func TestScrapeISMS(t *testing.T) {
	want := []string{
		`isms_collected 1`,
		`isms_control_evidence_due_timestamp_seconds{control="A.8.22",namespace="isms",scope="acme"} 1.795392e+09`,
		`isms_control_exception_expiry_timestamp_seconds{control="A.8.13",namespace="isms",scope="acme"} 1.7960832e+09`,
		`isms_control_satisfied{control="A.8.13",namespace="isms",scope="acme"} 0`,
		`isms_control_satisfied{control="A.8.22",namespace="isms",scope="acme"} 1`,
		`isms_controls{namespace="isms",result="Effective",scope="acme"} 1`,
		`isms_controls{namespace="isms",result="Excluded",scope="acme"} 1`,
		`isms_controls{namespace="isms",result="Ineffective",scope="acme"} 1`,
		`isms_controls{namespace="isms",result="Unknown",scope="acme"} 1`,
		`isms_cycle_condition{condition="AuditReady",cycle="acme-2026",namespace="isms",status="False"} 1`,
		`isms_cycle_condition{condition="AuditReady",cycle="acme-2026",namespace="isms",status="True"} 0`,
		`isms_cycle_condition{condition="AuditReady",cycle="acme-2026",namespace="isms",status="Unknown"} 0`,
		`isms_cycle_coverage_ratio{cycle="acme-2026",namespace="isms"} 0.99`,
		`isms_cycle_deadline_timestamp_seconds{cycle="acme-2026",deadline="Surveillance1",namespace="isms"} 1.7956188e+09`,
		`isms_cycle_effective_ratio{cycle="acme-2026",namespace="isms"} 0.97`,
		`isms_cycle_next_audit_timestamp_seconds{cycle="acme-2026",namespace="isms",type="Stage2"} 1.795446e+09`,
		`isms_cycle_stage{cycle="acme-2026",namespace="isms",stage="Stage2"} 1`,
		`isms_evidence_items{namespace="isms",reason="Fresh",result="Pass",scope="acme"} 2`,
		`isms_evidence_items{namespace="isms",reason="ObjectsFailed",result="Fail",scope="acme"} 1`,
		`isms_evidence_items{namespace="isms",reason="ObjectsPassed",result="Pass",scope="acme"} 1`,
		`isms_log_entries_total{namespace="isms",scope="acme"} 1412`,
		`isms_log_last_checkpoint_timestamp_seconds{namespace="isms",scope="acme"} 900`,
		`isms_log_last_verification_timestamp_seconds{namespace="isms",scope="acme"} 950`,
		`isms_open_findings{namespace="",scope="",severity=""} 1`,
		`isms_open_findings{namespace="isms",scope="acme",severity="Major"} 0`,
		`isms_open_findings{namespace="isms",scope="acme",severity="Minor"} 1`,
		`isms_scope_condition{condition="ScopeDefined",namespace="isms",scope="acme",status="False"} 0`,
		`isms_scope_condition{condition="ScopeDefined",namespace="isms",scope="acme",status="True"} 1`,
		`isms_scope_condition{condition="ScopeDefined",namespace="isms",scope="acme",status="Unknown"} 0`,
		`isms_scope_gaps{namespace="isms",scope="acme"} 4`,
		`isms_scope_heartbeat_timestamp_seconds{namespace="isms",scope="acme"} 1000`,
	}
	if diff := cmp.Diff(want, scrape(t, NewISMS(example(), logs{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatCannotBeRead: one kind that cannot be read costs its own figures, not the scrape.
func TestWhatCannotBeRead(t *testing.T) {
	s := example()
	s.controls = nil
	got := scrape(t, NewISMS(s, logs{}))
	if got[0] != "isms_collected 0" || len(got) < 10 {
		t.Errorf("got %d figures, the first %s", len(got), got[0])
	}
	for _, line := range got {
		if strings.HasPrefix(line, "isms_control") {
			t.Errorf("%s of controls that could not be read", line)
		}
	}
}

// TestNamesOfMetrics holds all of them against the rules of Prometheus, those of `promtool check metrics`.
func TestNamesOfMetrics(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	for _, c := range []prometheus.Collector{NewISMS(example(), logs{}), NewEngine(source{})} {
		if err := registry.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
