{{/* One setting from a Secret: `dict "name" "REDIS_URL" "secret" (dict "name" … "key" …)`. */}}
{{- define "sluice.secretEnv" }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name }}
      key: {{ .secret.key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end -}}

{{- define "sluice.plainEnv" }}
- name: {{ .name }}
  value: {{ .value | toString | quote }}
{{- end -}}

{{/* What stands behind the name of a setting for one host, as bot/adapters/registries/registry-key.ts has it. */}}
{{- define "sluice.registryKey" -}}
{{- regexReplaceAll "[^A-Z0-9]" (upper .) "_" -}}
{{- end -}}

{{/* The settings of one role: `dict "root" $ "role" "worker"`. */}}
{{- define "sluice.env" }}
{{- $values := .root.Values }}
{{- $github := $values.github.secret }}
{{- include "sluice.plainEnv" (dict "name" "SLUICE_ROLE" "value" .role) }}
{{- include "sluice.plainEnv" (dict "name" "HOST" "value" "0.0.0.0") }}
{{- include "sluice.plainEnv" (dict "name" "PORT" "value" "3000") }}
{{- include "sluice.plainEnv" (dict "name" "APP_ID" "value" ($values.github.appId | default "" | toString)) }}
{{- include "sluice.plainEnv" (dict "name" "GITHUB_API_URL" "value" $values.github.apiUrl) }}
{{- include "sluice.secretEnv" (dict "name" "PRIVATE_KEY" "secret" (dict "name" $github "key" "PRIVATE_KEY")) }}
{{- include "sluice.secretEnv" (dict "name" "WEBHOOK_SECRET" "secret" (dict "name" $github "key" "WEBHOOK_SECRET")) }}
{{- include "sluice.secretEnv" (dict "name" "WEBHOOK_SECRET_PREVIOUS" "secret" (dict "name" $github "key" "WEBHOOK_SECRET_PREVIOUS") "optional" true) }}
{{- if eq $values.queue.kind "redis" }}
{{- include "sluice.secretEnv" (dict "name" "REDIS_URL" "secret" $values.queue.secret) }}
{{- else if eq $values.queue.kind "postgres" }}
{{- include "sluice.secretEnv" (dict "name" "DATABASE_URL" "secret" $values.queue.secret) }}
{{- else }}
{{- include "sluice.plainEnv" (dict "name" "DATA_DIR" "value" "/data") }}
{{- end }}
{{- range $values.argocd.instances }}
{{- $suffix := eq .name "default" | ternary "" (print "__" (.name | upper | replace "-" "_")) }}
{{- include "sluice.plainEnv" (dict "name" (print "ARGOCD_URL" $suffix) "value" .url) }}
{{- include "sluice.secretEnv" (dict "name" (print "ARGOCD_TOKEN" $suffix) "secret" .secret) }}
{{- end }}
{{- if $values.argocd.webhookSecret.name }}
{{- include "sluice.secretEnv" (dict "name" "ARGOCD_WEBHOOK_TOKEN" "secret" $values.argocd.webhookSecret) }}
{{- end }}
{{- include "sluice.plainEnv" (dict "name" "REGISTRY_HOSTS" "value" (join ", " $values.registries.hosts)) }}
{{- range $host, $url := $values.registries.urls }}
{{- include "sluice.plainEnv" (dict "name" (print "REGISTRY_URL__" (include "sluice.registryKey" $host)) "value" $url) }}
{{- end }}
{{- range $values.registries.auth }}
{{- include "sluice.secretEnv" (dict "name" (print "REGISTRY_AUTH__" (include "sluice.registryKey" .host)) "secret" .secret) }}
{{- end }}
{{- if $values.registries.webhookSecret.name }}
{{- include "sluice.secretEnv" (dict "name" "REGISTRY_WEBHOOK_SECRET" "secret" $values.registries.webhookSecret) }}
{{- end }}
{{- if $values.prometheusSecret.name }}
{{- include "sluice.secretEnv" (dict "name" "PROMETHEUS_URL" "secret" $values.prometheusSecret) }}
{{- else if $values.prometheusUrl }}
{{- include "sluice.plainEnv" (dict "name" "PROMETHEUS_URL" "value" $values.prometheusUrl) }}
{{- end }}
{{- with $values.loadUrlTemplate }}
{{- include "sluice.plainEnv" (dict "name" "LOAD_URL_TEMPLATE" "value" .) }}
{{- end }}
{{- with $values.otlpEndpoint }}
{{- include "sluice.plainEnv" (dict "name" "OTEL_EXPORTER_OTLP_ENDPOINT" "value" .) }}
{{- end }}
{{- range $name, $value := $values.settings }}
{{- include "sluice.plainEnv" (dict "name" $name "value" $value) }}
{{- end }}
{{- range $values.secretSettings }}
{{- include "sluice.secretEnv" (dict "name" .setting "secret" .secret) }}
{{- end }}
{{- if $values.extraCertificates.configMap }}
{{- include "sluice.plainEnv" (dict "name" "NODE_EXTRA_CA_CERTS" "value" "/certificates/ca.crt") }}
{{- end }}
{{- end -}}
