{{- define "parley.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "parley.labels" -}}
app.kubernetes.io/name: parley
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Engines are named, here or in a Secret: a node of a cluster. */}}
{{- define "parley.cluster" -}}
{{- if or .Values.engines.databaseUrl .Values.engines.existingSecret -}}yes{{- end -}}
{{- end -}}

{{- define "parley.secretName" -}}
{{- .Values.engines.existingSecret | default (printf "%s-engines" (include "parley.name" .)) -}}
{{- end -}}

{{- define "parley.scheme" -}}
{{- if .Values.ingress.tlsSecret -}}https{{- else -}}http{{- end -}}
{{- end -}}

{{/* Each node has a name of its own only where there are several. */}}
{{- define "parley.publicUrl" -}}
{{- if include "parley.cluster" . -}}
{{ include "parley.scheme" . }}://$(POD_NAME).{{ .Values.domain }}
{{- else -}}
{{ include "parley.scheme" . }}://{{ .Values.domain }}
{{- end -}}
{{- end -}}
