// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Short names, so that a row of a table is one line for the rule and one for its twin.
const (
	Every           = isms.QuantifierEvery
	None            = isms.QuantifierNone
	Any             = isms.QuantifierAny
	AnyPerNamespace = isms.QuantifierAnyPerNamespace
	Set             = isms.QuantifierSet

	pass    = isms.EvidencePass
	fail    = isms.EvidenceFail
	unknown = isms.EvidenceUnknown
)

func on(apiVersion, kind string, q isms.Quantifier, expect string) isms.ResourceRule {
	return isms.ResourceRule{APIVersion: apiVersion, Kind: kind, Quantifier: q, Expect: expect}
}

func deployments(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("apps/v1", "Deployment", q, expect)
}

func daemonSets(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("apps/v1", "DaemonSet", q, expect)
}

func networkPolicies(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("networking.k8s.io/v1", "NetworkPolicy", q, expect)
}

func where(r isms.ResourceRule, expression string) isms.ResourceRule {
	r.Where = expression
	return r
}

func labelled(r isms.ResourceRule, labels map[string]string) isms.ResourceRule {
	r.LabelSelector = &metav1.LabelSelector{MatchLabels: labels}
	return r
}

func onNoMatch(r isms.ResourceRule, policy isms.NoMatchPolicy) isms.ResourceRule {
	r.OnNoMatch = policy
	return r
}

func parameter(name string, values ...string) []isms.Parameter {
	return []isms.Parameter{{Name: name, Values: values}}
}

// exception waives subjects of the one rule of a Control for a month.
func exception(objects isms.ExceptionObject) []isms.Exception {
	return []isms.Exception{{
		Name: "waiver", Evidence: []isms.ItemName{"rule"}, Objects: []isms.ExceptionObject{objects}, Reason: "Agreed.",
		RequestedBy: isms.Person{Name: "Platform team", Email: "platform@example.com"},
		ApprovedBy:  isms.Person{Name: "R. Roe", Email: "r.roe@example.com"},
		ExpiresOn:   isms.NewDate(time.Now().AddDate(0, 1, 0)),
	}}
}

// Expressions that several rules share, with their twins.
const (
	nonRoot = `object.spec.template.spec.?securityContext.?runAsNonRoot.orValue(false) ||
		object.spec.template.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))`
	seccomp = `object.spec.template.spec.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault' ||
		object.spec.template.spec.containers.all(c, c.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault')`
	trustedImages = `object.spec.template.spec.containers.all(c, params.registries.exists(r, c.image.startsWith(r)))`
	denyIngress   = `!has(object.spec.podSelector.matchLabels) && !has(object.spec.podSelector.matchExpressions) &&
		'Ingress' in object.spec.policyTypes && (!has(object.spec.ingress) || size(object.spec.ingress) == 0)`
	openIngress = `object.spec.?ingress.orValue([]).exists(i, !has(i.from) || i.from.size() == 0)`
	openEgress  = `object.spec.?egress.orValue([]).exists(e, !has(e.to) || e.to.size() == 0)`
)

func runsAsNonRoot(o object) bool {
	is := func(v any) bool { return yes(v, "securityContext", "runAsNonRoot") }
	return is(pod(o)) || every(containers(o), is)
}

func hasSeccompProfile(o object) bool {
	is := func(v any) bool { return text(v, "securityContext", "seccompProfile", "type") == "RuntimeDefault" }
	return is(pod(o)) || every(containers(o), is)
}

func deniesIngress(o object) bool {
	return !has(o, "spec", "podSelector", "matchLabels") && !has(o, "spec", "podSelector", "matchExpressions") &&
		some(list(o, "spec", "policyTypes"), isText("Ingress")) && len(list(o, "spec", "ingress")) == 0
}

func opensIngress(o object) bool {
	return some(list(o, "spec", "ingress"), func(i any) bool { return len(list(i, "from")) == 0 })
}

func opensEgress(o object) bool {
	return some(list(o, "spec", "egress"), func(e any) bool { return len(list(e, "to")) == 0 })
}

func isText(s string) func(any) bool { return func(v any) bool { return v == s } }
