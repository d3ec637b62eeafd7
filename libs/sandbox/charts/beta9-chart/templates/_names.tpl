{{- define "sandbox.name" -}}
{{- $name := .Values.global.nameOverride | default .Chart.Name -}}
{{- if .Values.global.fullnameOverride -}}
{{- .Values.global.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name -}}
{{- end -}}
{{- end -}}

{{- define "sandbox.selector" -}}
app.kubernetes.io/name: {{ .Values.global.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sandbox.labels" -}}
{{ include "sandbox.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sandbox.image" -}}
{{ .repository }}:{{ .tag }}
{{- end -}}

{{/* What this chart leaves out is refused, so that nobody takes it for installed. */}}
{{- define "sandbox.refuse" -}}
{{- range $name, $on := dict "cacheServer" .Values.cacheServer.enabled "blobcache" .Values.blobcache.enabled "metrics" .Values.metrics.enabled -}}
{{- if $on -}}
{{- fail (printf "the sandbox's beta9-chart has no %s: leave %s.enabled false" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
