// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/tally"
)

func assessScope(t *testing.T, in ScopeInput) ScopeOutcome {
	t.Helper()
	out := Scope(in)
	for _, problem := range conditions.Violations(out.Status.Conditions, in.Scope.Generation, scopeConditions...) {
		t.Errorf("conditions: %s", problem)
	}
	return out
}

// TestScope changes one thing at a time in a scope of which all that is assessed holds.
func TestScope(t *testing.T) {
	all := map[string]string{
		isms.ConditionReady:                            "True Assessed",
		isms.ConditionScopeDefined:                     "True ScopeDefined",
		isms.ConditionBoundaryComplete:                 "True AllNamespacesAccounted",
		isms.ConditionLeadershipEstablished:            "True LeadershipEstablished",
		isms.ConditionObjectivesMonitored:              "True ObjectivesMonitored",
		isms.ConditionGapsAddressed:                    "True GapsAddressed",
		isms.ConditionRiskAssessed:                     "True RisksAssessed",
		isms.ConditionRiskTreated:                      "True RisksTreated",
		isms.ConditionStatementOfApplicabilityComplete: "True StatementOfApplicabilityComplete",
		isms.ConditionStatementOfApplicabilityApproved: "Unknown DigestNotVerified",
		isms.ConditionDocumentationComplete:            "True DocumentationComplete",
		isms.ConditionAwarenessMaintained:              "True AwarenessMaintained",
	}
	for name, tc := range map[string]struct {
		change func(*ScopeInput)
		want   map[string]string
		says   map[string]string
	}{
		"all that is assessed holds": {func(*ScopeInput) {}, nil, nil},
		"no boundaries": {
			func(in *ScopeInput) { in.Scope.Spec.Boundaries = nil },
			map[string]string{isms.ConditionScopeDefined: "False Incomplete"},
			map[string]string{isms.ConditionScopeDefined: "Not stated: boundaries.included, boundaries.interfaces."},
		},
		"nothing included": {
			func(in *ScopeInput) { in.Scope.Spec.Boundaries.Included = &isms.Inclusion{} },
			map[string]string{isms.ConditionScopeDefined: "False Incomplete"},
			map[string]string{isms.ConditionScopeDefined: "Not stated: boundaries.included."},
		},
		"no context": {
			func(in *ScopeInput) { in.Scope.Spec.Context, in.Scope.Spec.Boundaries.Interfaces = nil, nil },
			map[string]string{isms.ConditionScopeDefined: "False Incomplete"},
			map[string]string{isms.ConditionScopeDefined: "Not stated: boundaries.interfaces, context.issues, context.climateChange and 1 more."},
		},
		"no statement": {
			func(in *ScopeInput) { in.Scope.Spec.Statement = "" },
			map[string]string{isms.ConditionScopeDefined: "False Incomplete"},
			map[string]string{isms.ConditionScopeDefined: "Not stated: statement."},
		},
		"a statement that is a blank": {
			func(in *ScopeInput) { in.Scope.Spec.Statement = "[FILL: what is done, where and for whom]" },
			map[string]string{isms.ConditionScopeDefined: "False Incomplete"},
			map[string]string{isms.ConditionScopeDefined: "Not stated: statement."},
		},
		"unaccounted namespaces": {
			func(in *ScopeInput) { in.Namespaces.Unaccounted = []string{"a", "b", "c", "d"} },
			map[string]string{isms.ConditionBoundaryComplete: "False NamespacesUnaccounted"},
			map[string]string{isms.ConditionBoundaryComplete: "Neither in scope nor excluded: a, b, c and 1 more."},
		},
		"the account may not list namespaces": {
			func(in *ScopeInput) { in.Namespaces.Complete = false },
			map[string]string{isms.ConditionBoundaryComplete: "Unknown AccessDenied"},
			nil,
		},
		"the namespaces are not known": {
			func(in *ScopeInput) {
				in.Namespaces = tally.Namespaces{Reason: isms.ReasonAccessDenied, Message: "The account may not list namespaces."}
			},
			map[string]string{isms.ConditionBoundaryComplete: "Unknown AccessDenied"},
			map[string]string{isms.ConditionBoundaryComplete: "The account may not list namespaces."},
		},
		"no namespace in scope": {
			func(in *ScopeInput) { in.Namespaces.InScope = nil },
			map[string]string{isms.ConditionBoundaryComplete: "Unknown NoMatch"},
			nil,
		},
		"no evidence": {
			func(in *ScopeInput) { in.Scope.Spec.Evidence = nil },
			map[string]string{isms.ConditionBoundaryComplete: "Unknown NothingDeclared"},
			nil,
		},
		"missing controls": {
			func(in *ScopeInput) { in.Controls = annexA("A.5.1", "A.5.10", "A.5.9", "A.8.2") },
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "False ControlsMissing", isms.ConditionGapsAddressed: "False Incomplete"},
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "No Control: A.5.1, A.5.9, A.5.10 and 1 more."},
		},
		"a control of another scope or source does not count": {
			func(in *ScopeInput) {
				in.Controls = append(annexA("A.5.2", "A.5.3"), control("A.5.2", elsewhere),
					control("A.5.3", func(c *isms.Control) { c.Spec.Source = isms.SourceOther }))
			},
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "False ControlsMissing", isms.ConditionGapsAddressed: "False Incomplete"},
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "No Control: A.5.2, A.5.3."},
		},
		"duplicate controls": {
			func(in *ScopeInput) { in.Controls = append(in.Controls, control("A.5.2"), control("A.5.2")) },
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "False DuplicateID", isms.ConditionGapsAddressed: "False Incomplete"},
			map[string]string{isms.ConditionStatementOfApplicabilityComplete: "More than one Control: A.5.2."},
		},
		"no controls": {
			func(in *ScopeInput) { in.Controls = nil },
			map[string]string{
				isms.ConditionStatementOfApplicabilityComplete: "Unknown NothingDeclared", isms.ConditionGapsAddressed: "False Incomplete",
				isms.ConditionStatementOfApplicabilityApproved: "Unknown NothingDeclared",
			},
			nil,
		},
		"missing documents": {
			func(in *ScopeInput) { in.Documents = documents("RiskTreatmentPlan", "AssetInventory") },
			map[string]string{isms.ConditionDocumentationComplete: "False Missing"},
			map[string]string{isms.ConditionDocumentationComplete: "Missing: RiskTreatmentPlan, AssetInventory."},
		},
		"no documents": {
			func(in *ScopeInput) { in.Documents = nil },
			map[string]string{
				isms.ConditionDocumentationComplete: "False Missing", isms.ConditionLeadershipEstablished: "False Missing",
				isms.ConditionStatementOfApplicabilityApproved: "False NotApproved",
			},
			map[string]string{isms.ConditionDocumentationComplete: "Missing: ScopeStatement, InformationSecurityPolicy, RiskAssessmentProcess and 16 more."},
		},
		"an overdue and an unread document": {
			func(in *ScopeInput) {
				unread := document("InformationSecurityPolicy", "2026-06-01")
				unread.Spec.Source = isms.DocumentSource{ConfigMapKeyRef: &isms.ConfigMapKeyRef{Name: "x", Key: "y"}}
				in.Documents = append(documents("RiskTreatmentPlan", "InformationSecurityPolicy"),
					document("RiskTreatmentPlan", "2025-01-01"), unread)
			},
			map[string]string{
				isms.ConditionDocumentationComplete: "False Expired", isms.ConditionLeadershipEstablished: "Unknown SourceNotReadable",
			},
			map[string]string{isms.ConditionDocumentationComplete: "Expired: RiskTreatmentPlan; SourceNotReadable: InformationSecurityPolicy."},
		},
		"a document of a control that is excluded is not wanted": {
			func(in *ScopeInput) {
				in.Documents = documents("SecureEngineeringPrinciples")
				in.Controls = append(annexA("A.8.27"), control("A.8.27", excluded))
			}, nil, nil,
		},
		"a topic-specific policy under its own name": {
			func(in *ScopeInput) {
				in.Documents = append(documents("TopicSpecificPolicies"), document("NetworkSecurityPolicy", "2026-06-01"))
			}, nil, nil,
		},
		"records of operation are not wanted as documents": {
			func(in *ScopeInput) { in.Documents = documents("RiskAssessmentResults", "ManagementReviewResults") }, nil, nil,
		},
		"a selector that can't be read": {
			func(in *ScopeInput) {
				in.Namespaces = tally.Namespaces{Reason: isms.ReasonScopeNotResolved, Message: "spec.evidence.namespaceSelector can't be read."}
			},
			map[string]string{
				isms.ConditionReady: "False ScopeNotResolved", isms.ConditionStalled: "True ScopeNotResolved",
				isms.ConditionBoundaryComplete: "Unknown ScopeNotResolved",
			},
			nil,
		},
		"waiting for the service account": {
			func(in *ScopeInput) {
				in.Waiting = &Wait{isms.ReasonScopeNotResolved, "The ServiceAccount reader does not exist."}
			},
			map[string]string{isms.ConditionReady: "Unknown ScopeNotResolved", isms.ConditionReconciling: "True ScopeNotResolved"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := scopeInput()
			tc.change(&in)
			out := assessScope(t, in)
			for condition, holds := range all {
				want := holds
				if changed, ok := tc.want[condition]; ok {
					want = changed
				}
				if got := state(out.Status.Conditions, condition); got != want {
					t.Errorf("%s: got %s, want %s (%s)", condition, got, want, message(out.Status.Conditions, condition))
				}
			}
			for condition, want := range tc.says {
				if got := message(out.Status.Conditions, condition); got != want {
					t.Errorf("%s says %q, want %q", condition, got, want)
				}
			}
		})
	}
}

func TestSuspendedScope(t *testing.T) {
	in := scopeInput()
	in.Scope.Annotations = map[string]string{assess.SuspendAnnotation: "true"}
	out := assessScope(t, in)
	for _, c := range scopeConditions {
		if got := state(out.Status.Conditions, c); got != "Unknown Suspended" {
			t.Errorf("%s: %s", c, got)
		}
	}
	if out.Status.Gaps != nil {
		t.Errorf("gaps of what is not looked at: %+v", out.Status.Gaps)
	}
	for _, r := range out.Status.Requirements {
		if r.Status != isms.RequirementUnknown || r.Reason != isms.ReasonSuspended {
			t.Errorf("%+v", r)
		}
	}
}

func TestStatementCounts(t *testing.T) {
	in := scopeInput()
	in.Controls = []isms.Control{
		control("A.5.1"), control("A.5.2", excluded), control("A.5.3", satisfied(metav1.ConditionFalse, "ObjectsFailed", time.Hour)),
		control("A.5.4", satisfied(metav1.ConditionUnknown, "NotSynced", time.Hour)), control("A.5.4"), control("A.5.5", elsewhere),
		control("X-1", func(c *isms.Control) { c.Spec.Source = isms.SourceOther }),
		control("A.9.9"),
	}
	in.Scope.Status.StatementOfApplicability = &isms.StatementOfApplicabilityStatus{ApprovedVersion: "2.0", Satisfied: 50}
	want := &isms.StatementOfApplicabilityStatus{
		Required: 93, Declared: 4, Applicable: 6, Excluded: 1, Satisfied: 4, ApprovedVersion: "2.0", Digest: StatementDigest(in),
	}
	if diff := cmp.Diff(want, assessScope(t, in).Status.StatementOfApplicability); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamespaceCounts(t *testing.T) {
	in := scopeInput()
	in.Namespaces = tally.Namespaces{InScope: []string{"a", "b"}, Excluded: []string{"c"}, Unaccounted: []string{"d"}, Complete: true}
	want := &isms.NamespaceCounts{Total: 4, InScope: 2, Excluded: 1, Unaccounted: 1}
	first := assessScope(t, in)
	if diff := cmp.Diff(want, first.Status.Namespaces); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in.Namespaces = tally.Namespaces{Reason: isms.ReasonAccessDenied}
	if got := assessScope(t, in).Status.Namespaces; got != nil {
		t.Errorf("counts of what is not known: %+v", got)
	}
}

// TestBoundaryStandsWhileListing: after a restart the earlier answer stands, but not longer than for a Control.
func TestBoundaryStandsWhileListing(t *testing.T) {
	in := scopeInput()
	first := assessScope(t, in)
	in.Scope.Status, in.Alive = first.Status, false
	in.Namespaces = tally.Namespaces{Reason: isms.ReasonNotSynced}
	in.Now = now.Add(9 * time.Minute)
	held := assessScope(t, in)
	if diff := cmp.Diff(first.Status, held.Status); diff != "" {
		t.Errorf("(-before +after the restart):\n%s", diff)
	}
	if want := now.Add(assess.HoldFor); !held.RequeueAt.Equal(want) {
		t.Errorf("looks again at %s, want %s", held.RequeueAt, want)
	}
	edited := in
	edited.Scope = in.Scope.DeepCopy()
	edited.Scope.Generation++
	if got := state(assessScope(t, edited).Status.Conditions, isms.ConditionBoundaryComplete); got != "Unknown NotSynced" {
		t.Errorf("of another generation: %s", got)
	}
	in.Now = held.RequeueAt
	late := assessScope(t, in)
	if got := state(late.Status.Conditions, isms.ConditionBoundaryComplete); got != "Unknown NotSynced" {
		t.Errorf("after the hold: %s", got)
	}
}

func TestHeartbeat(t *testing.T) {
	in := scopeInput()
	first := assessScope(t, in)
	if !first.Status.HeartbeatTime.Time.Equal(now) || !first.RequeueAt.Equal(now.Add(HeartbeatEvery)) {
		t.Fatalf("heartbeat %s, again at %s", first.Status.HeartbeatTime, first.RequeueAt)
	}
	in.Scope.Status, in.Now = first.Status, now.Add(HeartbeatEvery-time.Second)
	if diff := cmp.Diff(first.Status, assessScope(t, in).Status); diff != "" {
		t.Errorf("written before it was due:\n%s", diff)
	}
	in.Now = now.Add(HeartbeatEvery)
	if got := assessScope(t, in).Status.HeartbeatTime; !got.Time.Equal(in.Now) {
		t.Errorf("heartbeat at %s, want %s", got, in.Now)
	}
	in.Alive = false
	if got := assessScope(t, in).Status.HeartbeatTime; !got.Time.Equal(now) {
		t.Errorf("a heartbeat without a synced engine: %s", got)
	}
}

func TestScopeEvents(t *testing.T) {
	in := scopeInput()
	first := assessScope(t, in)
	in.Scope.Status = first.Status
	in.Namespaces.Unaccounted = []string{"new"}
	want := []assess.Event{{
		Type: assess.EventWarning, Reason: isms.ReasonNamespacesUnaccounted,
		Message: "BoundaryComplete is False: Neither in scope nor excluded: new.",
	}}
	if diff := cmp.Diff(want, assessScope(t, in).Events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDocumentExpiryIsFollowed: the scope looks again when the first document's review falls due.
func TestDocumentExpiryIsFollowed(t *testing.T) {
	in := scopeInput()
	in.Alive = false
	in.Documents = append(documents("RiskTreatmentPlan"), document("RiskTreatmentPlan", "2025-12-01"))
	first := assessScope(t, in)
	if want := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC); !first.RequeueAt.Equal(want) {
		t.Fatalf("looks again at %s, want %s", first.RequeueAt, want)
	}
	for at, want := range map[time.Time]string{
		first.RequeueAt.Add(-1): "True DocumentationComplete", first.RequeueAt: "False Expired",
	} {
		in.Now = at
		if got := state(assessScope(t, in).Status.Conditions, isms.ConditionDocumentationComplete); got != want {
			t.Errorf("at %s: got %s, want %s", at, got, want)
		}
	}
}
