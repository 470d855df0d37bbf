// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const shop = "online-boutique"

// shopWorkloads are rules that network policies have no part in.
var shopWorkloads = []row{
	{
		name: "run-as-non-root", rule: deployments(Every, nonRoot), holds: runsAsNonRoot, verdict: pass,
	}, {
		name: "no-privilege-escalation",
		rule: deployments(None, `object.spec.template.spec.containers.exists(c, c.?securityContext.?allowPrivilegeEscalation.orValue(true)) ||
			object.spec.template.spec.?initContainers.orValue([]).exists(c, c.?securityContext.?allowPrivilegeEscalation.orValue(true))`),
		holds: func(o object) bool {
			return some(allContainers(o), func(c any) bool { return !no(c, "securityContext", "allowPrivilegeEscalation") })
		},
		verdict: pass,
	}, {
		name: "capabilities-dropped",
		rule: deployments(Every, `object.spec.template.spec.containers.all(c, 'ALL' in c.securityContext.capabilities.drop)`),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool {
				return some(list(c, "securityContext", "capabilities", "drop"), isText("ALL"))
			})
		},
		verdict: pass,
	}, {
		name: "read-only-root-filesystem",
		rule: deployments(Every, `object.spec.template.spec.containers.all(c, c.securityContext.readOnlyRootFilesystem)`),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool { return yes(c, "securityContext", "readOnlyRootFilesystem") })
		},
		verdict: pass,
	}, {
		name: "limits-of-all-containers",
		rule: deployments(Every, `(object.spec.template.spec.containers + object.spec.template.spec.?initContainers.orValue([])).all(c,
			has(c.resources.limits) && 'cpu' in c.resources.limits && 'memory' in c.resources.limits)`),
		holds: func(o object) bool {
			return every(allContainers(o), func(c any) bool {
				return has(c, "resources", "limits", "cpu") && has(c, "resources", "limits", "memory")
			})
		},
		verdict: fail, // an init container of the load generator has none
	}, {
		name:       "memory-limit",
		parameters: parameter("most", "256Mi"),
		rule: deployments(Every, `object.spec.template.spec.containers.all(c,
			quantity(c.resources.limits['memory']).compareTo(quantity(params.most[0])) <= 0)`),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool { return atMost(at(c, "resources", "limits", "memory"), "256Mi") })
		},
		verdict: fail,
	}, {
		name:       "images-of-our-registry",
		parameters: parameter("registries", "us-central1-docker.pkg.dev/online-boutique-ci/"),
		rule:       deployments(Every, trustedImages),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool {
				return strings.HasPrefix(text(c, "image"), "us-central1-docker.pkg.dev/online-boutique-ci/")
			})
		},
		verdict: fail, // redis comes from elsewhere
	}, {
		name: "some-image-is-pinned",
		rule: deployments(Any, `object.spec.template.spec.?initContainers.orValue([]).exists(c, c.image.contains('@sha256:'))`),
		holds: func(o object) bool {
			return some(list(pod(o), "initContainers"), func(c any) bool { return strings.Contains(text(c, "image"), "@sha256:") })
		},
		verdict: pass,
	}, {
		name:    "no-token-is-mounted",
		rule:    deployments(Every, `!object.spec.template.spec.?automountServiceAccountToken.orValue(true)`),
		holds:   func(o object) bool { return no(pod(o), "automountServiceAccountToken") },
		verdict: fail, // all twelve: more than a status names
	}, {
		name:    "own-service-account",
		rule:    deployments(Every, `object.spec.template.spec.serviceAccountName == object.metadata.name`),
		holds:   func(o object) bool { return text(pod(o), "serviceAccountName") == name(o) },
		breaks:  func(o object) bool { return !has(pod(o), "serviceAccountName") },
		verdict: unknown, // redis-cart names none
	}, {
		name: "probed",
		rule: where(deployments(Every, `object.spec.template.spec.containers.all(c, has(c.readinessProbe) && has(c.livenessProbe))`),
			`object.metadata.name != 'loadgenerator'`),
		selects: func(o object) bool { return name(o) != "loadgenerator" },
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool { return has(c, "readinessProbe") && has(c, "livenessProbe") })
		},
		verdict: pass,
	}, {
		name:    "not-exposed",
		rule:    on("v1", "Service", None, `object.spec.type == 'LoadBalancer'`),
		holds:   func(o object) bool { return text(o, "spec", "type") == "LoadBalancer" },
		verdict: fail,
	}, {
		name:    "accounts-of-their-own",
		rule:    on("v1", "ServiceAccount", Set, `objects.size() >= 11 && objects.all(o, o.metadata.name != 'default')`),
		whole:   func(all []object) bool { return len(all) >= 11 && ofName(all, "default") == nil },
		verdict: pass,
	},
}

// shopPolicies are rules on network policies. Where there are none, they must not be taken as kept.
var shopPolicies = []row{
	{
		name: "default-deny", rule: networkPolicies(AnyPerNamespace, denyIngress), holds: deniesIngress, verdict: pass,
	}, {
		name: "both-directions",
		rule: networkPolicies(Every, `object.spec.policyTypes.exists(t, t == 'Ingress') && 'Egress' in object.spec.policyTypes`),
		holds: func(o object) bool {
			types := list(o, "spec", "policyTypes")
			return some(types, isText("Ingress")) && some(types, isText("Egress"))
		},
		verdict: fail, // the load generator's has egress alone
	}, {
		name: "no-open-ingress", rule: networkPolicies(None, openIngress), holds: opensIngress, verdict: fail,
	}, {
		name:       "no-open-ingress-but-for-the-frontend",
		rule:       networkPolicies(None, openIngress),
		exceptions: exception(isms.ExceptionObject{Namespace: shop, Name: "front*"}),
		holds:      opensIngress,
		waived:     func(o object) bool { return strings.HasPrefix(name(o), "front") },
		verdict:    pass,
	},
}

// withoutPolicies are the verdicts of shopPolicies where there is no policy.
var withoutPolicies = map[string]isms.EvidenceResult{
	"default-deny": fail, "both-directions": unknown, "no-open-ingress": pass, "no-open-ingress-but-for-the-frontend": pass,
}

// TestOnlineBoutique: the application fails for want of a default-deny policy, which the control says with the
// namespace's name; applying its policies is all that it takes to pass.
func TestOnlineBoutique(t *testing.T) {
	need(t, boutique)
	w := newWorld(t, "isms-shop", nil, shop)
	workloads := manifests(t, shop, boutique+"/kubernetes-manifests.yaml")
	policies := manifests(t, shop, boutique+"/network-policies/*.yaml")
	w.applyAll([]object{{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": shop}}})
	w.applyAll(workloads)
	w.declare(shopPolicies...)
	w.declare(shopWorkloads...)
	w.create(&isms.AuditCycle{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "cycle"},
		Spec: isms.AuditCycleSpec{
			ScopeRef: isms.LocalRef{Name: scopeName}, Origin: isms.OriginInitial, DeviationGraceDays: ptr.To[int32](0),
		},
	})

	t.Run("without its policies", func(t *testing.T) {
		eventually(t, func() string { return cmp.Diff(denied(w, fail), w.say("default-deny")) })
		eventually(t, func() string { return w.cycleNames("C.1", true) })
		w.compare(t, shopWorkloads, workloads)
		w.compare(t, with(shopPolicies, withoutPolicies), workloads)
	})
	before := w.controls()
	w.applyAll(policies)
	t.Run("with its policies", func(t *testing.T) {
		eventually(t, func() string { return cmp.Diff(denied(w, pass), w.say("default-deny")) })
		eventually(t, func() string { return w.cycleNames("C.1", false) })
		all := slices.Concat(workloads, policies)
		w.compare(t, shopPolicies, all)
		w.compare(t, shopWorkloads, all)
	})
	t.Run("nobody touched the controls", func(t *testing.T) { untouched(t, before, w.controls()) })
}

// said is what the default-deny control says to those who read it.
type said struct {
	Result    isms.ControlResult
	Failures  []isms.SubjectRef
	Effective string
	Satisfied string
}

func denied(w *world, verdict isms.EvidenceResult) said {
	if verdict == pass {
		const message = "1 passing item, of which 0 rest on declarations."
		return said{
			Result: isms.ResultEffective, Effective: "True EvidencePassed: " + message, Satisfied: "True Satisfied: " + message,
		}
	}
	const message = "False ObjectsFailed: rule: No object satisfies the expression in online-boutique."
	return said{
		Result: isms.ResultIneffective, Failures: []isms.SubjectRef{{Namespace: shop}}, Effective: message, Satisfied: message,
	}
}

func (w *world) say(name string) said {
	w.Helper()
	c := w.get(name)
	s := said{
		Result:    c.Status.Result,
		Effective: condition(c.Status.Conditions, isms.ConditionEffective),
		Satisfied: condition(c.Status.Conditions, isms.ConditionSatisfied),
	}
	for _, e := range c.Status.Evidence {
		s.Failures = append(s.Failures, e.Failures...)
	}
	return s
}

// cycleNames says what is wrong if the cycle's ControlsSatisfied does not name the control as blocking, or does.
func (w *world) cycleNames(id string, want bool) string {
	w.Helper()
	var cycle isms.AuditCycle
	if err := w.client.Get(w.Context(), client.ObjectKey{Namespace: w.home, Name: "cycle"}, &cycle); err != nil {
		w.Fatal(err)
	}
	says := condition(cycle.Status.Conditions, isms.ConditionControlsSatisfied)
	if says == "" || strings.Contains(says, id+" (ObjectsFailed)") != want {
		return "ControlsSatisfied is " + says
	}
	return ""
}

// with are the rows with other verdicts, where there is no object to select.
func with(rows []row, verdicts map[string]isms.EvidenceResult) []row {
	var out []row
	for _, r := range rows {
		r.verdict, r.empty = verdicts[r.name], r.rule.Quantifier != AnyPerNamespace
		out = append(out, r)
	}
	return out
}

// controls are all Controls of the ISMS by name.
func (w *world) controls() map[string]isms.Control {
	w.Helper()
	var all isms.ControlList
	if err := w.client.List(w.Context(), &all, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	byName := map[string]isms.Control{}
	for _, c := range all.Items {
		byName[c.Name] = c
	}
	return byName
}

// untouched: only statuses have changed, and only those of rules on network policies.
func untouched(t *testing.T, before, after map[string]isms.Control) {
	t.Helper()
	concerned := map[string]bool{}
	for _, r := range shopPolicies {
		concerned[r.name] = true
	}
	for name, was := range before {
		is := after[name]
		if was.Generation != 1 || is.Generation != 1 {
			t.Errorf("%s: generation %d, then %d, want 1", name, was.Generation, is.Generation)
		}
		if d := cmp.Diff(was.Spec, is.Spec); d != "" {
			t.Errorf("%s: the spec has changed:\n%s", name, d)
		}
		if d := cmp.Diff(metadata(was), metadata(is)); d != "" {
			t.Errorf("%s: the metadata has changed:\n%s", name, d)
		}
		if changed := was.ResourceVersion != is.ResourceVersion; changed != concerned[name] {
			t.Errorf("%s: written: %v, want %v", name, changed, concerned[name])
		}
	}
}

// metadata is the metadata that does not follow from a write of the status.
func metadata(c isms.Control) metav1.ObjectMeta {
	m := *c.ObjectMeta.DeepCopy()
	m.ResourceVersion, m.ManagedFields = "", nil
	return m
}

func ofName(all []object, is string) object {
	for _, o := range all {
		if name(o) == is {
			return o
		}
	}
	return nil
}
