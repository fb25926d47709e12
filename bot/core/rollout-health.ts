import { isPrunePending, type Application } from "./application.ts";
import { foreignImages, livePodImages, podProblems, viewImages } from "./rollout-images.ts";
import { judged } from "./rollout-judgement.ts";
import { atRevisions } from "./rollout-operation.ts";
import type { Judgement, RolloutLook, RolloutMemory } from "./rollout-types.ts";

/** Degraded can heal by itself. */
const degradedGraceMs = 30_000;
/** Healthy without the artifact's image: pods are replaced within seconds, a chart that ignores the value never. Ours. */
const mismatchGraceMs = 60_000;
/** Pods that are being replaced are gone by then; what is left needs the tree. Ours. */
const mixedGraceMs = 5_000;
/** How long all has to stay well (gitops-promoter waits as long). */
const dwellMs = 5_000;
/** A tree costs Argo CD more than a GET: not again before this. Ours. */
const treePauseMs = 30_000;
/** A bad image shows on its pod at once, on the application only after the deployment's own deadline (600 s). */
const lookAtPodsAfterMs = 20_000;

/** Synced and fresh: is it healthy, with the right images, and does it stay so? */
export function judgeHealth(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
): Judgement {
  const { status, message } = application.health;
  switch (status) {
    case "Healthy":
      return judgeImages(application, look, revisions);
    case "Suspended":
      return judged(look, "paused", "Argo CD shows it suspended: somebody has to resume it.", {
        detail: message,
      });
    case "Degraded":
      return judgeDegraded(application, look);
    case "Progressing":
      return judgeProgressing(application, look);
    case "Missing":
      return judged(look, "progressing", "Resources are missing in the cluster.", {
        detail: message,
      });
    case "Unknown":
      return judged(look, "progressing", "Argo CD does not know its health yet.", {
        detail: message,
      });
  }
}

function judgeProgressing(application: Application, look: RolloutLook): Judgement {
  const now = look.now.getTime();
  const { progressingSince = now, podsAt } = look.memory;
  const late = now - progressingSince >= lookAtPodsAfterMs;
  if (look.answers.pods === undefined && podsAt === undefined && late) return askPods;
  const seen = seePods(look);
  const stuck = seen.podTrouble !== undefined;
  const sentence = stuck ? "New pods do not start." : "New pods are starting.";
  return judged(look, "progressing", sentence, {
    detail: seen.podTrouble ?? unhealthyResources(application),
    memory: { progressingSince, ...seen },
    stuck: stuck ? true : undefined,
  });
}

const askPods: Judgement = { kind: "question", question: { kind: "pods" } };

/** What pods say of why they do not start: now, or when they were looked at. */
function seePods(look: RolloutLook): Pick<RolloutMemory, "podsAt" | "podTrouble"> {
  const { pods } = look.answers;
  const { podTrouble = "" } = look.memory;
  const trouble = pods === undefined ? podTrouble : podProblems(pods).join("\n");
  return {
    ...(pods === undefined ? {} : { podsAt: look.now.getTime() }),
    ...(trouble === "" ? {} : { podTrouble: trouble }),
  };
}

function judgeDegraded(application: Application, look: RolloutLook): Judgement {
  const now = look.now.getTime();
  const first = look.memory.degradedSince;
  // Argo CD says that a deployment is out of time, its pods say why.
  if (first === undefined && look.answers.pods === undefined) return askPods;
  const since = Math.max(first ?? now, application.health.since?.getTime() ?? 0);
  // Argo CD's clock may be ahead of ours; what we have seen ourselves is the later end.
  const degradedSince = Math.min(since, now);
  const over = first !== undefined && now - degradedSince >= degradedGraceMs;
  const seen = seePods(look);
  const resources = unhealthyResources(application) || application.health.message;
  const more = {
    detail: [resources, seen.podTrouble ?? ""].filter(Boolean).join("\n"),
    memory: { degradedSince, ...seen },
    confirm: first === undefined || over,
  };
  return over
    ? judged(look, "failed", `Degraded for ${degradedGraceMs / 1000} seconds and longer.`, more)
    : judged(look, "degraded", "Degraded; it may still heal.", more);
}

function judgeImages(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
): Judgement {
  const { artifact } = look.promoted;
  const view = viewImages(application.images, artifact);
  if (view === "only") return settle(application, look, revisions, {});
  if (view === "mixed") return judgeMixed(application, look, revisions);
  if (view === "none") return judgeManifests(application, look, revisions);
  return mismatch(look, application.images, "Its pods run another image than");
}

/** Several images of one repository: an unfinished rollout, or pods of finished jobs. */
function judgeMixed(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
): Judgement {
  const now = look.now.getTime();
  const { artifact } = look.promoted;
  const shown = [...application.images].sort().join(" ");
  if (look.memory.treeExplains === shown) return settle(application, look, revisions, {});
  const { tree } = look.answers;
  const { mixedSince = now, treeAt } = look.memory;
  if (tree === undefined) {
    const rested = treeAt === undefined || now - treeAt >= treePauseMs;
    return rested && now - mixedSince >= mixedGraceMs
      ? { kind: "question", question: { kind: "tree" } }
      : ambiguous(look, application.images, { mixedSince });
  }
  const live = livePodImages(tree);
  if (viewImages(live, artifact) === "only")
    return settle(application, look, revisions, { treeAt: now, treeExplains: shown });
  return ambiguous(look, live, { mixedSince, treeAt: now });
}

/** No pod shows the repository: scaled to zero, a CronJob, or a summary that is empty. The live manifests tell. */
function judgeManifests(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
): Judgement {
  const now = look.now.getTime();
  const at = revisions.join(" ");
  if (look.memory.manifestsShow === at) return settle(application, look, revisions, {});
  const { manifests } = look.answers;
  if (manifests === undefined) {
    const asked = look.memory.manifestsAt;
    if (asked === undefined || now - asked >= treePauseMs)
      return { kind: "question", question: { kind: "manifests" } };
    return mismatch(look, [], "Nothing of it has the image");
  }
  const memory = { manifestsAt: now };
  if (viewImages(manifests, look.promoted.artifact) === "only")
    return settle(application, look, revisions, { ...memory, manifestsShow: at });
  const others = foreignImages(manifests, look.promoted.artifact).length > 0;
  const what = others ? "Its workloads have another image than" : "Nothing of it has the image";
  return mismatch(look, manifests, what, memory);
}

function ambiguous(look: RolloutLook, images: readonly string[], memory: RolloutMemory): Judgement {
  const others = foreignImages(images, look.promoted.artifact);
  return judged(look, "ambiguous", "Pods with another image of the same repository still run.", {
    detail: others.join(", "),
    memory,
  });
}

function mismatch(
  look: RolloutLook,
  images: readonly string[],
  what: string,
  memory: RolloutMemory = {},
): Judgement {
  const now = look.now.getTime();
  const { mismatchSince } = look.memory;
  const since = mismatchSince ?? now;
  const { tag, repository } = look.promoted.artifact;
  const sentence = `${what} ${repository}:${tag}, although the application is in sync and healthy.`;
  const over = mismatchSince !== undefined && now - since >= mismatchGraceMs;
  const more = {
    detail: foreignImages(images, look.promoted.artifact).join(", "),
    memory: { ...memory, mismatchSince: since },
    confirm: over,
  };
  return over
    ? judged(
        look,
        "failed",
        `${sentence} Does its chart read the value that the policy names?`,
        more,
      )
    : judged(look, "mismatch", sentence, more);
}

/** All is well: it counts once it has stayed so over two looks. */
function settle(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
  memory: RolloutMemory,
): Judgement {
  const now = look.now.getTime();
  const first = look.memory.settledSince;
  const changed = application.health.since?.getTime() ?? 0;
  // It was unwell between two looks: begin anew. A time in our future is Argo CD's clock, not a change.
  const since = first === undefined || (changed > first && changed <= now) ? now : first;
  const notes = isPrunePending(application) ? " Resources wait to be pruned." : "";
  const more = { memory: { ...memory, settledSince: since } };
  if (since !== first || now - since < dwellMs)
    return judged(
      look,
      "settling",
      `Healthy; it has to stay so for ${dwellMs / 1000} seconds.${notes}`,
      {
        ...more,
        confirm: since !== first,
      },
    );
  return judged(look, "healthy", `Healthy ${atRevisions(revisions)}.${notes}`, {
    ...more,
    confirm: true,
  });
}

function unhealthyResources(application: Application): string {
  return application.resources
    .filter(({ health }) => health === "Degraded" || health === "Missing")
    .map(({ name, health, message }) =>
      [`${name} is ${health}`, message].filter(Boolean).join(": "),
    )
    .join("\n");
}
