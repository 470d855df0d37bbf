// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

const (
	accountFile  = "rbac/evidence-account.yaml"
	operatorFile = "rbac/operator.yaml"
)

const accountHead = `The account for which the operator evaluates the rules of the scope: a rule counts only objects that this account may
list and watch. It has the rights that the rules of controls/ need, and no others; no pod runs under it. Run
kubectl isms init again when rules or the cluster change.`

const companionHead = `What the operator itself may read for these rules, beyond what it was installed with: the kinds of companions. The
label adds it to the operator's rights; whoever applies it must hold them.`

const documentHead = `The operator may read the texts of the Documents, each by its name, and no other ConfigMap: it compares
their digest with the approved one.`

// rights writes what the two accounts may read.
func (r *rendering) rights() error {
	a := r.in.Answers
	reader, companions := clusterRoles(a)
	no := false
	for _, m := range []struct {
		file, head string
		object     any
	}{
		{accountFile, accountHead, &corev1.ServiceAccount{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
			ObjectMeta: metav1.ObjectMeta{Name: account, Namespace: string(a.Namespace)}, AutomountServiceAccountToken: &no,
		}},
		{accountFile, "", &rbacv1.ClusterRole{
			TypeMeta: rbac("ClusterRole"), ObjectMeta: metav1.ObjectMeta{Name: reader}, Rules: r.readerRules(),
		}},
		{accountFile, "", &rbacv1.ClusterRoleBinding{
			TypeMeta: rbac("ClusterRoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: reader}, RoleRef: role("ClusterRole", reader),
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: account, Namespace: string(a.Namespace)}},
		}},
		{operatorFile, documentHead, &rbacv1.Role{
			TypeMeta: rbac("Role"), ObjectMeta: metav1.ObjectMeta{Name: "isms-documents", Namespace: string(a.Namespace)},
			Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: configMaps(), Verbs: []string{"get"},
			}},
		}},
		{operatorFile, "", &rbacv1.RoleBinding{
			TypeMeta: rbac("RoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: "isms-documents", Namespace: string(a.Namespace)},
			RoleRef: role("Role", "isms-documents"),
			Subjects: []rbacv1.Subject{{
				Kind: "ServiceAccount", Name: string(r.in.Cluster.Operator.Name), Namespace: string(r.in.Cluster.Operator.Namespace),
			}},
		}},
	} {
		if err := r.manifest(m.file, m.object, m.head, nil); err != nil {
			return err
		}
	}
	if rules := rulesFor(r.kinds, func(k starter.Kind) bool { return k.Companion != "" }); len(rules) > 0 {
		err := r.manifest(operatorFile, &rbacv1.ClusterRole{
			TypeMeta: rbac("ClusterRole"),
			ObjectMeta: metav1.ObjectMeta{
				Name: companions, Labels: map[string]string{isms.GroupVersion.Group + "/aggregate-to-evidence": "true"},
			},
			Rules: rules,
		}, companionHead, nil)
		if err != nil {
			return err
		}
	}
	r.kustomization("rbac", "")
	return nil
}

// clusterRoles are the names of the account's role, which its binding has too, and of the operator's for companions. The
// cluster has one of each for every scope.
func clusterRoles(a Answers) (reader, companions string) {
	name := fmt.Sprintf("%s-%s", a.Namespace, a.Scope)
	return name + "-evidence-reader", name + "-companions"
}

func rbac(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

func role(kind, name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func configMaps() []string {
	var names []string
	for _, t := range starter.Texts() {
		names = append(names, configMap(t))
	}
	return names
}

// readerRules are list and watch on each kind that a rule reads. Namespaces are listed to know which are in scope, and
// got where a rule reads the namespace of an object.
func (r *rendering) readerRules() []rbacv1.PolicyRule {
	isNamespace := func(k starter.Kind) bool { return k.APIVersion == "v1" && k.Kind == "Namespace" }
	others := rulesFor(r.kinds, func(k starter.Kind) bool { return !isNamespace(k) })
	return append([]rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"get", "list", "watch"}},
	}, others...)
}

// rulesFor grants list and watch on kinds, one rule for each group, sorted.
func rulesFor(kinds []starter.Kind, which func(starter.Kind) bool) []rbacv1.PolicyRule {
	byGroup := map[string][]string{}
	var groups []string
	for _, k := range kinds {
		if !which(k) {
			continue
		}
		group, _, grouped := strings.Cut(k.APIVersion, "/")
		if !grouped {
			group = ""
		}
		if byGroup[group] == nil {
			groups = append(groups, group)
		}
		byGroup[group] = append(byGroup[group], k.Resource)
	}
	slices.Sort(groups)
	var rules []rbacv1.PolicyRule
	for _, group := range groups {
		resources := byGroup[group]
		slices.Sort(resources)
		rules = append(rules, rbacv1.PolicyRule{
			APIGroups: []string{group}, Resources: slices.Compact(resources), Verbs: []string{"list", "watch"},
		})
	}
	return rules
}
