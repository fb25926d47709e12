{{/* Refuses values that cannot be right, all of them at once, each with what to write instead. */}}
{{- define "sluice.check" -}}
{{- $problems := include "sluice.problems" . | trim -}}
{{- if $problems -}}
{{- fail (print "these values cannot be deployed:\n" (regexReplaceAll "\\n+" $problems "\n")) -}}
{{- end -}}
{{- end -}}

{{- define "sluice.problems" -}}
{{- $tag := .Values.image.tag | default "" }}
{{- if eq $tag "latest" }}
- image.tag is "latest", which names another image every day: write the tag of one build, as in image.tag: v1.2.3 or sha-1a2b3c4.
{{- else if not (regexMatch "^(v?[0-9]+\\.[0-9]+\\.[0-9]+([-.][0-9A-Za-z.-]+)?|sha-[0-9a-f]{7,40})$" $tag) }}
- image.tag is {{ $tag | quote }}: write a release or one build, as in image.tag: v1.2.3 or sha-1a2b3c4.
{{- end }}
{{- $digest := .Values.image.digest | default "" }}
{{- if not (regexMatch "^sha256:[0-9a-f]{64}$" $digest) }}
- image.digest is {{ $digest | quote }}: write the digest that the registry shows for this tag, "sha256:" and 64 hexadecimal digits; a tag alone can be moved.
{{- end }}
{{- if not (regexMatch "^[1-9][0-9]*$" (.Values.github.appId | default "" | toString)) }}
- github.appId is {{ .Values.github.appId | default "" | toString | quote }}: write the number on the App's settings page, in quotes, as in github.appId: "123456".
{{- end }}
{{- if not .Values.github.secret }}
- github.secret is empty: write the name of the Secret that holds PRIVATE_KEY and WEBHOOK_SECRET.
{{- end }}
{{- include "sluice.queueProblems" . }}
{{- include "sluice.scaleProblems" . }}
{{- range .Values.argocd.instances }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" (.name | default "")) }}
- argocd.instances has the name {{ .name | default "" | quote }}: write lower-case letters, digits and "-", as the policy names it.
{{- else if or (not .url) (not (.secret | default dict).name) (not (.secret | default dict).key) }}
- argocd.instances {{ .name }} lacks url, secret.name or secret.key: an Argo CD needs its address and the Secret with its token.
{{- end }}
{{- end }}
{{- if not .Values.registries.hosts }}
- registries.hosts is empty: write the hosts of the images, as in registries.hosts: [ghcr.io].
{{- end }}
{{- $hosts := keys .Values.registries.urls | sortAlpha }}
{{- range .Values.registries.auth }}
{{- $hosts = append $hosts .host }}
{{- end }}
{{- range $host := $hosts | uniq }}
{{- if not (has $host $.Values.registries.hosts) }}
- registries names {{ $host }}, which is not in registries.hosts: add it there.
{{- end }}
{{- end }}
{{- if contains "@" .Values.prometheusUrl }}
- prometheusUrl holds credentials, and here everybody could read them: put the address into a Secret and name that in prometheusSecret.
{{- else if and .Values.prometheusUrl .Values.prometheusSecret.name }}
- prometheusUrl and prometheusSecret are both set: keep one.
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
- ingress.host is empty: write the name that GitHub sends deliveries to.
{{- end }}
{{- range .Values.secretSettings }}
{{- if and (regexMatch "^(SLACK_TOKEN|NOTIFY_WEBHOOK_URL__.*)$" .setting) (not $.Values.notifications.enabled) }}
- secretSettings has {{ .setting }}, but nothing would get out to it: write notifications.enabled: true.
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- $bare := regexReplaceAll "(__.*|_FILE)$" $name "" }}
{{- if has $bare (splitList " " (include "sluice.secretNames" .)) }}
- settings.{{ $name }} is a secret, and here everybody could read it: put it into a Secret and name that in {{ include "sluice.placeOf" $bare | default "secretSettings" }}.
{{- else if include "sluice.placeOf" $bare }}
- settings.{{ $name }} has a place of its own: write it as {{ include "sluice.placeOf" $bare }}.
{{- end }}
{{- end }}
{{- end -}}

{{- define "sluice.queueProblems" -}}
{{- $queue := .Values.queue }}
{{- if eq $queue.kind "embedded" }}
{{- if eq .Values.roles "split" }}
- roles is "split", but the embedded queue is for one process alone: write roles: all, or queue.kind: redis or postgres.
{{- else if ne (.Values.all.replicas | int) 1 }}
- all.replicas is {{ .Values.all.replicas }}, but the embedded queue is for one process alone: write 1, or queue.kind: redis or postgres.
{{- end }}
{{- else if or (not $queue.secret.name) (not $queue.secret.key) }}
- queue.secret lacks name or key: write which Secret holds the URL of {{ $queue.kind }}, or queue.kind: embedded.
{{- end }}
{{- end -}}

{{- define "sluice.scaleProblems" -}}
{{- $autoscaling := .Values.worker.autoscaling }}
{{- if $autoscaling.enabled }}
{{- if ne .Values.roles "split" }}
- worker.autoscaling is on, but there are no workers apart: write roles: split.
{{- end }}
{{- if lt ($autoscaling.maxReplicas | int) ($autoscaling.minReplicas | int) }}
- worker.autoscaling goes from {{ $autoscaling.minReplicas }} to {{ $autoscaling.maxReplicas }}: write maxReplicas of at least minReplicas.
{{- end }}
{{- end }}
{{- range $role := splitList " " (include "sluice.roles" .) }}
{{- range $kind := list "requests" "limits" }}
{{- range $name := list "cpu" "memory" }}
{{- if not (get (get ((get $.Values $role).resources | default dict) $kind | default dict) $name) }}
- {{ $role }}.resources.{{ $kind }}.{{ $name }} is missing: write how much, as in {{ eq $name "cpu" | ternary "250m" "256Mi" }}.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Settings that the bot keeps out of its log, single ones and families; a test compares with the bot's own table. */}}
{{- define "sluice.secretNames" -}}
PRIVATE_KEY WEBHOOK_SECRET WEBHOOK_SECRET_PREVIOUS REDIS_URL DATABASE_URL ARGOCD_WEBHOOK_TOKEN REGISTRY_WEBHOOK_SECRET PROMETHEUS_URL ARGOCD_TOKEN REGISTRY_AUTH SLACK_TOKEN NOTIFY_WEBHOOK_URL NOTIFY_WEBHOOK_SECRET
{{- end -}}

{{/* Where in the values a setting is written that has a place of its own. */}}
{{- define "sluice.placeOf" -}}
{{- $places := dict
  "APP_ID" "github.appId" "GITHUB_API_URL" "github.apiUrl" "PRIVATE_KEY" "github.secret" "PRIVATE_KEY_PATH" "github.secret"
  "WEBHOOK_SECRET" "github.secret" "WEBHOOK_SECRET_PREVIOUS" "github.secret"
  "REDIS_URL" "queue.secret" "DATABASE_URL" "queue.secret" "DATA_DIR" "queue.kind"
  "ARGOCD_URL" "argocd.instances" "ARGOCD_TOKEN" "argocd.instances" "ARGOCD_WEBHOOK_TOKEN" "argocd.webhookSecret"
  "REGISTRY_HOSTS" "registries.hosts" "REGISTRY_URL" "registries.urls" "REGISTRY_AUTH" "registries.auth"
  "REGISTRY_WEBHOOK_SECRET" "registries.webhookSecret"
  "PROMETHEUS_URL" "prometheusSecret" "LOAD_URL_TEMPLATE" "loadUrlTemplate" "OTEL_EXPORTER_OTLP_ENDPOINT" "otlpEndpoint"
  "SLUICE_ROLE" "roles" "HOST" "the chart's own, which is 0.0.0.0" "PORT" "the chart's own, which is 3000" -}}
{{- get $places . -}}
{{- end -}}
