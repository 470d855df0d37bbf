// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Compact makes etcd forget all history but the latest state, as the API server does every five minutes with what is
// older. A watch from an earlier revision is 410 Gone then, where etcd has to answer it: the API server's own cache of
// a kind remembers events for longer, unless the flag watch-cache-sizes says <resource>#0.
func (e *Env) Compact(ctx context.Context) error {
	var at struct {
		Header struct {
			Revision string `json:"revision"`
		} `json:"header"`
	}
	if err := e.etcd(ctx, "/v3/kv/range", map[string]any{"key": []byte("/registry"), "limit": 1}, &at); err != nil {
		return err
	}
	return e.etcd(ctx, "/v3/kv/compaction", map[string]any{"revision": at.Header.Revision, "physical": true}, &struct{}{})
}

// etcd asks etcd over its JSON gateway.
func (e *Env) etcd(ctx context.Context, path string, request, response any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("etcd %s: %w", path, err)
	}
	address := e.envtest.ControlPlane.Etcd.URL.JoinPath(path).String()
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("etcd %s: %w", path, err)
	}
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		return fmt.Errorf("etcd %s: %w", path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return fmt.Errorf("etcd %s: %w", path, err)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("etcd %s: %s: %s", path, answer.Status, text)
	}
	if err := json.Unmarshal(text, response); err != nil {
		return fmt.Errorf("etcd %s: %w", path, err)
	}
	return nil
}

// Put writes objects into etcd as they are stored, by their keys, many times as fast as the API server could take them. The
// values must be what the API server itself would have written. Its caches follow as after any other write.
func (e *Env) Put(ctx context.Context, values map[string][]byte) error {
	type put struct {
		Key   []byte `json:"key"`
		Value []byte `json:"value"`
	}
	type operation struct {
		Put put `json:"requestPut"`
	}
	var all []operation
	for key, value := range values {
		all = append(all, operation{put{[]byte(key), value}})
	}
	return e.etcd(ctx, "/v3/kv/txn", map[string]any{"success": all}, &struct{}{})
}

// MaxPut is how many objects etcd takes at once.
const MaxPut = 128

// Stored returns the values of all keys that begin with a prefix, as they are stored.
func (e *Env) Stored(ctx context.Context, prefix string) (map[string][]byte, error) {
	var found struct {
		Values []struct {
			Key   []byte `json:"key"`
			Value []byte `json:"value"`
		} `json:"kvs"`
	}
	end := []byte(prefix)
	end[len(end)-1]++ // the first key behind those of the prefix
	if err := e.etcd(ctx, "/v3/kv/range", map[string]any{"key": []byte(prefix), "range_end": end}, &found); err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, v := range found.Values {
		all[string(v.Key)] = v.Value
	}
	return all, nil
}
