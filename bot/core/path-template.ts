import { isName } from "./name.ts";

/** One file path with the placeholders `{tenant}` and `{environment}`. */
export type PathTemplate = {
  readonly text: string;
  /** Exactly the paths of the template, each placeholder a label. */
  readonly strict: RegExp;
  /** Whatever stands in the placeholders' places, for saying what is wrong with it. */
  readonly loose: RegExp;
  /** One pattern a path segment, for links and submodules in place of a folder. */
  readonly segments: readonly RegExp[];
};

export type PathNames = { readonly tenant: string; readonly environment: string };

const placeholderPattern = /\{([^{}]*)\}/g;

/**
 * What is wrong with a values file template, in sentences with their remedies; empty when it can be read in one way
 * only and stays inside the repository's own ground.
 */
export function pathTemplateProblems(text: string): string[] {
  const problems: string[] = [];
  const segments = text.split("/");
  if (!/^[\u0020-\u007e]*$/.test(text) || /[\\:*?"<>|]/.test(text) || text !== text.trim()) {
    problems.push(
      "the path holds a character that is not portable: use letters, digits, dots, dashes, underscores and slashes",
    );
  }
  if (text.startsWith("/"))
    problems.push("the path is absolute: write it from the repository's root");
  else if (segments.includes(""))
    problems.push("the path holds an empty part: remove the extra slash");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    problems.push('the path holds "." or "..": write it from the repository\'s root');
  }
  if (
    segments.some((segment) => /^\.git$/i.test(segment)) ||
    /^\.github$/i.test(segments[0] ?? "")
  ) {
    problems.push('the path leads into ".git" or ".github": values files never stand there');
  }
  if (segments.some((segment) => segment.startsWith(".{"))) {
    problems.push(
      'a placeholder follows a leading dot, so a tenant could name ".git": put something between',
    );
  }
  if (!/\.ya?ml$/.test(text)) problems.push('values files end in ".yaml" or ".yml"');
  return [...problems, ...placeholderProblems(text, segments)];
}

function placeholderProblems(text: string, segments: readonly string[]): string[] {
  const problems: string[] = [];
  for (const [whole, name] of text.matchAll(placeholderPattern)) {
    if (name !== "tenant" && name !== "environment") {
      problems.push(`the placeholder "${whole}" is unknown: there are {tenant} and {environment}`);
    }
  }
  if (/[{}]/.test(text.replaceAll(placeholderPattern, ""))) {
    problems.push("a brace stands alone: placeholders are {tenant} and {environment}");
  }
  for (const name of ["tenant", "environment"]) {
    if (!text.includes(`{${name}}`)) {
      problems.push(
        `{${name}} is missing: each ${name} of a service has a file of its own, found by its path`,
      );
    }
  }
  // A label may hold dashes: only what a label cannot hold keeps two neighbours apart.
  if (segments.some((segment) => /\{[^{}]*\}[a-z0-9-]*\{/.test(segment))) {
    problems.push(
      'two placeholders stand side by side, so the path can be read two ways: put "/", "." or "_" between them',
    );
  }
  return problems;
}

/** Compiles a template that has no problems. */
export function compilePathTemplate(text: string): PathTemplate {
  return {
    text,
    strict: compile(text, "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"),
    loose: compile(text, "[^/]+?"),
    segments: text.split("/").map((segment) => compile(segment, "[^/]+?")),
  };
}

/** The names that a path of this template holds; null for any other path. */
export function matchPath(template: PathTemplate, path: string): PathNames | null {
  return namesIn(template.strict.exec(path));
}

/** What stands in the places of the names, valid or not; null where the rest of the path differs. */
export function matchPathLoosely(template: PathTemplate, path: string): PathNames | null {
  return namesIn(template.loose.exec(path));
}

/** Puts names into a template; both must be RFC 1123 labels. */
export function renderTemplate(text: string, names: PathNames): string {
  if (!isName(names.tenant) || !isName(names.environment)) {
    throw new Error("a template is rendered with RFC 1123 labels only");
  }
  return text.replaceAll("{tenant}", names.tenant).replaceAll("{environment}", names.environment);
}

function namesIn(match: RegExpExecArray | null): PathNames | null {
  const { tenant, environment } = match?.groups ?? {};
  return tenant === undefined || environment === undefined ? null : { tenant, environment };
}

function compile(text: string, label: string): RegExp {
  const seen = new Set<string>();
  const source = text.split(/(\{tenant\}|\{environment\})/).map((part) => {
    if (part !== "{tenant}" && part !== "{environment}") return RegExp.escape(part);
    const name = part.slice(1, -1);
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>${label})`;
  });
  return new RegExp(`^${source.join("")}$`);
}
