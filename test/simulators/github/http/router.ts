import type { Route } from "./context.ts";

type Compiled = { route: Route; pattern: RegExp; names: string[]; literals: number };

/** Parameters that may hold slashes: names of refs and paths. */
const GREEDY = new Set(["ref", "path", "branch", "basehead"]);

export type Match = { route: Route; params: Record<string, string> };

/** Finds the route of a method and path; the most literal template wins. */
export class Router {
  readonly #routes: Compiled[];

  constructor(routes: Route[]) {
    this.#routes = routes
      .map(compile)
      .toSorted((a, b) => b.literals - a.literals || a.names.length - b.names.length);
  }

  match(method: string, path: string): Match | undefined {
    const wanted = method === "HEAD" ? "GET" : method;
    for (const { route, pattern, names } of this.#routes) {
      if (route.method !== wanted) continue;
      const found = pattern.exec(path);
      if (found === null) continue;
      const params: Record<string, string> = {};
      try {
        names.forEach((name, index) => {
          params[name] = decodeURIComponent(found[index + 1] ?? "");
        });
      } catch {
        return undefined;
      }
      return { route, params };
    }
    return undefined;
  }
}

function compile(route: Route): Compiled {
  const names: string[] = [];
  let literals = 0;
  const parts = route.path.split("/").slice(1);
  const pattern = parts
    .map((part) => {
      const name = /^\{(\w+)\}$/u.exec(part)?.[1];
      if (name === undefined) {
        literals += 1;
        return `/${part.replaceAll(/[.+]/gu, "\\$&")}`;
      }
      names.push(name);
      if (name === "path") return "(?:/(.*))?";
      return GREEDY.has(name) ? "/(.+?)" : "/([^/]+)";
    })
    .join("");
  return { route, pattern: new RegExp(`^${pattern}/?$`, "u"), names, literals };
}
