import type { Control } from "./control.ts";
import { image, source } from "./seed.ts";

/** An image as a builder published it. */
export type Published = {
  readonly tag: string;
  readonly digest: string;
  readonly revision: string;
};

export type BuildOptions = {
  /** `owner/name` of the source repository. */
  readonly repository?: string;
  readonly image?: string;
  readonly branch?: string;
  /** Which of the two kinds of events are sent; default both. */
  readonly packageEvents?: boolean;
  readonly workflowRun?: boolean;
  /** What the commit changes; default a line of code. */
  readonly files?: Readonly<Record<string, string>>;
};

/** Makes a builder: each build commits, runs CI and publishes, in the order in which that happens. */
export function builder(control: Control) {
  let builds = 0;
  return async function build(message: string, options: BuildOptions = {}): Promise<Published> {
    const { repository = source, branch = "main" } = options;
    const pushed = await control.post<{ sha: string }>("push", {
      repository,
      branch,
      user: "bob",
      message,
      files: options.files ?? { "src/server.ts": `// build ${builds}\n` },
    });
    builds += 1;
    const published = await publish(control, pushed.sha, options);
    if (options.workflowRun !== false)
      await control.post("workflow-run", {
        repository,
        workflow: "ci.yml",
        headSha: pushed.sha,
        branch,
        conclusion: "success",
      });
    return published;
  };
}

/** Pushes an image; without its events it is in the registry all the same. */
export async function publish(
  control: Control,
  revision: string,
  options: Pick<BuildOptions, "repository" | "image" | "packageEvents"> & { tag?: string } = {},
): Promise<Published> {
  const tag = options.tag ?? `sha-${revision.slice(0, 7)}`;
  const silent = options.packageEvents === false;
  if (silent)
    await control.post("faults", {
      rules: [{ fault: "drop-delivery", event: "registry_package", times: "always" }],
    });
  const { digest } = await control.post<{ digest: string }>("publish", {
    repository: options.repository ?? source,
    image: options.image ?? image,
    tag,
    revision,
    platforms: ["linux/amd64", "linux/arm64"],
  });
  if (silent) await control.post("faults", { rules: [] });
  return { tag, digest, revision };
}
