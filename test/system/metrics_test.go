// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"crypto/tls"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestMetricsForThoseWhoMay scrapes with --metrics-secure, with the rights that the chart adds for it.
func TestMetricsForThoseWhoMay(t *testing.T) {
	w := install(t)
	const home = "scrapers"
	w.create(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "prometheus"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "mallory"}})
	w.clusterRole("metrics-auth", rbacv1.PolicyRule{
		APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"tokenreviews"}, Verbs: []string{"create"},
	}, systemNamespace, serviceAccount)
	w.clusterRole("metrics-reader", rbacv1.PolicyRule{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}, home, "prometheus")
	address := freeAddress(t)
	p := launch(t, "--metrics-bind-address="+address, "--metrics-secure")
	token := func(account string) string {
		config, err := testenv.Shared(t).WithToken(t.Context(), home, account)
		if err != nil {
			t.Fatal(err)
		}
		return config.BearerToken
	}
	w.eventually(func() string { return scrapeAs(t, address, token("prometheus"), http.StatusOK) })
	for who, wrong := range map[string]string{
		"nobody":                    scrapeAs(t, address, "", http.StatusUnauthorized),
		"a token of another issuer": scrapeAs(t, address, "not.a.token", http.StatusUnauthorized),
		"an account without rights": scrapeAs(t, address, token("mallory"), http.StatusForbidden),
	} {
		if wrong != "" {
			t.Errorf("%s: %s", who, wrong)
		}
	}
	p.stop()
}

// scrapeAs says what is wrong with the answer to a scrape with a token.
func scrapeAs(t *testing.T, address, token string, want int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	// The certificate is signed by itself, as the ServiceMonitor of the chart takes it.
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := c.Do(request)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != want {
		return response.Status
	}
	return ""
}

// clusterRole gives an account a right until the test ends.
func (w *world) clusterRole(name string, rule rbacv1.PolicyRule, namespace, account string) {
	w.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{rule}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}},
	}
	w.create(role, binding)
	w.Cleanup(func() {
		for _, err := range []error{w.client.Delete(context.Background(), role), w.client.Delete(context.Background(), binding)} {
			if err != nil {
				w.Error(err)
			}
		}
	})
}
