import type { GateResult } from "../gate.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** An Argo CD is configured for the environment: without one nobody could see how a rollout ends. */
export const deployer: Gate = { name: "deployer", applies: () => true, judge: judgeDeployer };

function judgeDeployer({ environment, deployers }: GateContext): GateResult {
  if (deployers.includes(environment.argocd)) {
    return {
      gate: "deployer",
      status: "passed",
      reason: "configured",
      sentence: `Argo CD ${environment.argocd} watches over the rollout.`,
    };
  }
  const suffix =
    environment.argocd === "default"
      ? ""
      : `__${environment.argocd.toUpperCase().replaceAll("-", "_")}`;
  return {
    gate: "deployer",
    status: "failed",
    reason: "not-configured",
    sentence: `No Argo CD is configured for ${environment.name}, so nothing is merged automatically.`,
    remedy: `Set ARGOCD_URL${suffix} and ARGOCD_TOKEN${suffix} where Sluice runs, or merge by hand.`,
  };
}
