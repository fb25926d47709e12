{{/* The row of the environment, with the tenant's own figures on top. */}}
{{- define "tenant-service.figures" -}}
{{- $none := dict "resources" dict "autoscaling" (dict "enabled" false) -}}
{{- $row := index .Values.environments (.Values.environment | default "") | default dict -}}
{{- $own := pick .Values "replicas" "resources" "autoscaling" -}}
{{- mergeOverwrite $none (deepCopy $row) (deepCopy $own) | toYaml -}}
{{- end -}}

{{- define "tenant-service.selector" -}}
app.kubernetes.io/name: {{ .Values.name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tenant-service.labels" -}}
{{ include "tenant-service.selector" . }}
app.kubernetes.io/part-of: {{ .Values.tenant }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app: {{ .Values.name }}
team: {{ .Values.team }}
env: {{ .Values.environment }}
{{- end -}}

{{/* Name, namespace and labels of an object; `dict "root" $ "suffix" "-x"`, or "name" for a name of its own. */}}
{{- define "tenant-service.metadata" -}}
name: {{ .name | default (print .root.Values.name (.suffix | default "")) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "tenant-service.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Fewest pods that run at any time. */}}
{{- define "tenant-service.fewest" -}}
{{- $figures := include "tenant-service.figures" . | fromYaml -}}
{{- ternary $figures.autoscaling.minReplicas $figures.replicas $figures.autoscaling.enabled | int -}}
{{- end -}}

{{/* Most pods that Kubernetes wants at any time, a rollout's surge included. */}}
{{- define "tenant-service.mostPods" -}}
{{- $figures := include "tenant-service.figures" . | fromYaml -}}
{{- add1 (ternary $figures.autoscaling.maxReplicas $figures.replicas $figures.autoscaling.enabled | int) -}}
{{- end -}}

{{/* The least that must stay, in pods: percentages are rounded up, as Kubernetes does. */}}
{{- define "tenant-service.mustStay" -}}
{{- $least := .Values.podDisruptionBudget.minAvailable | toString -}}
{{- if hasSuffix "%" $least -}}
{{- divf (mulf (trimSuffix "%" $least | float64) (include "tenant-service.fewest" . | float64)) 100 | ceil -}}
{{- else -}}
{{- $least -}}
{{- end -}}
{{- end -}}

{{/* Millicores, or Mi, of a quantity as the checks let it be written: 250m, 2, 256Mi, 1Gi. */}}
{{- define "tenant-service.amount" -}}
{{- $text := . | toString -}}
{{- if hasSuffix "Gi" $text -}}{{ mul (trimSuffix "Gi" $text | int) 1024 }}
{{- else if hasSuffix "Mi" $text -}}{{ trimSuffix "Mi" $text | int }}
{{- else if hasSuffix "m" $text -}}{{ trimSuffix "m" $text | int }}
{{- else -}}{{ mul ($text | int) 1000 }}
{{- end -}}
{{- end -}}

{{- define "tenant-service.secretName" -}}
{{- .Values.secret.existing | default .Values.name -}}
{{- end -}}
