/** What Helm makes of a plain scalar. */
export type PlainReading = "string" | "null" | "boolean" | "number";

const nullWords = /^(?:~|null|Null|NULL)?$/;
const booleanWords =
  /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const specialFloat = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * What Helm hands a template for a plain scalar: the rules of go-yaml v2 as `sigs.k8s.io/yaml` carries it
 * (`goyaml.v2/resolve.go`), checked against it in `test/core/values-helm.test.ts`.
 *
 * Underscores are ignored in numbers; sexagesimal numbers and dates are strings; what overflows a float is a string.
 */
export function readPlain(text: string): PlainReading {
  if (nullWords.test(text)) return "null";
  if (booleanWords.test(text)) return "boolean";
  if (specialFloat.test(text)) return "number";
  if (/^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/.test(text)) return finite(text);
  if (!/^[-+\d]/.test(text)) return "string";
  const digits = text.replaceAll("_", "");
  if (/^[-+]?\d+$/.test(digits)) return finite(digits);
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(digits)) return finite(digits);
  return isPrefixedInteger(digits) ? "number" : "string";
}

/**
 * Whether any common reader, of YAML 1.1 or 1.2, might take this plain scalar as something else than the string.
 *
 * Wider than both specifications on purpose: a needless pair of quotes costs nothing, a missing one a deployment.
 */
export function mayBeMisread(text: string): boolean {
  return readPlain(text) !== "string" || loose.some((pattern) => pattern.test(text));
}

const loose = [
  /^(?:null|true|false|yes|no|on|off|y|n)$/i,
  /^[-+]?\.?(?:inf|nan|infinity)$/i,
  /^[-+]?0[box][-+\da-f_]*$/i,
  /^[-+]?(?:\d[\d_,]*(?:\.[\d_]*)?|\.[\d_]*)(?:e[-+]?[\d_]*)?$/i,
  // `yaml` itself, in version 1.1, takes an exponent without digits before it as a float.
  /^[-+]?e[-+]?\d+$/i,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^\d{4}-\d\d?-\d\d?(?:$|[Tt \t])/,
  /^(?:<<|=)$/,
];

function finite(text: string): PlainReading {
  return Number.isFinite(Number(text.replaceAll("_", ""))) ? "number" : "string";
}

/** Go's `strconv.ParseInt` and `ParseUint` with base 0, and go-yaml's own second try at binary numbers. */
function isPrefixedInteger(digits: string): boolean {
  const match =
    /^(?<sign>[-+]?)(?<magnitude>0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.exec(digits) ??
    /^0b(?<sign>[-+])(?<magnitude>[01]+)$/.exec(digits);
  const { sign, magnitude } = match?.groups ?? {};
  if (magnitude === undefined) return false;
  const size = BigInt(/^[01]+$/.test(magnitude) ? `0b${magnitude}` : magnitude);
  if (sign === "-") return size <= 2n ** 63n;
  return sign === "+" ? size < 2n ** 63n : size < 2n ** 64n;
}
