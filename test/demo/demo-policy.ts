import { tenantNames, type PolicyOptions } from "../stage/seed.ts";
import { mostRealTenants, type DemoOptions } from "./options.ts";

/** What the scenario's policy says beside the usual. */
export function policyOf(options: DemoOptions): PolicyOptions {
  // One machine plays a whole cluster here.
  const time = options.tenants <= mostRealTenants ? {} : { timeout: "15m" };
  const rings = ringsOf(options).map(({ written }) => written);
  const merge = options.scenario === "thousand" ? ({ prodMerge: "auto" } as const) : {};
  const soak = options.scenario === "hotfix" ? { prodSoak: "1h" } : {};
  return { ...time, ...merge, ...soak, rings };
}

/** Where an image goes in prod, in order: `prod`, or its rings. */
export function placesInProd(options: DemoOptions): readonly string[] {
  const rings = ringsOf(options);
  return rings.length === 0 ? ["prod"] : rings.map(({ name }) => `prod/${name}`);
}

type Ring = { readonly name: string; readonly written: string };

function ringsOf({ scenario, tenants }: DemoOptions): readonly Ring[] {
  switch (scenario) {
    case "happy":
    case "slow": {
      const [first = ""] = tenantNames(tenants);
      // A ring without tenants would stop the one after it.
      if (tenants < 2) return [];
      return [
        { name: "canary", written: `{ name: canary, tenants: [${first}] }` },
        { name: "rest", written: '{ name: rest, tenants: ["*"], soak: 3s }' },
      ];
    }
    case "thousand":
      return [
        { name: "canary", written: "{ name: canary, percent: 1 }" },
        { name: "early", written: "{ name: early, percent: 10, soak: 3s }" },
        { name: "many", written: "{ name: many, percent: 50, soak: 3s }" },
        { name: "rest", written: '{ name: rest, tenants: ["*"], soak: 3s }' },
      ];
    case "bad-image":
    case "revert":
    case "rollback":
    case "freeze":
    case "hotfix":
      return [];
  }
}
