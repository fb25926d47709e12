import type { ObjectStore } from "./objects.ts";

/** Who and when; `date` in ISO 8601 with an offset or Z. */
export type Signature = { name: string; email: string; date: string };

export type Commit = {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
  signature: string | null;
};

/** Stands where GitHub's own signature would; the simulator calls a commit verified when it bears this. */
export const GITHUB_SIGNATURE =
  "-----BEGIN PGP SIGNATURE-----\n\nc2ltdWxhdGVkLWdpdGh1Yi1zaWduYXR1cmU=\n-----END PGP SIGNATURE-----";

export async function readCommit(store: ObjectStore, sha: string): Promise<Commit | undefined> {
  const data = await store.readAs(sha, "commit");
  return data === undefined ? undefined : parseCommit(sha, data.toString("utf8"));
}

/** Writes a commit; `verified` signs it as GitHub signs what is made in a bot's or the web's name. */
export function writeCommit(
  store: ObjectStore,
  commit: Omit<Commit, "sha" | "signature">,
  verified: boolean,
): Promise<string> {
  const text = commitText(commit, verified ? GITHUB_SIGNATURE : null);
  return store.write("commit", Buffer.from(text, "utf8"));
}

export function commitText(
  commit: Omit<Commit, "sha" | "signature">,
  signature: string | null,
): string {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${person(commit.author)}`,
    `committer ${person(commit.committer)}`,
    ...(signature === null ? [] : [`gpgsig ${signature.replaceAll("\n", "\n ")}`]),
  ];
  return `${headers.join("\n")}\n\n${commit.message}`;
}

function person({ name, email, date }: Signature): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\0]/gu, "").trim();
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1000)} ${zone(date)}`;
}

function zone(date: string): string {
  const offset = /([+-])(\d{2}):?(\d{2})$/u.exec(date);
  return offset === null ? "+0000" : `${offset[1]}${offset[2]}${offset[3]}`;
}

function parseCommit(sha: string, text: string): Commit {
  const split = text.indexOf("\n\n");
  const head = (split < 0 ? text : text.slice(0, split)).replaceAll("\n ", "\u0000");
  const commit: Commit = {
    sha,
    tree: "",
    parents: [],
    author: { name: "", email: "", date: "1970-01-01T00:00:00Z" },
    committer: { name: "", email: "", date: "1970-01-01T00:00:00Z" },
    message: split < 0 ? "" : text.slice(split + 2),
    signature: null,
  };
  for (const line of head.split("\n")) {
    const space = line.indexOf(" ");
    const key = line.slice(0, space);
    const value = line.slice(space + 1);
    if (key === "tree") commit.tree = value;
    if (key === "parent") commit.parents.push(value);
    if (key === "author" || key === "committer") commit[key] = parsePerson(value);
    if (key === "gpgsig") commit.signature = value.replaceAll("\u0000", "\n");
  }
  return commit;
}

function parsePerson(text: string): Signature {
  const match = /^(.*?) ?<([^>]*)> (\d+) [+-]\d{4}$/u.exec(text);
  return {
    name: match?.[1] ?? "",
    email: match?.[2] ?? "",
    // GitHub answers in UTC whatever zone the commit was made in.
    date: new Date(Number(match?.[3] ?? 0) * 1000).toISOString().replace(".000Z", "Z"),
  };
}
