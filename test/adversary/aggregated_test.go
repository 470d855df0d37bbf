// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// aggregate registers another API server. Its notes stand in the tenant's namespace, but it shows them to whoever it
// likes: that is not for the RBAC of the cluster to say.
func (w *world) aggregate() {
	w.Helper()
	server := httptest.NewTLSServer(w.notes())
	w.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	address, err := url.Parse(server.URL)
	if err != nil {
		w.Fatal(err)
	}
	port, err := strconv.ParseInt(address.Port(), 10, 64)
	if err != nil {
		w.Fatal(err)
	}
	group := "notes-" + w.id + ".example.com"
	w.create(
		&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.victim, Name: "notes"},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: address.Hostname()},
		},
		&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
			"metadata": map[string]any{"name": "v1." + group},
			"spec": map[string]any{
				"group": group, "version": "v1", "groupPriorityMinimum": int64(1000), "versionPriority": int64(10), "insecureSkipTLSVerify": true,
				"service": map[string]any{"namespace": w.victim, "name": "notes", "port": port},
			},
		}})
	w.Cleanup(func() { w.remove("v1." + group) })
	raw := w.rest()
	eventually(w.T, func() string {
		if _, err := raw.Get().AbsPath("/apis/" + group + "/v1/notes").DoRaw(context.Background()); err != nil {
			return err.Error()
		}
		return ""
	})
}

// notes answers for a group version with one kind.
func (w *world) notes() http.Handler {
	gv := "notes-" + w.id + ".example.com/v1"
	note := map[string]any{
		"apiVersion": gv, "kind": "Note", "text": w.secret(),
		"metadata": map[string]any{"namespace": w.home, "name": "note", "uid": "u", "resourceVersion": "1"},
	}
	answers := map[string]any{
		"/apis/" + gv: metav1.APIResourceList{
			TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv,
			APIResources: []metav1.APIResource{{Name: "notes", Kind: "Note", Namespaced: true, Verbs: metav1.Verbs{"get", "list", "watch"}}},
		},
		"/apis/" + gv + "/notes": map[string]any{
			"apiVersion": gv, "kind": "NoteList", "metadata": map[string]any{"resourceVersion": "1"}, "items": []any{note},
		},
	}
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		answer, status := answers[strings.TrimSuffix(r.URL.Path, "/")], http.StatusOK
		switch {
		case answer == nil:
			answer, status = metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Reason: metav1.StatusReasonNotFound, Code: 404}, 404
		case r.URL.Query().Get("sendInitialEvents") != "": // it knows no streamed lists
			answer, status = metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Reason: metav1.StatusReasonInvalid, Code: 422}, 422
		case r.URL.Query().Get("watch") != "":
			<-r.Context().Done()
			return
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		_ = json.NewEncoder(out).Encode(answer)
	})
}
