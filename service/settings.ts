/** What the service reads from its environment. */
export type Settings = {
  tenant: string;
  environment: string;
  version: string;
  greeting: string;
  host: string;
  /** 0 asks the system for a free port. */
  port: number;
  readinessDelaySeconds: number;
  /** Share of `/` and `/work` requests that are answered with 500. */
  failRate: number;
  logLevel: string;
  /** Base URL of an OTLP/HTTP collector; without it no spans are made. */
  otlpEndpoint: string | undefined;
};

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problems: string[] };

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** Reads every setting before it reports, so that one start shows all that is wrong. */
export function readSettings(environment: Record<string, string | undefined>): SettingsResult {
  const problems: string[] = [];

  function text(name: string, otherwise: string): string {
    return environment[name]?.trim() || otherwise;
  }

  function number(name: string, otherwise: number, low: number, high: number): number {
    const given = environment[name]?.trim();
    if (given === undefined || given === "") return otherwise;
    const value = Number(given);
    if (Number.isFinite(value) && value >= low && value <= high) return value;
    problems.push(`${name} is "${given}": give a number from ${low} to ${high}`);
    return otherwise;
  }

  const settings: Settings = {
    tenant: text("TENANT_NAME", "unknown"),
    environment: text("ENVIRONMENT", "unknown"),
    version: text("VERSION", "unknown"),
    greeting: text("GREETING", "Hello"),
    host: text("HOST", "0.0.0.0"),
    port: number("PORT", 8000, 0, 65_535),
    readinessDelaySeconds: number("READINESS_DELAY_SEC", 0, 0, 3_600),
    failRate: number("FAIL_RATE", 0, 0, 1),
    logLevel: text("LOG_LEVEL", "info"),
    otlpEndpoint: environment["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim() || undefined,
  };
  if (!Number.isInteger(settings.port)) {
    problems.push(`PORT is "${settings.port}": give a whole number from 0 to 65535`);
  }
  if (!LEVELS.includes(settings.logLevel)) {
    problems.push(`LOG_LEVEL is "${settings.logLevel}": give one of ${LEVELS.join(", ")}`);
  }
  if (settings.otlpEndpoint !== undefined && !isHttpUrl(settings.otlpEndpoint)) {
    problems.push(
      `OTEL_EXPORTER_OTLP_ENDPOINT is "${settings.otlpEndpoint}": give an http or https URL`,
    );
  }
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}
