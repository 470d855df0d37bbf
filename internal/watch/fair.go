// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import "k8s.io/client-go/util/workqueue"

// fair is a queue of questions that takes tenants in turn, a tenant being a namespace with ISMS objects: whoever asks
// for much waits for it alone. The questions of one tenant are answered in their order.
type fair struct {
	waiting map[string][]Right // by tenant; never empty
	turns   []string           // the tenants that wait, each once
	size    int
}

var _ workqueue.Queue[Right] = (*fair)(nil)

func newFair() *fair { return &fair{waiting: map[string][]Right{}} }

// Touch is told of a question that waits already. Its place stays.
func (f *fair) Touch(Right) {}

// Push adds a question behind all others of its tenant.
func (f *fair) Push(r Right) {
	tenant := r.Account.Namespace
	if len(f.waiting[tenant]) == 0 {
		f.turns = append(f.turns, tenant)
	}
	f.waiting[tenant] = append(f.waiting[tenant], r)
	f.size++
}

// Len is the number of questions that wait.
func (f *fair) Len() int { return f.size }

// Pop returns the first question of the tenant whose turn it is, which goes to the end of the line. There must be one.
func (f *fair) Pop() Right {
	tenant := f.turns[0]
	f.turns = f.turns[1:]
	all := f.waiting[tenant]
	if len(all) == 1 {
		delete(f.waiting, tenant)
	} else {
		f.waiting[tenant] = all[1:]
		f.turns = append(f.turns, tenant)
	}
	f.size--
	return all[0]
}
