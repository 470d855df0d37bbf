{{- define "isms-operator.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "isms-operator.labels" -}}
app.kubernetes.io/name: isms-operator
app.kubernetes.io/part-of: isms-operator
{{- end }}

{{- define "isms-operator.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{- /*
object renders one object of config, as config/default does by kustomize: with the prefix of names, the namespace and the
labels. What is optional has the prefix there, which gives way to that of the release. The argument has root and object.
*/ -}}
{{- define "isms-operator.object" -}}
{{- $prefix := include "isms-operator.fullname" .root -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $o := .object -}}
{{- $_ := set $o.metadata "name" (printf "%s-%s" $prefix (trimPrefix "isms-operator-" $o.metadata.name)) -}}
{{- $_ := set $o.metadata "labels" (merge (include "isms-operator.labels" .root | fromYaml) ($o.metadata.labels | default dict)) -}}
{{- if has $o.kind (list "Role" "RoleBinding" "ServiceAccount" "NetworkPolicy") -}}
{{- $_ := set $o.metadata "namespace" $namespace -}}
{{- end -}}
{{- if $o.roleRef -}}
{{- $_ := set $o.roleRef "name" (printf "%s-%s" $prefix $o.roleRef.name) -}}
{{- end -}}
{{- range $o.subjects -}}
{{- $_ := set . "name" (printf "%s-%s" $prefix .name) -}}
{{- $_ := set . "namespace" $namespace -}}
{{- end -}}
{{- if eq $o.kind "ValidatingAdmissionPolicyBinding" -}}
{{- $_ := set $o.spec "policyName" (printf "%s-%s" $prefix (trimPrefix "isms-operator-" $o.spec.policyName)) -}}
{{- end -}}
{{- if eq $o.kind "ValidatingAdmissionPolicy" -}}
{{- range $o.spec.variables -}}
{{- if has .name (list "operator" "restore") -}}
{{- $account := ternary "controller-manager" "restore" (eq .name "operator") -}}
{{- $_ := set . "expression" (printf "['system:serviceaccount', '%s', '%s-%s'].join(':')" $namespace $prefix $account) -}}
{{- end -}}
{{- end -}}
{{- end -}}
---
{{ toYaml $o }}
{{ end }}

{{- /* file renders each object of a file of config. The argument has root and path. */ -}}
{{- define "isms-operator.file" -}}
{{- $root := .root -}}
{{- range regexSplit "(?m)^---$" ($root.Files.Get .path) -1 -}}
{{- $o := fromYaml . -}}
{{- if $o.kind }}
{{ include "isms-operator.object" (dict "root" $root "object" $o) }}
{{- end -}}
{{- end -}}
{{- end -}}
