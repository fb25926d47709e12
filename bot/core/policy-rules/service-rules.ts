import { imageNameProblem } from "../image-name.ts";
import { isName, nameRule } from "../name.ts";
import { quoted } from "../nearest.ts";
import { pathTemplateProblems } from "../path-template.ts";
import type { Finding, PathPart } from "../policy-document.ts";
import type { Readable } from "../policy-readable.ts";
import type { WrittenPolicy } from "../policy-schema.ts";
import { tagPatternProblem } from "../tag-pattern.ts";
import { parseValuesPath } from "../values-path.ts";
import { eachService, type Rule } from "./rule.ts";

/** GitHub: an owner has at most 39 characters, a repository at most 100. */
const repositoryPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
/** What `git check-ref-format` refuses, as far as it can be typed. */
const badBranchPattern = /[\s~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\/\.|\.lock(?:\/|$)/u;

const namesAreLabels: Rule = function* namesAreLabels(policy) {
  for (const name of Object.keys(policy.services ?? {})) {
    if (isName(name)) continue;
    yield {
      path: ["services", name],
      sentence: `${quoted(name)} is no name of a service: ${nameRule}`,
    };
  }
};

const imagesAreRepositories = eachService(function* imagesAreRepositories({ image }, path) {
  const sentence = image === undefined ? null : imageNameProblem(image);
  if (sentence !== null) yield { path: [...path, "image"], sentence };
});

const sourcesAreOnGitHub = eachService(function* sourcesAreOnGitHub({ source }, path) {
  if (source?.repository !== undefined && !repositoryPattern.test(source.repository)) {
    const sentence = `${quoted(source.repository)} is no repository: write it as "owner/name"`;
    yield { path: [...path, "source", "repository"], sentence };
  }
  if (source?.branch !== undefined && badBranchPattern.test(source.branch)) {
    const sentence = `${quoted(source.branch)} is no branch: write its name alone, as in "main"`;
    yield { path: [...path, "source", "branch"], sentence };
  }
});

const ancestryNeedsSource = eachService(function* ancestryNeedsSource(service, path) {
  const { tags } = service;
  if ("source" in service || tags === undefined || (tags.order ?? "ancestry") !== "ancestry")
    return;
  yield {
    path: [...path, "tags"],
    sentence:
      'the order "ancestry", which is the default, needs to know the code: write "source: {}" (this repository) or "source: {repository: owner/name}", or another order',
  };
});

const tagPatternsAreSafe = eachService(function* tagPatternsAreSafe({ tags }, path) {
  const sentence = tags?.match === undefined ? null : tagPatternProblem(tags.match);
  if (sentence !== null) yield { path: [...path, "tags", "match"], sentence };
});

const filesAreFoundByPath = eachService(function* filesAreFoundByPath({ values }, path) {
  for (const sentence of values?.file === undefined ? [] : pathTemplateProblems(values.file)) {
    yield { path: [...path, "values", "file"], sentence };
  }
});

const valuesPathsAreReadable = eachService(function* valuesPathsAreReadable({ values }, path) {
  for (const key of ["tag", "digest"] as const) {
    const written = values?.[key];
    if (written === undefined) continue;
    const parsed = parseValuesPath(written);
    if (parsed.kind === "path") continue;
    const sentence =
      parsed.reason === "unsafe-key"
        ? `${quoted(written)} leads through a key that is never followed: name another place`
        : `${quoted(written)} is no path: write keys with dots between them, as in "image.tag"`;
    yield { path: [...path, "values", key], sentence };
  }
});

type Place = {
  readonly path: readonly PathPart[];
  readonly text: string;
  readonly keys: readonly string[];
};

/** Each tag and each digest has a place of its own; none lies within another. */
const placesAreUsedOnce: Rule = function* placesAreUsedOnce(policy) {
  const earlier = new Map<string, Place[]>();
  for (const { file, place } of placesOf(policy)) {
    const others = earlier.get(file) ?? [];
    earlier.set(file, [...others, place]);
    const other = others.find(({ keys }) => {
      const shared = Math.min(keys.length, place.keys.length);
      return keys.slice(0, shared).join("\0") === place.keys.slice(0, shared).join("\0");
    });
    if (other === undefined) continue;
    const whose = `${other.path.slice(0, 2).join(".")} (${other.path.at(-1)})`;
    yield {
      path: place.path,
      sentence: `${quoted(place.text)} of this file is taken by ${whose}: each tag and each digest needs a place of its own`,
    };
  }
};

function* placesOf(policy: Readable<WrittenPolicy>): Generator<{ file: string; place: Place }> {
  for (const [name, service] of Object.entries(policy.services ?? {})) {
    for (const key of ["tag", "digest"] as const) {
      const text = service?.values?.[key];
      const parsed = text === undefined ? null : parseValuesPath(text);
      const file = service?.values?.file;
      if (text === undefined || file === undefined || parsed?.kind !== "path") continue;
      yield {
        file,
        place: { path: ["services", name, "values", key], text, keys: parsed.segments },
      };
    }
  }
}

/** Two targets share an application only if tenant and environment are the same. */
const applicationsTellTargetsApart: Rule = function* applicationsTellTargetsApart(policy) {
  const environments = policy.environments ?? [];
  const instances = new Set(environments.map(({ argocd }) => argocd ?? "default"));
  const sharedInstance = instances.size < environments.length;
  for (const [name, service] of Object.entries(policy.services ?? {})) {
    const application = service?.application;
    if (application === undefined) continue;
    for (const sentence of applicationProblems(application, sharedInstance)) {
      yield { path: ["services", name, "application"], sentence } satisfies Finding;
    }
  }
};

function* applicationProblems(text: string, sharedInstance: boolean): Generator<string> {
  for (const [whole] of text.matchAll(/\{[^{}]*\}/g)) {
    if (whole === "{tenant}" || whole === "{environment}") continue;
    yield `the placeholder ${quoted(whole)} is unknown: there are {tenant} and {environment}`;
  }
  const sample = text.replaceAll(/\{[^{}]*\}/g, "x");
  if (!/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(sample) || sample.length > 253) {
    yield "no name of an application: use lower-case letters, digits, inner dashes and dots, and the placeholders";
  }
  if (!text.includes("{tenant}")) {
    yield "{tenant} is missing, so all tenants would share one application: add it";
  }
  if (!text.includes("{environment}") && sharedInstance) {
    yield "{environment} is missing, so environments on one Argo CD would share an application: add it";
  }
  if (text.includes("}{")) {
    yield 'two placeholders stand side by side, so two targets could share a name: put "-" or "." between them';
  }
}

export const serviceRules: readonly Rule[] = [
  namesAreLabels,
  imagesAreRepositories,
  sourcesAreOnGitHub,
  ancestryNeedsSource,
  tagPatternsAreSafe,
  filesAreFoundByPath,
  valuesPathsAreReadable,
  placesAreUsedOnce,
  applicationsTellTargetsApart,
];
