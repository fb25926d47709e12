import * as fc from "fast-check";

function hex(length: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(...Array.from("0123456789abcdef")),
    minLength: length,
    maxLength: length,
  });
}

/** Digits and e: what looks most like a number among short SHAs. */
const nearlyNumber = fc.string({
  unit: fc.constantFrom(...Array.from("0123456789e")),
  minLength: 1,
  maxLength: 12,
});

/** Tags that some reader of YAML takes as something else than a string. */
export const trickyTags = `
  1234567 0123456 1e10 1.20 1_000 0x12 0b1 0o17 yes on y 20240101 no off n N True FALSE null Null NULL 0123 0888
  6063e25 12e4567 1e400 e5 E10 1. 1.e5 2024-01-01 2024-1-1 0X1F 0B1 0O7 00 0_ 1__2 1.10.0 deadbee sha-1234567 v1
  1.0-rc.1 _1 a.b latest NaN inf Infinity
`
  .trim()
  .split(/\s+/);

/** Tags by the grammar of the OCI distribution specification, weighted towards what is misread. */
export const anyTag: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...trickyTags),
  fc.oneof(...[7, 8, 10, 12, 40].map(hex)),
  nearlyNumber,
  hex(7).map((sha) => `sha-${sha}`),
  hex(64).map((digest) => `sha256:${digest}`),
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
  fc.stringMatching(/^[0-9]{1,3}([.][0-9]{1,3}){1,2}$/),
  fc.stringMatching(/^20[0-9]{2}-?[01][0-9]-?[0-3][0-9]$/),
);

/** Any string that YAML can hold: white space, indicators, line ends, control characters, every plane. */
export const anyValue: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from(" \t\n\r:#'\"\\{}[],&*!|>%@`-?~=<.0e\u0085\u2028\ufeff\0\u007fä🚀"),
    ),
    maxLength: 10,
  }),
  fc.constantFrom(
    "",
    " ",
    "a: b",
    "a #b",
    "- a",
    "x:",
    "~",
    ".inf",
    "=",
    "<<",
    "---",
    "...Array.from(",
    ")0b-1",
    ":",
    "?",
  ),
);
