import { environments } from "../stage/seed.ts";
import type { Scene } from "./scene.ts";

type Application = {
  readonly environment?: string;
  readonly pods: readonly string[];
  readonly health?: string;
};

/** Keeps the narrator's line about how many tenants run the story's tag, as Argo CD says it; returns how to stop. */
export function followTenants(scene: Scene, everyMs: number): () => void {
  const timer = setInterval(() => {
    look(scene).catch(() => undefined);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function look({ stage, tell, tag }: Scene): Promise<void> {
  const applications = await stage.argocdControl.get<readonly Application[]>("apps");
  const words = environments.map((environment) => {
    const own = applications.filter((one) => one.environment === environment);
    const there = own.filter(
      ({ pods, health }) =>
        health === "Healthy" && pods.length > 0 && pods.every((pod) => pod.includes(`:${tag}`)),
    );
    return `${environment} ${there.length}/${own.length}`;
  });
  tell.standing(words.join(" "));
}
