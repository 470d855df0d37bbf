// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

// alike are the fields of metadata that replicas usually have in common.
var alike = map[string]bool{
	"labels": true, "annotations": true, "namespace": true, "ownerReferences": true, "finalizers": true, "generation": true,
}

// ReadsIdentity says that the rule reads something by which even replicas of one template differ: the name and the like
// (all of metadata but what is alike), where a pod runs, or anything of the status.
func (p *Program) ReadsIdentity() bool {
	if everything(p.tree) || p.tree.fields["status"] != nil || p.tree.fields["spec"].reads("nodeName") {
		return true
	}
	metadata := p.tree.fields["metadata"]
	if everything(metadata) {
		return true
	}
	if metadata != nil {
		for name, c := range metadata.fields {
			if !c.named && !alike[name] {
				return true
			}
		}
	}
	return false
}

// ReadsRevision says that the rule reads metadata.resourceVersion, by itself or with all the rest: another after every
// change.
func (p *Program) ReadsRevision() bool {
	metadata := p.tree.fields["metadata"]
	return everything(p.tree) || everything(metadata) || metadata.reads("resourceVersion")
}

// everything says that all fields below a place are read.
func everything(t *pathTree) bool { return t != nil && (t.whole || t.shape || t.element != nil) }

func (t *pathTree) reads(field string) bool {
	return t != nil && (everything(t) || t.fields[field] != nil && !t.fields[field].named)
}
