// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apiserver/pkg/cel/library"
)

// The variables of the dialect.
const (
	varObject    = "object"
	varObjects   = "objects"
	varNamespace = "namespaceObject"
	varParams    = "params"
	varNow       = "now"
)

// dialect lists the libraries and settings that a ValidatingAdmissionPolicy of Kubernetes 1.36 has. The API server's own
// environment is not extended because cost tracking cannot be switched off in it; a test holds the two against each other.
func dialect() []cel.EnvOption {
	return []cel.EnvOption{
		cel.HomogeneousAggregateLiterals(),
		cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		library.URLs(),
		library.Regex(),
		library.Lists(library.ListsVersion(0)),
		library.Authz(),
		library.AuthzSelectors(),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		library.Quantity(),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(),
			cel.ValidateTimestampLiterals(),
			cel.ValidateRegexLiterals(),
			cel.ValidateHomogeneousAggregateLiterals(),
		),
		ext.Strings(ext.StringsVersion(2)),
		ext.Sets(),
		library.IP(),
		library.CIDR(),
		library.Format(),
		ext.TwoVarComprehensions(),
		library.SemverLib(library.SemverVersion(1)),
		ext.Lists(ext.ListsVersion(3)),
		cel.CostEstimatorOptions(checker.PresenceTestHasCost(false)),
		withJSONMaps,
		cel.ParserExpressionSizeLimit(MaxExpressionLength),
		cel.ParserRecursionLimit(maxDepth),
	}
}

// withJSONMaps makes values of decoded JSON this package's own.
func withJSONMaps(e *cel.Env) (*cel.Env, error) {
	return cel.CustomTypeAdapter(jsonAdapter{e.CELTypeAdapter()})(e)
}

// environments are the environments of an expression over one object and of one over the list of objects.
type environments struct{ object, set *cel.Env }

// env gives the environments, made once: that takes milliseconds.
var env = sync.OnceValue(func() environments {
	labelSharedErrors()
	base := must(cel.NewEnv(dialect()...))
	shared := []cel.EnvOption{
		cel.Variable(varParams, cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
		cel.Variable(varNow, cel.TimestampType),
	}
	return environments{
		object: must(base.Extend(append(shared,
			cel.Variable(varObject, cel.DynType), cel.Variable(varNamespace, cel.DynType))...)),
		set: must(base.Extend(append(shared, cel.Variable(varObjects, cel.ListType(cel.DynType)))...)),
	}
})

// labelSharedErrors gives the two errors that all CEL programs of a process share a position that no expression has. CEL
// writes the position of an error into the error where it has none: the first failure of one rule would place those of all
// others, and race with them.
func labelSharedErrors() {
	last := types.Int(math.MaxInt64)
	for _, shared := range []ref.Val{types.NoSuchOverloadErr(), last.ConvertToType(types.TimestampType)} {
		types.LabelErrNode(noPosition, shared)
	}
}

const noPosition = -1

func must(e *cel.Env, err error) *cel.Env {
	if err != nil {
		panic("check: the CEL environment is misconfigured: " + err.Error())
	}
	return e
}

// interruptEvery is the number of loop iterations between two looks at the caller's context.
const interruptEvery = 100

// untracked plans a program that neither counts its cost nor can be interrupted. Only what no static bound covers is
// guarded.
func untracked(set bool, limit uint64) []cel.ProgramOption {
	return []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize), newGuard(guardedUntracked, set, limit)}
}

// tracked plans a program that ends when its cost exceeds the limit or the caller's context ends.
func tracked(set bool, limit uint64) []cel.ProgramOption {
	return []cel.ProgramOption{
		cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
		newGuard(guardedFunctions, set, limit),
		cel.CostTracking(&runtimeCosts{limit: limit}),
		cel.CostTrackerOptions(interpreter.PresenceTestHasCost(false)),
		cel.CostLimit(limit),
		cel.InterruptCheckFrequency(interruptEvery),
	}
}
