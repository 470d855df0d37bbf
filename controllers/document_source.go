// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// sourceLook is how often, about, the ConfigMap of a Document is read again. Documents change a few times a year, so a
// few minutes do no harm, and a look needs no more than the right to get one object: a stream would need two more rights
// for each, and one connection for each.
const sourceLook = 5 * time.Minute

// SourceReader reads the ConfigMaps of Documents, one live request each: nothing of them stays in a cache, and of what it
// reads it hands out only the digest.
type SourceReader struct {
	live client.Reader
	self identity
}

// NewSourceReader reads with live, which must not be a cache; c serves to ask who the operator is.
func NewSourceReader(live client.Reader, c client.Client) *SourceReader {
	return &SourceReader{live: live, self: identity{client: c}}
}

// digest reads the value that a ConfigMap holds and returns the SHA-256 of its bytes. Where the ConfigMap cannot be read,
// unreadable says what a person can do; an error is worth trying again.
func (r *SourceReader) digest(
	ctx context.Context, namespace string, ref isms.ConfigMapKeyRef,
) (digest isms.Digest, unreadable string, err error) {
	var found corev1.ConfigMap
	err = r.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: string(ref.Name)}, &found)
	switch {
	case apierrors.IsForbidden(err):
		return "", fmt.Sprintf("The operator may not read the ConfigMap %s. Grant it with a Role in this namespace: "+
			"apiGroups [\"\"], resources [configmaps], resourceNames [%s], verbs [get]; bind it to %s.",
			ref.Name, ref.Name, r.self.describe(ctx)), nil
	case apierrors.IsNotFound(err):
		return "", fmt.Sprintf("There is no ConfigMap %s in this namespace.", ref.Name), nil
	case err != nil:
		// An error of the API server may quote what it has read.
		return "", "", fmt.Errorf("get the ConfigMap of a document: %s", apierrors.ReasonForError(err))
	}
	if text, ok := found.Data[ref.Key]; ok {
		return digestOf([]byte(text)), "", nil
	}
	if bytes, ok := found.BinaryData[ref.Key]; ok {
		return digestOf(bytes), "", nil
	}
	return "", fmt.Sprintf("The ConfigMap %s has no key %s.", ref.Name, ref.Key), nil
}

func digestOf(content []byte) isms.Digest {
	sum := sha256.Sum256(content)
	return isms.Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// nextLook is when a source is read again. The names spread the looks, so that those of many Documents do not come
// together, and the same Document looks at the same pace after a restart.
func nextLook(now time.Time, key client.ObjectKey) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key.String()))
	spread := time.Duration(h.Sum32()%1000) * (sourceLook / 5) / 1000
	return now.Add(sourceLook*9/10 + spread)
}

// identity asks the API server once who the operator is.
type identity struct {
	client client.Client

	mu   sync.Mutex
	name string
}

// describe is the operator's name as RBAC knows it, or words for it where the API server does not say.
func (i *identity) describe(ctx context.Context) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.name == "" {
		var review authenticationv1.SelfSubjectReview
		if err := i.client.Create(ctx, &review); err != nil {
			return "the operator's service account"
		}
		i.name = review.Status.UserInfo.Username
	}
	return i.name
}
