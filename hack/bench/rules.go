// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// podRules are rules that real Controls have on pods.
var podRules = []string{
	`object.spec.containers.all(c, c.image.startsWith('registry.example.com/'))`,
	`!object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false)`,
	`object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))`,
	`object.spec.containers.all(c, c.?resources.?requests[?'cpu'].hasValue() && c.?resources.?limits[?'memory'].hasValue())`,
	`object.spec.containers.all(c, 'ALL' in c.?securityContext.?capabilities.?drop.orValue([]))`,
	`object.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))`,
	`has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels`,
	`!object.spec.?volumes.orValue([]).exists(v, has(v.hostPath))`,
	`object.spec.containers.all(c, !c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
	`!object.spec.containers.exists(c, has(c.env) && c.env.exists(e, has(e.value) && e.name.endsWith('PASSWORD')))`,
}

// widgetRules are the like for custom resources.
var widgetRules = []string{
	`object.spec.enabled`,
	`object.spec.replicas >= 2`,
	`object.spec.?tier.orValue('') in ['gold', 'silver']`,
	`object.spec.hosts.all(h, h.endsWith('.example.com'))`,
	`object.spec.?tls.?minVersion.orValue('') == '1.3'`,
	`object.spec.tls.algorithms.exists(a, a == 'ECDSA')`,
	`object.spec.ports.all(p, p.protocol == 'TCP' && p.port > 1024)`,
	`has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels`,
	`object.spec.?settings[?'region'].orValue('').startsWith('eu-')`,
	`object.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')`,
}

// rule is the i-th on a kind; beyond the tenth, rules repeat with another constant, so that none is shared.
func rule(texts []string, i int) string {
	if i < len(texts) {
		return texts[i]
	}
	return fmt.Sprintf("%s && !('none-%d' in object.metadata.?labels.orValue({}))", texts[i%len(texts)], i)
}

// controls are Controls of a scope with one rule each.
func controls(scope, apiVersion, kind string, texts []string, n int) []*isms.Control {
	out := make([]*isms.Control, 0, n)
	for i := range n {
		out = append(out, control(scope, fmt.Sprintf("%s-c-%d", scope, i), apiVersion, kind, rule(texts, i)))
	}
	return out
}

func podControls(scope string, n int) []*isms.Control {
	return controls(scope, "v1", "Pod", podRules, n)
}

func control(scope, name, apiVersion, kind, expect string) *isms.Control {
	return &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: isms.ObjectName(scope)}, Source: isms.SourceOther, ID: isms.ControlID(name),
			SourceName: "Bench", Title: "A rule", Owner: isms.Person{Name: "R. Roe", Email: "r.roe@example.com"},
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionBestPractice}, Justification: "Needed.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In place."},
			Evidence: []isms.EvidenceItem{{
				Name: "rule", Strength: isms.StrengthSubstantial,
				Resources: &isms.ResourceRule{APIVersion: apiVersion, Kind: kind, Quantifier: isms.QuantifierEvery, Expect: expect},
			}},
		},
	}
}

// scope has all namespaces in it, but for those of the ISMS and the system, which are excluded.
func scope(name string) *isms.ISMSScope {
	return &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name},
		Spec: isms.ISMSScopeSpec{
			Organization: "Acme GmbH", Statement: "Operation of the platform.", Framework: isms.FrameworkISO27001,
			Evidence: &isms.ScopeEvidence{
				ServiceAccountName: account, NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{inScope: "yes"}},
			},
		},
	}
}

// flipping is the n-th of the Controls whose verdict one label of one pod turns.
const flipping = 10

func flipLabel(n int) string { return fmt.Sprint("bench-flip-", n) }

// ismsControls are thirty Controls on pods: twenty that nothing turns here, and ten that a label does.
func ismsControls() []*isms.Control {
	out := podControls(benchScope, 20)
	for n := range flipping {
		out = append(out, control(benchScope, fmt.Sprintf("%s-flip-%d", benchScope, n), "v1", "Pod",
			fmt.Sprintf(`object.metadata.?labels[?'%s'].orValue('') != 'bad'`, flipLabel(n))))
	}
	return out
}
