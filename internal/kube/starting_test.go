// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/isms-operator/isms-operator/internal/kube"
)

// starting is an API server that answers each request with the next of some codes, and the last of them from then on.
type starting struct {
	mu           sync.Mutex
	codes, ready []int
	asked        []string
}

func (s *starting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	codes := &s.codes
	if r.URL.Path == "/prefix/readyz" {
		codes = &s.ready
	}
	code := (*codes)[0]
	if len(*codes) > 1 {
		*codes = (*codes)[1:]
	}
	s.asked = append(s.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), nameIn(body)}, " "))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	var answer any = &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{Kind: "ConfigMap", APIVersion: "v1"}}
	if code != http.StatusOK {
		answer = &metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: int32(code), //nolint:gosec // of HTTP
			Reason: map[int]metav1.StatusReason{http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusUnauthorized: metav1.StatusReasonUnauthorized}[code],
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func nameIn(body []byte) string {
	var m struct{ Metadata struct{ Name string } }
	_ = json.Unmarshal(body, &m)
	return m.Metadata.Name
}

func (s *starting) client(t *testing.T) (kubernetes.Interface, *clocktesting.FakePassiveClock) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := clocktesting.NewFakePassiveClock(time.Unix(0, 0))
	config, err := kube.DoubtRefusals(&rest.Config{
		Host: server.URL + "/prefix", BearerToken: "token", ContentConfig: rest.ContentConfig{ContentType: "application/json"},
	}, c)
	if err != nil {
		t.Fatal(err)
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return set, c
}

func create(t *testing.T, set kubernetes.Interface) error {
	t.Helper()
	// A client tries again after a second what is unavailable: the deadline leaves no time for that.
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	_, err := set.CoreV1().ConfigMaps("isms").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "new"}}, metav1.CreateOptions{})
	return err
}

const (
	sent  = "POST /prefix/api/v1/namespaces/isms/configmaps Bearer token new"
	ready = "GET /prefix/readyz Bearer token "
)

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		codes, ready []int
		want         func(error) bool
		asked        []string
	}{
		"allowed": {[]int{200}, []int{500}, func(err error) bool { return err == nil }, []string{sent}},
		"refused before the API server was ready": {
			[]int{403, 200}, []int{200}, func(err error) bool { return err == nil }, []string{sent, ready, sent},
		},
		"not known before the API server was ready": {
			[]int{401, 200}, []int{200}, func(err error) bool { return err == nil }, []string{sent, ready, sent},
		},
		"refused":                            {[]int{403}, []int{200}, apierrors.IsForbidden, []string{sent, ready, sent}},
		"not known":                          {[]int{401}, []int{200}, apierrors.IsUnauthorized, []string{sent, ready, sent}},
		"not ready":                          {[]int{403}, []int{500}, unavailable, []string{sent, ready}},
		"nobody may ask whether it is ready": {[]int{403}, []int{403}, unavailable, []string{sent, ready}},
		"something else":                     {[]int{404}, []int{500}, func(err error) bool { return err != nil && !unavailable(err) }, []string{sent}},
	} {
		t.Run(name, func(t *testing.T) {
			server := &starting{codes: tt.codes, ready: tt.ready}
			set, _ := server.client(t)
			if err := create(t, set); !tt.want(err) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(tt.asked, server.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// unavailable: the client was told to try again later, or was still waiting to do so.
func unavailable(err error) bool {
	return apierrors.IsServiceUnavailable(err) || err != nil && strings.Contains(err.Error(), context.DeadlineExceeded.Error())
}

// TestDoubtEnds: where nobody may ask whether the API server is ready, a refusal that lasts is believed, and one that comes
// after an answer is doubted anew.
func TestDoubtEnds(t *testing.T) {
	server := &starting{codes: []int{403}, ready: []int{403}}
	set, c := server.client(t)
	for _, step := range []struct {
		after   time.Duration
		code    int
		believe bool
	}{
		{0, 403, false},
		{50 * time.Second, 403, false},
		{10 * time.Second, 403, true},
		{9 * time.Minute, 403, true},
		{11 * time.Minute, 403, false},
		{time.Minute, 403, true},
		{time.Second, 200, false},
		{time.Second, 403, false},
		{time.Minute, 403, true},
	} {
		c.SetTime(c.Now().Add(step.after))
		server.codes = []int{step.code}
		if err := create(t, set); apierrors.IsForbidden(err) != step.believe {
			t.Errorf("at %s, %d: %v", c.Now().UTC().Format(time.TimeOnly), step.code, err)
		}
	}
}
