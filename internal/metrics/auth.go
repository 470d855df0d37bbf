// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/time/rate"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// The filter of controller-runtime does the same. It is not used since it brings the API server's own way to authenticate,
// and gRPC, OpenTelemetry and the network proxy with it.
const (
	// remember is how long an answer of the API server holds. A right that is taken away lasts as long.
	remember = time.Minute
	// maxRemembered bounds the tokens that are remembered, and questions the rate at which others are asked for: whoever
	// reaches the port could have the API server asked without end.
	maxRemembered = 100
	questions     = rate.Limit(5)
	burst         = 20
	// patience is how long the API server may take to answer.
	patience = 5 * time.Second
)

// Authorized is a filter for the metrics server: it lets those through whose token the API server knows and who may `get`
// the URL.
func Authorized(config *rest.Config, c *http.Client) (metricsserver.Filter, error) {
	set, err := kubernetes.NewForConfigAndClient(config, c)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return newGate(apiServer{set}, clock.RealClock{}).filter, nil
}

// asker asks what HTTP status a request with a token gets: 200, 401 or 403.
type asker interface {
	ask(ctx context.Context, token, path string) (status int, err error)
}

// apiServer asks by a TokenReview and a SubjectAccessReview.
type apiServer struct{ kubernetes.Interface }

func (a apiServer) ask(ctx context.Context, token, path string) (int, error) {
	who, err := a.AuthenticationV1().TokenReviews().Create(ctx,
		&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("token review: %w", err)
	}
	if !who.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user := who.Status.User
	extra := map[string]authorizationv1.ExtraValue{}
	for key, values := range user.Extra {
		extra[key] = authorizationv1.ExtraValue(values)
	}
	may, err := a.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
			NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: path, Verb: "get"},
		},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return 0, fmt.Errorf("access review: %w", err)
	case !may.Status.Allowed:
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

// gate remembers what the API server said of a token and a path.
type gate struct {
	asker
	clock   clock.PassiveClock
	limiter *rate.Limiter

	mu    sync.Mutex
	known map[question]answer
}

// question does not have the token itself.
type question struct {
	token [sha256.Size]byte
	path  string
}

type answer struct {
	status int
	until  time.Time
}

func newGate(a asker, c clock.PassiveClock) *gate {
	return &gate{asker: a, clock: c, limiter: rate.NewLimiter(questions, burst), known: map[question]answer{}}
}

func (g *gate) filter(log logr.Logger, handler http.Handler) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := g.statusOf(r)
		if err != nil {
			log.Error(err, "asking whether a scrape is allowed")
		}
		if status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
			return
		}
		handler.ServeHTTP(w, r)
	}), nil
}

// statusOf is the status that a request gets. Whatever can't be asked is refused.
func (g *gate) statusOf(r *http.Request) (int, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token = strings.TrimSpace(token); !ok || token == "" {
		return http.StatusUnauthorized, nil
	}
	q := question{sha256.Sum256([]byte(token)), r.URL.Path}
	if status, ok := g.recall(q); ok {
		return status, nil
	}
	if !g.limiter.AllowN(g.clock.Now(), 1) {
		return http.StatusTooManyRequests, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	status, err := g.ask(ctx, token, r.URL.Path)
	if err != nil {
		return http.StatusInternalServerError, err
	}
	g.keep(q, status)
	return status, nil
}

func (g *gate) recall(q question) (status int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.known[q]
	return a.status, ok && g.clock.Now().Before(a.until)
}

func (g *gate) keep(q question, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.known) >= maxRemembered {
		clear(g.known)
	}
	g.known[q] = answer{status, g.clock.Now().Add(remember)}
}
