/**
 * Why a values file is not read or edited.
 *
 * `not-yaml` also stands for text that Helm's reader and ours would take differently; `tag` for an explicit YAML tag
 * other than `!!str`; `no-indicator` for an empty value without the `: ` after which one could be written.
 */
export type ValuesRefusalReason = keyof typeof sentences;

/**
 * One refusal, for one path of one file. `path` is empty where the whole file is refused.
 *
 * `sentence` holds nothing of the file's content, only its name, the path and what to do next.
 */
export type ValuesRefusal = {
  readonly reason: ValuesRefusalReason;
  readonly file: string;
  readonly path: string;
  readonly sentence: string;
};

const sentences = {
  "not-yaml": "is not valid YAML; mend the file",
  "not-utf8": "is not valid UTF-8; save the file as UTF-8",
  "too-large": "is too large; split it, or move what is not this tenant's elsewhere",
  "too-deep": "is nested deeper than 100 levels; flatten it",
  alias: "is an alias or lies behind one; write the value out in its place",
  "merge-key": "gets its value through a merge key (<<); write the key below the <<",
  "anchor-in-use": "carries an anchor that is used elsewhere; write the value out where it is used",
  "block-scalar": "is a block scalar (| or >); write the value on the line of its key",
  "multi-line": "is written over several lines; write the value on one line",
  "not-a-scalar": "is a mapping or a sequence, not a single value; correct the path in the policy",
  tag: "carries a YAML tag other than !!str; remove the tag",
  "no-indicator": "has no ': ' that a value could follow; write the key as 'key: '",
  "missing-path": "does not exist in the file; add the key, since keys are never created",
  "bad-path": "is not a path; write keys joined by dots, a dot within a key as \\.",
  "unsafe-key": "holds a key that is never followed (__proto__, constructor, prototype); rename it",
  "bad-value": "cannot hold this value, which is not valid Unicode text",
  conflict: "is asked to hold two different values at once",
  "verification-failed":
    "could not be changed without changing more than this value; edit it by hand",
} as const;

/** The refusal for `reason`; `detail` (a place such as `line 12`) is put after the sentence's subject. */
export function refuseValues(
  reason: ValuesRefusalReason,
  file: string,
  path: string,
  detail?: string,
): ValuesRefusal {
  const place = detail === undefined ? "" : ` (${detail})`;
  const subject = path === "" ? file : `${file}: ${path}`;
  return { reason, file, path, sentence: `${subject}${place} ${sentences[reason]}.` };
}
