// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
)

// awaitAggregation waits until each aggregated ClusterRole has rules.
func (c *cluster) awaitAggregation(ctx context.Context) error {
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		var roles rbacv1.ClusterRoleList
		if err := c.List(ctx, &roles); err != nil {
			return false, fmt.Errorf("list the cluster roles: %w", err)
		}
		return !slices.ContainsFunc(roles.Items, waitsForRules), nil
	})
}

func waitsForRules(role rbacv1.ClusterRole) bool {
	return role.AggregationRule != nil && len(role.Rules) == 0
}

// aggregateRoles gathers the rules of aggregated ClusterRoles, as kube-controller-manager does where there is one: the
// binaries that controller-runtime publishes for tests have none.
func (c *cluster) aggregateRoles(ctx context.Context) error {
	var roles rbacv1.ClusterRoleList
	if err := c.List(ctx, &roles); err != nil {
		return fmt.Errorf("list the cluster roles: %w", err)
	}
	for i := range roles.Items {
		role := &roles.Items[i]
		if !waitsForRules(*role) {
			continue
		}
		rules, err := gathered(roles.Items, role.AggregationRule.ClusterRoleSelectors)
		if err != nil {
			return fmt.Errorf("aggregate cluster role %s: %w", role.Name, err)
		}
		role.Rules = rules
		if err := c.Update(ctx, role); err != nil {
			return fmt.Errorf("aggregate cluster role %s: %w", role.Name, err)
		}
	}
	return nil
}

func gathered(roles []rbacv1.ClusterRole, selectors []metav1.LabelSelector) ([]rbacv1.PolicyRule, error) {
	var rules []rbacv1.PolicyRule
	for i := range selectors {
		selector, err := metav1.LabelSelectorAsSelector(&selectors[i])
		if err != nil {
			return nil, err
		}
		for j := range roles {
			if selector.Matches(labels.Set(roles[j].Labels)) {
				rules = append(rules, roles[j].Rules...)
			}
		}
	}
	return rules, nil
}
