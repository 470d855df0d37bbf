// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// kindsOfGroup are the resources that people write; evidencelogs the operator writes alone.
var kindsOfGroup = []string{"attestations", "auditcycles", "controls", "documents", "findings", "ismsscopes", "registerentries", "risks"}

// roleCase says, for each resource, the verbs that a role for people gives in the namespace where it is bound. Whatever is not
// named it does not give.
type roleCase map[string]string

const (
	reading = "get list watch"
	writing = "get list watch create update patch delete"
)

func rolesForPeople() map[string]roleCase {
	manager, auditor, ci := roleCase{}, roleCase{}, roleCase{}
	for _, kind := range kindsOfGroup {
		manager[kind], auditor[kind], ci[kind] = writing, reading, "get list"
	}
	manager["evidencelogs"], auditor["evidencelogs"] = reading, reading
	return map[string]roleCase{
		"isms-operator-isms-manager": manager,
		"isms-operator-auditor":      auditor,
		"isms-operator-ci":           ci,
		"isms-operator-control-owner": {
			"attestations": "get list watch create", "documents": "get list watch create update patch",
			"registerentries": "get list watch create update patch", "findings": "get list watch update patch",
			"auditcycles": reading, "controls": reading, "ismsscopes": reading,
		},
	}
}

// TestRolesForPeople asks a real API server what somebody may who has one of the roles, in the namespace where it is bound, in
// another, and in the cluster: each verb on each kind of the group and its status, and what a role never gives.
func TestRolesForPeople(t *testing.T) {
	o := newOffice(t)
	for role, rights := range rolesForPeople() {
		t.Run(role, func(t *testing.T) {
			user := "user-of-" + role
			o.bind(user, role)
			o.wantRights(t, user, rights)
		})
	}
}

func (o *office) wantRights(t *testing.T, user string, rights roleCase) {
	c := testenv.Client(t, o.env.As(user))
	asked := right{verb: "get", group: ismsGroup, resource: "controls", namespace: officeHome}
	if err := o.eventually(func() error {
		if may(t.Context(), t, c, asked.attributes()) {
			return nil
		}
		return errNotYet
	}, nothing); err != nil {
		t.Fatalf("%s may not even %s", user, asked)
	}
	for _, kind := range append(slices.Clone(kindsOfGroup), "evidencelogs") {
		for _, verb := range append(strings.Fields(writing), "deletecollection") {
			for _, r := range []right{
				{verb: verb, group: ismsGroup, resource: kind, namespace: officeHome, allowed: slices.Contains(strings.Fields(rights[kind]), verb)},
				{verb: verb, group: ismsGroup, resource: kind, subresource: "status", namespace: officeHome},
				{verb: verb, group: ismsGroup, resource: kind, namespace: "elsewhere"},
				{verb: verb, group: ismsGroup, resource: kind},
			} {
				wantRight(t, c, r)
			}
		}
	}
	for _, r := range []right{
		{verb: "list", resource: "secrets", namespace: officeHome},
		{verb: "get", resource: "secrets", namespace: officeHome},
		{verb: "list", resource: "configmaps", namespace: officeHome},
		{verb: "update", resource: "configmaps", namespace: officeHome},
		{verb: "impersonate", resource: "serviceaccounts", namespace: officeHome},
		{verb: "create", resource: "serviceaccounts", subresource: "token", namespace: officeHome},
		{verb: "create", group: "rbac.authorization.k8s.io", resource: "rolebindings", namespace: officeHome},
		{verb: "update", group: "admissionregistration.k8s.io", resource: "validatingadmissionpolicies"},
		{verb: "update", group: "apiextensions.k8s.io", resource: "customresourcedefinitions"},
		{verb: "list", resource: "pods", namespace: officeHome},
		{verb: "list", resource: "namespaces"},
		{verb: "update", group: ismsGroup, resource: "controls", subresource: "exceptions", namespace: officeHome},
		{verb: "update", group: ismsGroup, resource: "documents", subresource: "approval", namespace: officeHome},
	} {
		wantRight(t, c, r)
	}
}

func wantRight(t *testing.T, c client.Client, r right) {
	t.Helper()
	if got := may(t.Context(), t, c, r.attributes()); got != r.allowed {
		t.Errorf("may %s: %t, want %t", r, got, r.allowed)
	}
}

// TestPublicKeys: who reads the evidence log may read the one ConfigMap with the keys to verify it.
func TestPublicKeys(t *testing.T) {
	o := newOffice(t)
	for role, allowed := range map[string]bool{
		"isms-operator-isms-manager": true, "isms-operator-auditor": true, "isms-operator-control-owner": false, "isms-operator-ci": false,
	} {
		o.bind("reader-of-"+role, role)
		c := testenv.Client(t, o.env.As("reader-of-"+role))
		err := o.eventually(func() error {
			keys := &authorizationv1.ResourceAttributes{Verb: "get", Resource: "configmaps", Name: publishedKeys[0], Namespace: officeHome}
			controls := right{verb: "get", group: ismsGroup, resource: "controls", namespace: officeHome}
			if !may(t.Context(), t, c, controls.attributes()) || may(t.Context(), t, c, keys) != allowed {
				return errNotYet
			}
			return nil
		}, nothing)
		if err != nil {
			t.Errorf("%s may read the public keys: %t, want %t", role, !allowed, allowed)
		}
	}
}

// TestClusterWide: bound by a ClusterRoleBinding, a role gives the same in all namespaces, and no more.
func TestClusterWide(t *testing.T) {
	o := newOffice(t)
	o.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "group-auditor"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "isms-operator-auditor"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "group-auditor"}},
	})
	c := testenv.Client(t, o.env.As("group-auditor"))
	everywhere := right{verb: "list", group: ismsGroup, resource: "evidencelogs"}
	if err := o.eventually(func() error {
		if may(t.Context(), t, c, everywhere.attributes()) {
			return nil
		}
		return errNotYet
	}, nothing); err != nil {
		t.Errorf("the auditor of all may not %s", everywhere)
	}
	wantRight(t, c, right{verb: "update", group: ismsGroup, resource: "controls", namespace: officeHome})
	wantRight(t, c, right{verb: "list", resource: "secrets"})
}
