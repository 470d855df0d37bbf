// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// registries is a parameter of the scope, which one control overrides.
var registries = parameter("registries", "quay.io/", "registry.k8s.io/", "ghcr.io/")

// stackWorkloads are rules on the Deployments and the DaemonSet of the monitoring stack.
var stackWorkloads = []row{
	{
		name: "deployments-run-as-non-root", rule: deployments(Every, nonRoot), holds: runsAsNonRoot, verdict: pass,
	}, {
		name: "deployments-do-not-escalate",
		rule: deployments(None, `object.spec.template.spec.containers.exists(c, c.?securityContext.?allowPrivilegeEscalation.orValue(true))`),
		holds: func(o object) bool {
			return some(containers(o), func(c any) bool { return !no(c, "securityContext", "allowPrivilegeEscalation") })
		},
		verdict: pass,
	}, {
		name: "deployments-have-seccomp", rule: deployments(Every, seccomp), holds: hasSeccompProfile, verdict: fail,
	}, {
		name: "deployments-have-seccomp-but-for-a-waiver-by-name", rule: deployments(Every, seccomp),
		exceptions: exception(isms.ExceptionObject{Namespace: "monitoring", Name: "blackbox-*"}),
		holds:      hasSeccompProfile,
		waived:     func(o object) bool { return strings.HasPrefix(name(o), "blackbox-") },
		verdict:    pass,
	}, {
		name: "deployments-have-seccomp-but-for-a-waiver-by-label", rule: deployments(Every, seccomp),
		exceptions: exception(isms.ExceptionObject{LabelSelector: &metav1.LabelSelector{
			MatchLabels: map[string]string{"app.kubernetes.io/component": "grafana"},
		}}),
		holds:   hasSeccompProfile,
		waived:  func(o object) bool { return label(o, "app.kubernetes.io/component") == "grafana" },
		verdict: fail, // the waiver is for another
	}, {
		name:       "deployments-have-memory-limits",
		parameters: parameter("most", "200Mi"),
		rule: deployments(Every, `object.spec.template.spec.containers.all(c, has(c.resources.limits) && 'memory' in c.resources.limits &&
			quantity(c.resources.limits['memory']).compareTo(quantity(params.most[0])) <= 0)`),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool { return atMost(at(c, "resources", "limits", "memory"), "200Mi") })
		},
		verdict: fail,
	}, {
		name: "images-of-the-scopes-registries", rule: deployments(Every, trustedImages),
		holds: func(o object) bool { return fromRegistries(o, "quay.io/", "registry.k8s.io/", "ghcr.io/") }, verdict: fail,
	}, {
		name:       "images-of-the-controls-registries",
		parameters: parameter("registries", "quay.io/", "registry.k8s.io/", "grafana/"),
		rule:       deployments(Every, trustedImages),
		holds:      func(o object) bool { return fromRegistries(o, "quay.io/", "registry.k8s.io/", "grafana/") },
		verdict:    fail,
	}, {
		name: "replicated-deployments-are-probed",
		rule: where(deployments(Every, `object.spec.template.spec.containers.exists(c, has(c.readinessProbe) && has(c.livenessProbe))`),
			`object.spec.replicas > 1`),
		selects: func(o object) bool { return number(o, "spec", "replicas") > 1 },
		holds: func(o object) bool {
			return some(containers(o), func(c any) bool { return has(c, "readinessProbe") && has(c, "livenessProbe") })
		},
		verdict: pass,
	}, {
		name:    "deployments-not-as-nobody", // fails for some and cannot say for others
		rule:    deployments(Every, `object.spec.template.spec.securityContext.runAsUser != 65534`),
		holds:   func(o object) bool { return number(pod(o), "securityContext", "runAsUser") != 65534 },
		breaks:  func(o object) bool { return !has(pod(o), "securityContext", "runAsUser") },
		verdict: fail,
	}, {
		name:    "deployments-share-a-file-group", // passes for one and cannot say for others
		rule:    deployments(Every, `object.spec.template.spec.securityContext.fsGroup == 65534`),
		holds:   func(o object) bool { return number(pod(o), "securityContext", "fsGroup") == 65534 },
		breaks:  func(o object) bool { return !has(pod(o), "securityContext", "fsGroup") },
		verdict: unknown,
	}, {
		name:    "a-deployment-has-a-file-group", // one that passes is enough, whatever breaks
		rule:    deployments(Any, `object.spec.template.spec.securityContext.fsGroup == 65534`),
		holds:   func(o object) bool { return number(pod(o), "securityContext", "fsGroup") == 65534 },
		breaks:  func(o object) bool { return !has(pod(o), "securityContext", "fsGroup") },
		verdict: pass,
	}, {
		name:    "a-deployment-has-an-odd-file-group", // none passes, and some break
		rule:    deployments(Any, `object.spec.template.spec.securityContext.fsGroup == 1`),
		holds:   func(o object) bool { return number(pod(o), "securityContext", "fsGroup") == 1 },
		breaks:  func(o object) bool { return !has(pod(o), "securityContext", "fsGroup") },
		verdict: unknown,
	}, {
		name:    "a-deployment-has-three-replicas",
		rule:    deployments(Any, `object.spec.replicas >= 3`),
		holds:   func(o object) bool { return number(o, "spec", "replicas") >= 3 },
		verdict: fail,
	}, {
		name: "deployments-serve-tls",
		rule: deployments(Every, `object.spec.template.spec.containers.exists(c,
			c.?args.orValue([]).exists(a, a.startsWith('--secure-')))`),
		holds: func(o object) bool {
			return someArgument(o, func(a string) bool { return strings.HasPrefix(a, "--secure-") })
		},
		verdict: fail,
	}, {
		name: "deployments-without-weak-ciphers",
		rule: deployments(None, `object.spec.template.spec.containers.exists(c,
			c.?args.orValue([]).exists(a, a.matches('^--tls-cipher-suites=.*_CBC_')))`),
		holds: func(o object) bool {
			return someArgument(o, func(a string) bool {
				return strings.HasPrefix(a, "--tls-cipher-suites=") && strings.Contains(a, "_CBC_")
			})
		},
		verdict: fail,
	}, {
		name: "deployments-have-accounts-of-their-own",
		rule: deployments(Set, `objects.all(o, objects.exists_one(p,
			p.spec.template.spec.serviceAccountName == o.spec.template.spec.serviceAccountName))`),
		whole: func(all []object) bool {
			accounts := map[string]bool{}
			for _, o := range all {
				accounts[text(pod(o), "serviceAccountName")] = true
			}
			return len(accounts) == len(all)
		},
		verdict: pass,
	}, {
		name: "exporters-are-in-a-warning-namespace",
		rule: selecting(deployments(Every, `namespaceObject.metadata.?labels[?'pod-security.kubernetes.io/warn'].orValue('') == 'privileged'`),
			"app.kubernetes.io/component", metav1.LabelSelectorOpIn, "exporter", "probe"),
		selects: func(o object) bool {
			return slices.Contains([]string{"exporter", "probe"}, label(o, "app.kubernetes.io/component"))
		},
		holds:   func(o object) bool { return namespace(o) == "monitoring" }, // as setup/namespace.yaml labels it
		verdict: pass,
	}, {
		name: "all-but-exporters-are-single",
		rule: selecting(deployments(Every, `object.spec.replicas == 1`),
			"app.kubernetes.io/component", metav1.LabelSelectorOpNotIn, "exporter"),
		selects: func(o object) bool { return label(o, "app.kubernetes.io/component") != "exporter" },
		holds:   func(o object) bool { return number(o, "spec", "replicas") == 1 },
		verdict: fail,
	}, {
		name:    "no-subjects-fail-where-said",
		rule:    onNoMatch(where(deployments(Every, `has(object.spec.paused)`), `object.spec.replicas > 100`), isms.NoMatchFail),
		selects: func(o object) bool { return number(o, "spec", "replicas") > 100 },
		holds:   func(object) bool { return false },
		empty:   true,
		verdict: fail,
	}, {
		name:    "no-stateful-sets",
		rule:    on("apps/v1", "StatefulSet", None, `object.metadata.name != ''`),
		holds:   func(object) bool { return true },
		empty:   true,
		verdict: pass,
	}, {
		name: "daemon-sets-mount-no-host-path",
		rule: daemonSets(None, `object.spec.template.spec.?volumes.orValue([]).exists(v, has(v.hostPath))`),
		holds: func(o object) bool {
			return some(list(pod(o), "volumes"), func(v any) bool { return has(v, "hostPath") })
		},
		verdict: fail,
	}, {
		name:    "a-daemon-set-sees-the-host-network",
		rule:    daemonSets(Any, `object.spec.template.spec.?hostNetwork.orValue(false)`),
		holds:   func(o object) bool { return yes(pod(o), "hostNetwork") },
		verdict: pass,
	}, {
		name:       "daemon-sets-add-few-capabilities",
		parameters: parameter("capabilities", "NET_BIND_SERVICE"),
		rule: daemonSets(Every, `object.spec.template.spec.containers.all(c,
			c.?securityContext.?capabilities.?add.orValue([]).all(k, k in params.capabilities))`),
		holds: func(o object) bool {
			return every(containers(o), func(c any) bool {
				return every(list(c, "securityContext", "capabilities", "add"), isText("NET_BIND_SERVICE"))
			})
		},
		verdict: fail,
	}, {
		name:    "daemon-sets-in-every-namespace",
		rule:    daemonSets(AnyPerNamespace, `object.spec.template.spec.nodeSelector['kubernetes.io/os'] == 'linux'`),
		holds:   func(o object) bool { return text(pod(o), "nodeSelector", "kubernetes.io/os") == "linux" },
		verdict: fail,
	},
}

func fromRegistries(o object, registries ...string) bool {
	return every(containers(o), func(c any) bool {
		return slices.ContainsFunc(registries, func(r string) bool { return strings.HasPrefix(text(c, "image"), r) })
	})
}

func someArgument(o object, is func(string) bool) bool {
	return some(containers(o), func(c any) bool {
		return some(list(c, "args"), func(a any) bool { return is(a.(string)) })
	})
}

// selecting adds one requirement on labels.
func selecting(r isms.ResourceRule, key string, operator metav1.LabelSelectorOperator, values ...string) isms.ResourceRule {
	r.LabelSelector = &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: operator, Values: values}},
	}
	return r
}
