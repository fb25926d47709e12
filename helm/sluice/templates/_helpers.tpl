{{/* The roles that run: all, or receiver and worker. */}}
{{- define "sluice.roles" -}}
{{- ternary "receiver worker" "all" (eq .Values.roles "split") -}}
{{- end -}}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The pods that take deliveries. */}}
{{- define "sluice.receiverSelector" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/component: {{ ternary "receiver" "all" (eq .Values.roles "split") }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/part-of: sluice
app.kubernetes.io/managed-by: {{ .Release.Service }}
app: sluice
team: {{ .Values.team }}
env: {{ .Values.env }}
{{- end -}}

{{/* Name, namespace and labels of an object: `dict "root" $ "suffix" "-worker" "role" "worker"`. */}}
{{- define "sluice.metadata" -}}
name: sluice{{ .suffix | default "" }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "sluice.labels" .root | nindent 2 }}
  {{- with .role }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Name of the Deployment of a role: the only one is called as the chart. */}}
{{- define "sluice.suffix" -}}
{{- eq . "all" | ternary "" (print "-" .) -}}
{{- end -}}
