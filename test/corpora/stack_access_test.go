// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const partOf = "app.kubernetes.io/part-of"

// ours selects what belongs to the stack: the API server makes objects of some kinds on its own.
func ours(r isms.ResourceRule) isms.ResourceRule {
	return labelled(r, map[string]string{partOf: "kube-prometheus"})
}

func isOurs(o object) bool { return label(o, partOf) == "kube-prometheus" }

func rbac(kind string, q isms.Quantifier, expect string) isms.ResourceRule {
	return on("rbac.authorization.k8s.io/v1", kind, q, expect)
}

func budgets(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("policy/v1", "PodDisruptionBudget", q, expect)
}

// stackNetwork are rules on what keeps the stack reachable, and out of reach.
var stackNetwork = []row{
	{
		name:    "budgets-in-every-namespace",
		rule:    budgets(AnyPerNamespace, `object.spec.?selector.?matchLabels.orValue({}).size() > 0`),
		holds:   func(o object) bool { return has(o, "spec", "selector", "matchLabels") },
		verdict: fail,
	}, {
		name:    "budgets-keep-one", // an integer or a string; one budget says maxUnavailable instead
		rule:    budgets(Every, `int(object.spec.minAvailable) >= 1`),
		holds:   func(o object) bool { return number(o, "spec", "minAvailable") >= 1 },
		breaks:  func(o object) bool { return !has(o, "spec", "minAvailable") },
		verdict: unknown,
	}, {
		name: "budgets-let-nodes-drain",
		rule: budgets(None, `has(object.spec.maxUnavailable) && object.spec.maxUnavailable == 0`),
		holds: func(o object) bool {
			return has(o, "spec", "maxUnavailable") && number(o, "spec", "maxUnavailable") == 0
		},
		verdict: pass,
	}, {
		name: "default-deny-in-every-namespace", rule: networkPolicies(AnyPerNamespace, denyIngress), holds: deniesIngress, verdict: fail,
	}, {
		name: "no-policy-opens-ingress", rule: networkPolicies(None, openIngress), holds: opensIngress, verdict: fail,
	}, {
		name: "no-policy-opens-egress", rule: networkPolicies(None, openEgress), holds: opensEgress, verdict: fail,
	}, {
		name: "policies-let-prometheus-in",
		rule: networkPolicies(Every, `object.spec.ingress.exists(i, i.?from.orValue([]).exists(f,
			f.?podSelector.?matchLabels[?'app.kubernetes.io/name'].orValue('') == 'prometheus'))`),
		holds: func(o object) bool {
			return some(list(o, "spec", "ingress"), func(i any) bool {
				return some(list(i, "from"), func(f any) bool {
					return text(f, "podSelector", "matchLabels", "app.kubernetes.io/name") == "prometheus"
				})
			})
		},
		verdict: fail,
	}, {
		name: "no-policy-opens-8080", // an integer or a string
		rule: networkPolicies(None, `object.spec.ingress.exists(i, i.?ports.orValue([]).exists(p, p.port == 8080))`),
		holds: func(o object) bool {
			return some(list(o, "spec", "ingress"), func(i any) bool {
				return some(list(i, "ports"), func(p any) bool { return number(p, "port") == 8080 })
			})
		},
		verdict: fail,
	}, {
		name:    "policies-enough",
		rule:    ours(networkPolicies(Set, `objects.filter(o, 'Egress' in o.spec.policyTypes).size() == 8`)),
		selects: isOurs,
		whole: func(all []object) bool {
			sum := 0
			for _, o := range all {
				if some(list(o, "spec", "policyTypes"), isText("Egress")) {
					sum++
				}
			}
			return sum == 8
		},
		verdict: pass,
	}, {
		name:    "services-are-not-headless",
		rule:    ours(on("v1", "Service", None, `object.spec.clusterIP == 'None'`)),
		selects: isOurs,
		holds:   func(o object) bool { return text(o, "spec", "clusterIP") == "None" },
		verdict: fail,
	}, {
		name: "sticky-services-serve-one-port",
		rule: where(ours(on("v1", "Service", Every, `object.spec.ports.all(p, p.port in [9090, 9093])`)),
			`object.spec.sessionAffinity == 'ClientIP'`),
		selects: func(o object) bool { return isOurs(o) && text(o, "spec", "sessionAffinity") == "ClientIP" },
		holds: func(o object) bool {
			return every(list(o, "spec", "ports"), func(p any) bool { return number(p, "port") == 9090 || number(p, "port") == 9093 })
		},
		verdict: fail,
	}, {
		name:    "services-name-their-target", // an integer or a string
		rule:    ours(on("v1", "Service", Every, `object.spec.ports.all(p, type(p.targetPort) == string)`)),
		selects: isOurs,
		holds: func(o object) bool {
			return every(list(o, "spec", "ports"), func(p any) bool { return text(p, "targetPort") != "" })
		},
		verdict: fail,
	},
}

// stackAccess are rules on accounts, rights and what else is cluster-wide.
var stackAccess = []row{
	{
		name:    "accounts-do-not-mount-tokens",
		rule:    on("v1", "ServiceAccount", Every, `!object.?automountServiceAccountToken.orValue(true)`),
		holds:   func(o object) bool { return no(o, "automountServiceAccountToken") },
		verdict: fail,
	}, {
		name:    "roles-read-no-secrets",
		rule:    rbac("Role", Every, `object.rules.all(r, !('secrets' in r.resources))`),
		holds:   func(o object) bool { return !grants(o, "", "secrets") },
		verdict: pass,
	}, {
		name:    "a-role-in-every-namespace-reads-pods",
		rule:    rbac("Role", AnyPerNamespace, `object.rules.exists(r, '' in r.apiGroups && 'pods' in r.resources && 'list' in r.verbs)`),
		holds:   func(o object) bool { return grants(o, "", "pods", "list") },
		verdict: pass,
	}, {
		name: "bindings-stay-in-their-namespace",
		rule: rbac("RoleBinding", Every, `object.subjects.all(s, s.namespace == object.metadata.namespace)`),
		holds: func(o object) bool {
			return every(list(o, "subjects"), func(s any) bool { return text(s, "namespace") == namespace(o) })
		},
		verdict: fail, // and the one in kube-system is not in scope
	}, {
		name: "bindings-give-accounts-roles",
		rule: rbac("RoleBinding", Every, `object.roleRef.kind == 'Role' && object.subjects.all(s, s.kind == 'ServiceAccount')`),
		holds: func(o object) bool {
			return text(o, "roleRef", "kind") == "Role" &&
				every(list(o, "subjects"), func(s any) bool { return text(s, "kind") == "ServiceAccount" })
		},
		verdict: pass,
	}, {
		name:    "cluster-roles-without-wildcards",
		rule:    ours(rbac("ClusterRole", None, `object.rules.exists(r, '*' in r.verbs)`)),
		selects: isOurs,
		holds: func(o object) bool {
			return some(list(o, "rules"), func(r any) bool { return some(list(r, "verbs"), isText("*")) })
		},
		verdict: fail,
	}, {
		name: "cluster-roles-list-no-secrets", // rules on URLs have no resources
		rule: ours(rbac("ClusterRole", None, `object.rules.exists(r, 'secrets' in r.?resources.orValue([]) &&
			r.verbs.exists(v, v in ['list', '*']))`)),
		selects: isOurs,
		holds:   func(o object) bool { return grants(o, "", "secrets", "list") || grants(o, "", "secrets", "*") },
		verdict: fail,
	}, {
		name:    "a-cluster-role-adds-to-view",
		rule:    ours(rbac("ClusterRole", Any, `object.metadata.?labels[?'rbac.authorization.k8s.io/aggregate-to-view'].orValue('') == 'true'`)),
		selects: isOurs,
		holds:   func(o object) bool { return label(o, "rbac.authorization.k8s.io/aggregate-to-view") == "true" },
		verdict: pass,
	}, {
		name:    "few-cluster-roles-review-tokens",
		rule:    ours(rbac("ClusterRole", Set, `objects.filter(o, o.rules.exists(r, 'tokenreviews' in r.?resources.orValue([]))).size() <= 3`)),
		selects: isOurs,
		whole: func(all []object) bool {
			sum := 0
			for _, o := range all {
				if grants(o, "authentication.k8s.io", "tokenreviews") {
					sum++
				}
			}
			return sum <= 3
		},
		verdict: fail,
	}, {
		name:    "cluster-bindings-are-named-like-their-role",
		rule:    ours(rbac("ClusterRoleBinding", Every, `object.roleRef.name == object.metadata.name`)),
		selects: isOurs,
		holds:   func(o object) bool { return text(o, "roleRef", "name") == name(o) },
		verdict: fail,
	}, {
		name:    "nobody-of-the-stack-is-cluster-admin",
		rule:    ours(rbac("ClusterRoleBinding", None, `object.roleRef.name == 'cluster-admin'`)),
		selects: isOurs,
		holds:   func(o object) bool { return text(o, "roleRef", "name") == "cluster-admin" },
		verdict: pass,
	}, {
		name: "namespaces-that-warn-pin-the-version", // Namespace objects follow the scope
		rule: where(on("v1", "Namespace", Every, `object.metadata.labels['pod-security.kubernetes.io/warn-version'] != 'latest'`),
			`'pod-security.kubernetes.io/warn' in object.metadata.?labels.orValue({})`),
		selects: func(o object) bool { return label(o, "pod-security.kubernetes.io/warn") != "" },
		holds:   func(o object) bool { return label(o, "pod-security.kubernetes.io/warn-version") != "latest" },
		verdict: fail,
	}, {
		name:    "secrets-belong-to-somebody", // only metadata reaches a rule
		rule:    opaque(on("v1", "Secret", Every, `object.metadata.?labels[?'app.kubernetes.io/part-of'].hasValue()`)),
		selects: func(o object) bool { return text(o, "type") == "Opaque" || !has(o, "type") },
		holds:   isOurs,
		verdict: pass,
	}, {
		name:    "config-maps-say-their-version",
		rule:    on("v1", "ConfigMap", Every, `object.metadata.?labels[?'app.kubernetes.io/version'].hasValue()`),
		holds:   func(o object) bool { return label(o, "app.kubernetes.io/version") != "" },
		verdict: pass,
	}, {
		name: "custom-resources-are-namespaced",
		rule: where(on("apiextensions.k8s.io/v1", "CustomResourceDefinition", Every,
			`object.spec.scope == 'Namespaced' && object.spec.versions.exists_one(v, v.storage)`),
			`object.spec.group == 'monitoring.coreos.com'`),
		holds: func(o object) bool {
			stored := 0
			for _, v := range list(o, "spec", "versions") {
				if yes(v, "storage") {
					stored++
				}
			}
			return text(o, "spec", "scope") == "Namespaced" && stored == 1
		},
		verdict: pass,
	}, {
		name:    "aggregated-apis-verify-tls",
		rule:    ours(on("apiregistration.k8s.io/v1", "APIService", None, `object.spec.?insecureSkipTLSVerify.orValue(false)`)),
		selects: isOurs,
		holds:   func(o object) bool { return yes(o, "spec", "insecureSkipTLSVerify") },
		verdict: fail,
	},
}

func opaque(r isms.ResourceRule) isms.ResourceRule {
	r.SecretType = "Opaque"
	return r
}

// grants says whether one rule of a role names the resource of the group with all the verbs.
func grants(o object, group, resource string, verbs ...string) bool {
	return some(list(o, "rules"), func(r any) bool {
		for _, v := range verbs {
			if !some(list(r, "verbs"), isText(v)) {
				return false
			}
		}
		return some(list(r, "apiGroups"), isText(group)) && some(list(r, "resources"), isText(resource))
	})
}
