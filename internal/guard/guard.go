// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package guard names what keeps a rule from telling about objects that its scope's account may not read.
//
// Each guard is asked where it holds: `if guard.Access.On()`. In every build but one On is the constant true, so that
// the guard costs nothing and can't be switched off. The one is made with the build tag isms_unguarded, for the
// adversarial tests: they switch one guard off at a time, and show that the attack on it then succeeds.
package guard

// Guard is one of the guards.
type Guard int

// The guards.
const (
	// Account: a rule is evaluated only for a service account that exists in the namespace of its scope.
	Account Guard = iota + 1
	// Access: that account may list and watch what the rule reads.
	Access
	// EveryNamespace: it may do so in each namespace of the scope, not in one of them.
	EveryNamespace
	// ClusterScoped: for a kind without namespaces it may do so cluster-wide.
	ClusterScoped
	// Namespaces: which namespaces there are, and their labels, is known only to an account that may list them.
	Namespaces
	// NamespaceObject: a rule reads the Namespace of an object only where the account may get it.
	NamespaceObject
	// Names: a message names a namespace only if the manifest did.
	Names
	// Counts: only objects in the scope's namespaces are counted and named, whoever else asks the same.
	Counts
	// Apart: errors, costs and limits that a rule meets in other scopes' namespaces do not show.
	Apart
	// Metadata: of Secrets and ConfigMaps only metadata is asked for, and annotations are dropped.
	Metadata
	// Text: the text of CEL's errors, which quotes values, goes no further than where it arises.
	Text
	// Aggregated: what another API server answers, by rules of its own, is no evidence.
	Aggregated
)
