// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// optionalPolicies are those of config/policy/optional.
var optionalPolicies = []string{"impersonation", "exceptions", "decisions"}

// TestOptionalPoliciesAreOff: an installation has the two policies that everybody has, and none of these.
func TestOptionalPoliciesAreOff(t *testing.T) {
	var names []string
	for _, o := range objects(t) {
		if o.GetKind() == "ValidatingAdmissionPolicy" {
			names = append(names, o.GetName())
		}
	}
	slices.Sort(names)
	if want := []string{"isms-operator-guard-evidence", "isms-operator-keep-open-findings"}; !slices.Equal(names, want) {
		t.Errorf("policies %v, want %v", names, want)
	}
	for _, policy := range optionalPolicies {
		bound := 0
		for _, o := range objectsOf(t, "config", "policy", "optional", policy) {
			if o.GetKind() == "ValidatingAdmissionPolicyBinding" {
				bound++
			}
		}
		if bound == 0 {
			t.Errorf("%s binds no policy", policy)
		}
	}
}

// office is a namespace with an ISMS, whose manager has the shipped role, and another manager further roles beside it.
type office struct {
	*testing.T
	env                     *testenv.Env
	admin, manager, trusted client.Client
	named                   int
}

const officeHome = "isms"

func newOffice(t *testing.T) *office {
	t.Helper()
	env := testenv.Start(t)
	o := &office{
		T: t, env: env, admin: testenv.Client(t, env.Config),
		manager: testenv.Client(t, env.As("manager")), trusted: testenv.Client(t, env.As("trusted")),
	}
	o.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: officeHome}})
	for _, object := range objects(t) {
		if object.GetKind() == "ClusterRole" {
			o.apply(client.ApplyConfigurationFromUnstructured(object))
		}
	}
	o.bind("manager", "isms-operator-isms-manager")
	o.bind("trusted", "isms-operator-isms-manager")
	return o
}

func (o *office) create(objects ...client.Object) {
	o.Helper()
	for _, object := range objects {
		if err := o.admin.Create(o.Context(), object); err != nil {
			o.Fatal(err)
		}
	}
}

func (o *office) apply(configuration runtime.ApplyConfiguration) {
	o.Helper()
	if err := o.admin.Apply(o.Context(), configuration, client.FieldOwner("install-test"), client.ForceOwnership); err != nil {
		o.Fatal(err)
	}
}

func (o *office) bind(user, role string) {
	o.Helper()
	o.create(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: officeHome, Name: user + "-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	})
}

// switchOn applies a policy, and gives the trusted manager its roles.
func (o *office) switchOn(policy string) {
	o.Helper()
	for _, object := range objectsOf(o.T, "config", "policy", "optional", policy) {
		o.apply(client.ApplyConfigurationFromUnstructured(object))
		if object.GetKind() == "ClusterRole" {
			o.bind("trusted", object.GetName())
		}
	}
}

// step is something that somebody tries, anew each time.
type step struct {
	name string
	try  func(ctx context.Context, c client.Client) error
	// free is what everybody may who edits the kind, policy or not.
	free bool
	// says is in the refusal.
	says string
}

// wantFree asks that both managers may take all steps.
func (o *office) wantFree(steps []step, when string) {
	o.Helper()
	for _, s := range steps {
		for who, c := range map[string]client.Client{"a manager": o.manager, "a trusted manager": o.trusted} {
			if err := o.eventually(func() error { return s.try(o.Context(), c) }, nothing); err != nil {
				o.Errorf("%s may not %s, %s: %v", who, s.name, when, err)
			}
		}
	}
}

// wantGuarded asks that a manager may take the free steps alone, and a trusted one all, once the policy is in force.
func (o *office) wantGuarded(steps []step) {
	o.Helper()
	for _, s := range steps {
		if err := o.eventually(func() error { return s.try(o.Context(), o.trusted) }, nothing); err != nil {
			o.Errorf("who has the right may not %s: %v", s.name, err)
		}
		want := apierrors.IsForbidden
		if s.free {
			want = nothing
		}
		err := o.eventually(func() error { return s.try(o.Context(), o.manager) }, want)
		switch {
		case !want(err):
			o.Errorf("who has no right tries to %s: %v", s.name, err)
		case !s.free && (!strings.Contains(err.Error(), s.says) || !strings.Contains(err.Error(), "manager may not")):
			o.Errorf("who has no right tries to %s, and the refusal does not say %q and who it was: %v", s.name, s.says, err)
		}
	}
}

func nothing(err error) bool { return err == nil }

// errNotYet says that a right is not there yet.
var errNotYet = errors.New("not yet")

// eventually tries until the error is wanted: roles and policies take the API server a moment.
func (o *office) eventually(try func() error, want func(error) bool) error {
	var err error
	_ = wait.PollUntilContextTimeout(o.Context(), 100*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) {
		err = try()
		return want(err), nil
	})
	return err
}

// name is one that nobody has had.
func (o *office) name(prefix string) string {
	o.named++
	return fmt.Sprintf("%s-%d", prefix, o.named)
}

// creating creates an object of its own each time.
func creating[T any, P interface {
	*T
	client.Object
}](o *office, blank func() P,
) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		object := blank()
		object.SetNamespace(officeHome)
		object.SetName(o.name("new"))
		return c.Create(ctx, object)
	}
}

// editing has the administrator create an object, and edits it.
func editing[T any, P interface {
	*T
	client.Object
}](o *office, blank func() P, edit func(P),
) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		object := blank()
		object.SetNamespace(officeHome)
		object.SetName(o.name("there"))
		o.create(object)
		edit(object)
		return c.Update(ctx, object)
	}
}
