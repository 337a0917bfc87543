{{- define "name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* The release, and the chart's name unless the release says it. */ -}}
{{- define "fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains (include "name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- /* Names of objects in no namespace: two releases of one name may live in two namespaces. */ -}}
{{- define "clustername" -}}
{{- if eq (include "namespace" .) (include "fullname" .) }}
{{- include "fullname" . }}
{{- else }}
{{- printf "%s-%s" (include "namespace" .) (include "fullname" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "account" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: with serviceAccount.create=false, name the account that exists" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "selector" -}}
app.kubernetes.io/name: {{ include "name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.customLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "image" -}}
{{- /* A parent chart may set global, or cattle in it, to null. */ -}}
{{- $global := .Values.global | default dict }}
{{- $cattle := $global.cattle | default dict }}
{{- $registry := coalesce $cattle.systemDefaultRegistry $global.imageRegistry .Values.image.registry }}
{{- $why := "image.registry: there is no published image yet; build one whose entrypoint is leadership-exporter, push it, and set image.registry (or global.imageRegistry, or global.cattle.systemDefaultRegistry)" }}
{{- $image := printf "%s/%s" (required $why $registry | trimSuffix "/") .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $image .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $image (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "pullsecrets" -}}
{{- $global := .Values.global | default dict }}
{{- range concat ($global.imagePullSecrets | default list) .Values.imagePullSecrets }}
- name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
{{- end }}
{{- end }}

{{- define "scheme" -}}
{{- if .Values.webConfig.tls }}https{{ else }}http{{ end }}
{{- end }}

{{- /* A probe with the port and the scheme that the rest of the values imply. */ -}}
{{- define "probe" -}}
{{- $probe := deepCopy .probe }}
{{- if or $probe.exec $probe.tcpSocket $probe.grpc }}
{{- $probe = omit $probe "httpGet" }}
{{- else if $probe.httpGet }}
{{- $scheme := include "scheme" .root | upper }}
{{- $_ := set $probe "httpGet" (merge $probe.httpGet (dict "port" "metrics" "scheme" $scheme)) }}
{{- end }}
{{- toYaml $probe }}
{{- end }}
