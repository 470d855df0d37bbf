// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-logr/logr"
	clocktesting "k8s.io/utils/clock/testing"
)

// oracle answers by token, and counts the questions.
type oracle struct {
	says  map[string]int
	asked int
}

func (o *oracle) ask(_ context.Context, token, _ string) (int, error) {
	o.asked++
	if token == "down" {
		return 0, errors.New("no answer")
	}
	return o.says[token], nil
}

type scraper struct {
	*testing.T
	oracle  *oracle
	clock   *clocktesting.FakeClock
	handler http.Handler
}

func newScraper(t *testing.T) *scraper {
	t.Helper()
	s := &scraper{T: t, clock: clocktesting.NewFakeClock(time.Unix(1785542400, 0)), oracle: &oracle{says: map[string]int{
		"prometheus": http.StatusOK, "mallory": http.StatusForbidden,
	}}}
	handler, err := newGate(s.oracle, s.clock).filter(logr.Discard(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "isms_controls 93")
	}))
	if err != nil {
		t.Fatal(err)
	}
	s.handler = handler
	return s
}

// want scrapes with an Authorization header.
func (s *scraper) want(header string, status int) {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), http.MethodGet, "/metrics", nil)
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != status {
		s.Errorf("%q gets %d, want %d", header, w.Code, status)
	}
	if shown := w.Body.String() == "isms_controls 93"; shown != (status == http.StatusOK) {
		s.Errorf("%q is shown %q", header, w.Body)
	}
}

func TestScrapesAreLetThroughByToken(t *testing.T) {
	s := newScraper(t)
	s.oracle.says["unknown"] = http.StatusUnauthorized
	s.want("Bearer prometheus", http.StatusOK)
	s.want("Bearer mallory", http.StatusForbidden)
	s.want("Bearer unknown", http.StatusUnauthorized)
	s.want("Bearer down", http.StatusInternalServerError)
	asked := s.oracle.asked
	for _, header := range []string{"", "Bearer ", "Bearer", "prometheus", "Basic prometheus"} {
		s.want(header, http.StatusUnauthorized)
	}
	if s.oracle.asked != asked {
		t.Error("the API server is asked about no token")
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	s := newScraper(t)
	for range 10 {
		s.want("Bearer prometheus", http.StatusOK)
		s.want("Bearer mallory", http.StatusForbidden)
	}
	if s.oracle.asked != 2 {
		t.Errorf("%d questions, want 2", s.oracle.asked)
	}
	s.oracle.says["prometheus"] = http.StatusForbidden
	s.clock.Step(remember)
	s.want("Bearer prometheus", http.StatusForbidden)
}

func TestTheAPIServerIsNotFlooded(t *testing.T) {
	s := newScraper(t)
	for i := range 10 * burst {
		token := fmt.Sprint("guess-", i)
		s.oracle.says[token] = http.StatusUnauthorized
		want := http.StatusUnauthorized
		if i >= burst {
			want = http.StatusTooManyRequests
		}
		s.want("Bearer "+token, want)
	}
	if s.oracle.asked > burst {
		t.Errorf("%d questions at once", s.oracle.asked)
	}
}
