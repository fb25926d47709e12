{{/* Refuses values that cannot be right, all of them at once, each with what to write instead. */}}
{{- define "tenant-service.check" -}}
{{- $problems := include "tenant-service.problems" . | trim -}}
{{- if $problems -}}
{{- fail (print "these values cannot be deployed:\n" (regexReplaceAll "\\n+" $problems "\n")) -}}
{{- end -}}
{{- end -}}

{{- define "tenant-service.problems" -}}
{{- $label := "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" -}}
{{- range $key := list "tenant" "team" }}
{{- $value := get $.Values $key | default "" }}
{{- if not (regexMatch $label $value) }}
- {{ $key }} is {{ $value | quote }}: write a name of lower-case letters, digits and "-", as in {{ $key }}: {{ eq $key "team" | ternary "payments" "tenant-a" }}.
{{- end }}
{{- end }}
{{- $environment := .Values.environment | default "" }}
{{- $known := keys .Values.environments | sortAlpha }}
{{- if not (has $environment $known) }}
- environment is {{ $environment | quote }}: write one of {{ join ", " $known }}.
{{- else }}
{{- $namespace := print (.Values.tenant | default "") "-" $environment }}
{{- if ne .Release.Namespace $namespace }}
- the namespace is {{ .Release.Namespace | quote }}, but these values belong to {{ $namespace | quote }}: deploy them there, or mend tenant and environment.
{{- end }}
{{- include "tenant-service.figureProblems" . }}
{{- end }}
{{- include "tenant-service.imageProblems" . }}
{{- range $key := list "TENANT_NAME" "ENVIRONMENT" "VERSION" "READINESS_DELAY_SEC" "PORT" "HOST" "OTEL_EXPORTER_OTLP_ENDPOINT" }}
{{- if hasKey ($.Values.config | default dict) $key }}
- config.{{ $key }} is set by the chart: remove it here{{ if eq $key "READINESS_DELAY_SEC" }} and write readinessDelaySeconds{{ else if hasPrefix "OTEL" $key }} and write tracing.endpoint{{ end }}.
{{- end }}
{{- end }}
{{- if hasKey (.Values.config | default dict) "GREETING" }}
- config.GREETING would be readable by everybody who reads this file: put it into the store of secrets, or name a Secret in secret.existing.
{{- end }}
{{- end -}}

{{- define "tenant-service.imageProblems" -}}
{{- $tag := .Values.image.tag | default "" }}
{{- if eq $tag "latest" }}
- image.tag is "latest", which names another image every day: write the tag of one build, as in image.tag: sha-1a2b3c4.
{{- else if not (regexMatch "^sha-[0-9a-f]{7,40}$" $tag) }}
- image.tag is {{ $tag | quote }}: write the tag of one build, "sha-" and 7 to 40 digits of its commit, as in image.tag: sha-1a2b3c4.
{{- end }}
{{- $digest := .Values.image.digest | default "" }}
{{- if not (regexMatch "^sha256:[0-9a-f]{64}$" $digest) }}
- image.digest is {{ $digest | quote }}: write the digest that the registry shows for this tag, "sha256:" and 64 hexadecimal digits; a tag alone can be moved.
{{- end }}
{{- if regexMatch "[@]|:[^/]*$" .Values.image.repository }}
- image.repository is {{ .Values.image.repository | quote }}: write it without tag and digest, which have keys of their own.
{{- end }}
{{- end -}}

{{- define "tenant-service.figureProblems" -}}
{{- $figures := include "tenant-service.figures" . | fromYaml }}
{{- $resources := $figures.resources | default dict }}
{{- $right := dict "cpu" "^[1-9][0-9]*m?$" "memory" "^[1-9][0-9]*(Mi|Gi)$" }}
{{- range $kind := list "requests" "limits" }}
{{- range $name := list "cpu" "memory" }}
{{- $text := get (get $resources $kind | default dict) $name | toString }}
{{- $sample := eq $name "cpu" | ternary "250m" "256Mi" }}
{{- if or (eq $text "") (eq $text "<nil>") }}
- resources.{{ $kind }}.{{ $name }} is missing: write how much, as in resources.{{ $kind }}.{{ $name }}: {{ $sample }}, or leave the key away to get the chart's figure.
{{- else if not (regexMatch (get $right $name) $text) }}
- resources.{{ $kind }}.{{ $name }} is {{ $text | quote }}: write it as in {{ $sample }}.
{{- else if and (eq $kind "limits") (gt (include "tenant-service.amount" $text | int) (include "tenant-service.amount" (get $.Values.most $name) | int)) }}
- resources.limits.{{ $name }} is {{ $text }}: write at most {{ get $.Values.most $name }}; whoever needs more runs more replicas.
{{- else if eq $kind "limits" }}
{{- $request := get ($resources.requests | default dict) $name | toString }}
{{- if and (regexMatch (get $right $name) $request) (lt (include "tenant-service.amount" $text | int) (include "tenant-service.amount" $request | int)) }}
- resources.limits.{{ $name }} is {{ $text }}, less than the {{ $request }} that are requested: write a limit of at least that, or request less.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $autoscaling := $figures.autoscaling | default dict }}
{{- if $autoscaling.enabled }}
{{- if hasKey .Values "replicas" }}
- replicas is {{ .Values.replicas }}, but here the autoscaler decides: write autoscaling.minReplicas and autoscaling.maxReplicas, or autoscaling.enabled: false.
{{- end }}
{{- $least := $autoscaling.minReplicas | int }}
{{- $most := $autoscaling.maxReplicas | int }}
{{- if or (lt $least 1) (lt $most $least) (not $autoscaling.cpuPercent) }}
- autoscaling goes from {{ $least }} to {{ $most }} replicas at {{ $autoscaling.cpuPercent | default "no" }}% CPU: write minReplicas of at least 1, maxReplicas of at least that, and cpuPercent.
{{- end }}
{{- end }}
{{- end -}}
