// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package tally

import (
	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Name names a subject of a rule: an object, or, for AnyPerNamespace, a namespace (then Name is empty).
type Name struct {
	Namespace, Name string
}

// Counts are the verdicts of one rule over the subjects of its scope.
// Subjects = Passing + Failing + Errors + Waived. For AnyPerNamespace a subject is a namespace, for Set the whole
// list, otherwise an object.
type Counts struct {
	Subjects, Passing, Failing, Errors, Waived int
	// Failures are at most MaxSample failing subjects that no exception waives, sorted by namespace and name.
	Failures []Name
	// Exceptions has one entry per exception of the rule, in the rule's order.
	Exceptions []ExceptionCount
}

// ExceptionCount says what one exception does: the subjects it matches, and the failures among them, which it waives
// while it has not expired.
type ExceptionCount struct {
	Name              string
	Matched, Failures int
}

// MaxSample bounds the failing subjects that a snapshot names.
const MaxSample = 10

// Snapshot is what the engine knows about one rule at one moment.
type Snapshot struct {
	// Unavailable is empty when Counts may be judged; otherwise the one reason why they may not: NotSynced,
	// KindNotServed, AccessDenied, OperatorForbidden, RuleInvalid, CostExceeded, TooManyObjects or ScopeNotResolved.
	Unavailable string
	// Message explains Unavailable, or the class and position of evaluation errors. It never holds a value of an object.
	Message string
	Counts  Counts
}

// Verdict is the judgement of one rule: a result and the reason for it.
type Verdict struct {
	Result isms.EvidenceResult
	Reason string
}

// Namespaces is what is known about the namespaces of a scope.
type Namespaces struct {
	// Reason is empty when the lists are known, else why they are not: NotSynced or AccessDenied; Message explains it.
	Reason, Message string
	// InScope, Excluded and Unaccounted are sorted and disjoint. Unaccounted namespaces are neither in scope nor
	// excluded; they are known only where the scope's account may list namespaces.
	InScope, Excluded, Unaccounted []string
	// Complete says that all namespaces of the cluster are accounted for in the lists.
	Complete bool
}
