import { ApiError, notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { Context, Route } from "../http/context.ts";
import { pageOf } from "../http/pagination.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Delivery } from "../state/records.ts";
import { appOf } from "./app.ts";

/** GitHub lists deliveries, and redelivers them, for three days. */
const KEPT = 3 * 24 * 3_600_000;

function summary(row: Delivery): Schemas["hook-delivery-item"] {
  return {
    id: row.id,
    guid: row.guid,
    delivered_at: row.deliveredAt,
    redelivery: row.redelivery,
    duration: row.duration,
    status: row.status,
    status_code: row.statusCode,
    event: row.event,
    action: row.action,
    installation_id: row.installationId,
    repository_id: row.repositoryId,
    throttled_at: null,
  };
}

function visible(context: Context): Delivery[] {
  const app = appOf(context);
  const oldest = new Date(context.world.now() - KEPT).toISOString();
  return context.world.tables.deliveries
    .filter((row) => row.appId === app.id && row.sent && row.statusCode !== 0, context.asOf)
    .filter((row) => row.deliveredAt >= oldest)
    .toSorted((a, b) => b.id - a.id);
}

function deliveryOf(context: Context): Delivery {
  const id = Number(context.params["delivery_id"]);
  const row = visible(context).find((delivery) => delivery.id === id);
  if (row === undefined) throw notFound();
  return row;
}

/** Newest first; the cursor is opaque and only ever comes from a `Link` header. */
function list(context: Context): Promise<Answer> {
  const { request, world } = context;
  const { query } = request;
  const { perPage } = pageOf(context);
  const status = query.get("status");
  const cursor = query.get("cursor");
  const before = cursor === null ? undefined : parseCursor(cursor);
  const rows = visible(context)
    .filter((row) => before === undefined || row.id < before)
    .filter((row) => {
      if (status === null) return true;
      const good = row.statusCode >= 200 && row.statusCode < 400;
      return (status === "success") === good;
    });
  const page = rows.slice(0, perPage);
  const headers: Record<string, string> = {};
  const last = page.at(-1);
  if (rows.length > perPage && last !== undefined) {
    const next = new URLSearchParams(query);
    next.set("cursor", `v1_${last.id}`);
    headers["link"] = `<${world.urls.api}/app/hook/deliveries?${next.toString()}>; rel="next"`;
  }
  return Promise.resolve({ status: 200, body: page.map(summary), headers });
}

function parseCursor(cursor: string): number {
  const id = /^v1_(\d+)$/u.exec(cursor)?.[1];
  if (id === undefined) throw new ApiError(422, "Invalid cursor");
  return Number(id);
}

export const hookDeliveryRoutes: Route[] = [
  { method: "GET", path: "/app/hook/deliveries", scope: "any", handle: list },
  {
    method: "GET",
    path: "/app/hook/deliveries/{delivery_id}",
    scope: "any",
    handle: (context) => {
      const row = deliveryOf(context);
      return Promise.resolve(
        ok({
          ...summary(row),
          url: row.url,
          request: { headers: row.requestHeaders, payload: row.payload },
          response: { headers: row.responseHeaders, payload: row.responseBody },
        }),
      );
    },
  },
  {
    method: "POST",
    path: "/app/hook/deliveries/{delivery_id}/attempts",
    scope: "any",
    handle: (context) => {
      const { id } = deliveryOf(context);
      setImmediate(() => context.simulation.deliveries.redeliver(id));
      return Promise.resolve({ status: 202, body: {} });
    },
  },
];
