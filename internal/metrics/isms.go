// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
)

// scrapeLimit is for reading from the cache, which waits for its first synchronization.
const scrapeLimit = 2 * time.Second

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("isms_"+name, help, labels, nil)
}

// What the statuses of the ISMS objects say. Each label is bounded: by the number of scopes, cycles and controls, or by
// a list of the API.
var (
	collected = desc("collected", "Whether the ISMS objects could be read for this scrape.")
	heartbeat = desc("scope_heartbeat_timestamp_seconds", "Heartbeat of the scope.", "namespace", "scope")
	scopeIs   = desc("scope_condition", "Conditions of the scope; one of the three statuses is 1.",
		"namespace", "scope", "condition", "status")
	gaps      = desc("scope_gaps", "Gaps of the scope's register.", "namespace", "scope")
	controls  = desc("controls", "Controls by their result.", "namespace", "scope", "result")
	satisfied = desc("control_satisfied", "1 where an applicable control is Satisfied, 0 where it is not or not known.",
		"namespace", "scope", "control")
	dueTime = desc("control_evidence_due_timestamp_seconds", "End of the first day by which people's evidence of a control is due again.",
		"namespace", "scope", "control")
	expiry = desc("control_exception_expiry_timestamp_seconds",
		"End of the first day with which an exception ends that waives failures of a control.", "namespace", "scope", "control")
	items   = desc("evidence_items", "Evidence items of controls by result and reason.", "namespace", "scope", "result", "reason")
	cycleIs = desc("cycle_condition", "Conditions of the cycle, its gates; one of the three statuses is 1.",
		"namespace", "cycle", "condition", "status")
	cycleStage = desc("cycle_stage", "1 for the stage of the cycle.", "namespace", "cycle", "stage")
	auditTime  = desc("cycle_next_audit_timestamp_seconds",
		"Begin of the day for which the next audit is planned, else of the last day on which it is due.", "namespace", "cycle", "type")
	deadline  = desc("cycle_deadline_timestamp_seconds", "End of the last day of a deadline of the cycle.", "namespace", "cycle", "deadline")
	coverage  = desc("cycle_coverage_ratio", "Share of the cycle's operating period that was observed.", "namespace", "cycle")
	effective = desc("cycle_effective_ratio", "Lowest share of the operating period in which a control was effective.",
		"namespace", "cycle")
	openFinding = desc("open_findings", "Findings that are not closed, by their severity.", "namespace", "scope", "severity")
	logEntries  = desc("log_entries_total", "Entries that the evidence log of the scope has had: how far its series go.", "namespace", "scope")
	logSealed   = desc("log_last_checkpoint_timestamp_seconds", "Last checkpoint of the scope's evidence log.", "namespace", "scope")
	logVerified = desc("log_last_verification_timestamp_seconds",
		"When the leader last read the evidence log and verified it; the condition EvidenceLogIntact has the outcome.", "namespace", "scope")
)

// Logs says how far the evidence log of a scope goes; false where this process has not read it: the leader alone does.
type Logs interface {
	Figures(key ledger.Scope) (ledgerstore.Figures, bool)
}

// ISMS collects what the statuses of the ISMS objects say, and how far the evidence logs go.
type ISMS struct {
	reader client.Reader
	logs   Logs
}

var _ prometheus.Collector = ISMS{}

// NewISMS returns a collector to register. The reader is a cache: it is asked at every scrape.
func NewISMS(r client.Reader, logs Logs) ISMS { return ISMS{r, logs} }

// Describe names all figures.
func (ISMS) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		collected, heartbeat, scopeIs, gaps, controls, satisfied, dueTime, expiry, items, cycleIs, cycleStage, auditTime, deadline,
		coverage, effective, openFinding, logEntries, logSealed, logVerified,
	} {
		out <- d
	}
}

// Collect reads the figures as they are now. An object that cannot be read costs the figures of its kind only, and shows
// in isms_collected.
func (c ISMS) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	g := gauges{out}
	ok := 1.0
	for _, collect := range []func(context.Context, gauges) error{c.scopes, c.controls, c.cycles, c.findings} {
		if err := collect(ctx, g); err != nil {
			ok = 0
		}
	}
	g.send(collected, ok)
}

type gauges struct{ out chan<- prometheus.Metric }

func (g gauges) send(d *prometheus.Desc, value float64, labels ...string) {
	g.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// conditions sends three figures each, so that a query finds a status that is not there any more at 0.
func (g gauges) conditions(d *prometheus.Desc, list []metav1.Condition, labels ...string) {
	for _, c := range list {
		for _, s := range []metav1.ConditionStatus{metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown} {
			value := 0.0
			if c.Status == s {
				value = 1
			}
			g.send(d, value, append(labels[:len(labels):len(labels)], c.Type, string(s))...)
		}
	}
}

func (c ISMS) scopes(ctx context.Context, g gauges) error {
	var list isms.ISMSScopeList
	if err := c.reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range list.Items {
		s := &list.Items[i]
		if s.Status.HeartbeatTime != nil {
			g.send(heartbeat, seconds(s.Status.HeartbeatTime.Time), s.Namespace, s.Name)
		}
		if s.Status.Gaps != nil {
			g.send(gaps, float64(s.Status.Gaps.Total), s.Namespace, s.Name)
		}
		g.conditions(scopeIs, s.Status.Conditions, s.Namespace, s.Name)
		if figures, read := c.logs.Figures(ledger.Scope{Namespace: s.Namespace, Name: s.Name}); read {
			g.log(figures, s.Namespace, s.Name)
		}
	}
	return nil
}

func (g gauges) log(f ledgerstore.Figures, labels ...string) {
	g.out <- prometheus.MustNewConstMetric(logEntries, prometheus.CounterValue, float64(f.Entries), labels...)
	g.send(logVerified, seconds(f.Verified), labels...)
	if !f.Sealed.IsZero() {
		g.send(logSealed, seconds(f.Sealed), labels...)
	}
}

// scopeKey names a scope and what is counted in it.
type scopeKey struct{ namespace, scope, what, reason string }

func (c ISMS) controls(ctx context.Context, g gauges) error {
	var list isms.ControlList
	if err := c.reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	results, evidence := map[scopeKey]float64{}, map[scopeKey]float64{}
	seen := map[scopeKey]bool{}
	for i := range list.Items {
		control := &list.Items[i]
		namespace, scope := control.Namespace, string(control.Spec.ScopeRef.Name)
		if control.Status.Result != "" {
			results[scopeKey{namespace, scope, string(control.Status.Result), ""}]++
		}
		for j := range control.Status.Evidence {
			e := &control.Status.Evidence[j]
			evidence[scopeKey{namespace, scope, string(e.Result), e.Reason}]++
		}
		// Two Controls of one id are Stalled: Prometheus takes one figure.
		if key := (scopeKey{namespace, scope, string(control.Spec.ID), ""}); !seen[key] {
			seen[key] = true
			g.control(control)
		}
	}
	for k, n := range results {
		g.send(controls, n, k.namespace, k.scope, k.what)
	}
	for k, n := range evidence {
		g.send(items, n, k.namespace, k.scope, k.what, k.reason)
	}
	return nil
}

func (g gauges) control(control *isms.Control) {
	if control.Spec.Applicability.Decision != isms.DecisionApplicable {
		return
	}
	labels := []string{control.Namespace, string(control.Spec.ScopeRef.Name), string(control.Spec.ID)}
	for _, condition := range control.Status.Conditions {
		if condition.Type != isms.ConditionSatisfied {
			continue
		}
		value := 0.0
		if condition.Status == metav1.ConditionTrue {
			value = 1
		}
		g.send(satisfied, value, labels...)
	}
	var due, ends []isms.Date
	for i := range control.Status.Evidence {
		due = append(due, control.Status.Evidence[i].DueOn)
	}
	for _, e := range control.Status.Exceptions {
		for i := range control.Spec.Exceptions {
			if spec := &control.Spec.Exceptions[i]; string(spec.Name) == e.Name && e.State == isms.ExceptionWaiving {
				ends = append(ends, spec.ExpiresOn)
			}
		}
	}
	g.first(dueTime, due, labels...)
	g.first(expiry, ends, labels...)
}

// first sends the end of the first of the days, in UTC; nothing where there is none.
func (g gauges) first(d *prometheus.Desc, days []isms.Date, labels ...string) {
	var first time.Time
	for _, day := range days {
		if on, err := day.Time(); err == nil && (first.IsZero() || on.Before(first)) {
			first = on
		}
	}
	if !first.IsZero() {
		g.send(d, seconds(first.AddDate(0, 0, 1)), labels...)
	}
}

func (c ISMS) cycles(ctx context.Context, g gauges) error {
	var list isms.AuditCycleList
	if err := c.reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range list.Items {
		cycle := &list.Items[i]
		status, labels := &cycle.Status, []string{cycle.Namespace, cycle.Name}
		g.conditions(cycleIs, status.Conditions, labels...)
		if status.Stage != "" {
			g.send(cycleStage, 1, append(labels, string(status.Stage))...)
		}
		if operation := status.Operation; operation != nil {
			g.send(coverage, float64(operation.CoveragePercent)/100, labels...)
			g.send(effective, float64(operation.EffectivePercent)/100, labels...)
		}
		g.dates(cycle)
	}
	return nil
}

// dates are days in the zone of the cycle.
func (g gauges) dates(cycle *isms.AuditCycle) {
	zone, err := time.LoadLocation(cycle.Spec.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	day := func(d isms.Date, later int) (float64, bool) {
		t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
		return seconds(t.AddDate(0, 0, later)), err == nil
	}
	if next := cycle.Status.NextAudit; next != nil {
		on := next.PlannedOn
		if on == "" {
			on = next.Latest
		}
		if at, ok := day(on, 0); ok {
			g.send(auditTime, at, cycle.Namespace, cycle.Name, string(next.Type))
		}
	}
	for _, d := range cycle.Status.Deadlines {
		if at, ok := day(d.DueOn, 1); ok {
			g.send(deadline, at, cycle.Namespace, cycle.Name, d.Name)
		}
	}
}

func (c ISMS) findings(ctx context.Context, g gauges) error {
	var list isms.FindingList
	if err := c.reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	open := map[scopeKey]float64{}
	for i := range list.Items {
		f := &list.Items[i]
		key := scopeKey{f.Namespace, string(f.Spec.ScopeRef.Name), string(f.Spec.Severity), ""}
		if !closed(f.Status.Conditions) {
			open[key]++
		} else if _, known := open[key]; !known {
			open[key] = 0
		}
	}
	for k, n := range open {
		g.send(openFinding, n, k.namespace, k.scope, k.what)
	}
	return nil
}

func closed(list []metav1.Condition) bool {
	for _, c := range list {
		if c.Type == isms.ConditionClosed {
			return c.Status == metav1.ConditionTrue
		}
	}
	return false
}
