/** A reference that says exactly what it is: name, version, digest. */
const pinned = /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

/** One sentence a breach of what this repository asks of a Dockerfile. */
export function dockerfileProblems(text: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, "").split("\n");
  const words = lines.map((line) => line.trim().split(/\s+/));
  const bases = words.flatMap(([keyword, ...rest]) =>
    keyword === "FROM" ? (rest.find((word) => !word.startsWith("--")) ?? []) : [],
  );
  const stages = words.flatMap(([keyword, ...rest]) =>
    keyword === "FROM" && rest.at(-2) === "AS" ? (rest.at(-1) ?? []) : [],
  );
  const last = words.slice(words.findLastIndex(([keyword]) => keyword === "FROM"));
  const user = last.findLast(([keyword]) => keyword === "USER")?.[1] ?? "";
  return [
    ...(bases.length < 2 ? ["one stage: what builds it would be shipped too"] : []),
    ...bases
      .filter((base) => !stages.includes(base) && !pinned.test(base))
      .map((base) => `${base}: write name, version and digest`),
    ...bases.filter((base) => /:latest\b/.test(base)).map((base) => `${base}: never latest`),
    ...(bases.at(-1)?.startsWith("gcr.io/distroless/") === true
      ? []
      : ["the last stage is not distroless"]),
    ...(/^[1-9]\d*(:\d+)?$/.test(user) ? [] : ["USER of the last stage must be a number, not 0"]),
    ...(last.some(([keyword]) => keyword === "RUN")
      ? ["RUN in the last stage: it would have to be emulated for the other platform"]
      : []),
    ...words
      .filter(([keyword]) => keyword === "ADD")
      .map(([, what]) => `ADD ${what}: COPY fetches and unpacks nothing`),
  ];
}
