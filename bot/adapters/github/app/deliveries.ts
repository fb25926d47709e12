import type { Octokit } from "@octokit/core";

import type { HookDelivery } from "#ports/code-host.ts";

/**
 * Deliveries of the App, newest first. A page is addressed by the cursor of the answer's `Link`; of that address only
 * the cursor is used, so it cannot lead elsewhere.
 */
export async function* readDeliveries(
  request: Octokit["request"],
  { since, failed }: { since: Date; failed: boolean },
): AsyncGenerator<HookDelivery> {
  let cursor: string | null = null;
  do {
    const page: { data: readonly Body[]; headers: { link?: string } } = await request(
      "GET /app/hook/deliveries",
      {
        per_page: 100,
        ...(failed ? { status: "failure" as const } : {}),
        ...(cursor === null ? {} : { cursor }),
      },
    );
    for (const body of page.data) {
      const delivery = toDelivery(body);
      if (delivery.deliveredAt < since) return;
      yield delivery;
    }
    const next = cursorOf(page.headers.link);
    if (next === cursor) return;
    cursor = next;
  } while (cursor !== null);
}

/** What GitHub sent, as JSON text again. Its bytes may differ from those that were signed. */
export async function readDelivery(
  request: Octokit["request"],
  id: string,
): Promise<{ event: string; body: string }> {
  const { data } = await request("GET /app/hook/deliveries/{delivery_id}", {
    // The ids do not fit into a number; in a path a text is the same.
    delivery_id: id as unknown as number,
  });
  return { event: data.event, body: JSON.stringify(data.request.payload ?? {}) };
}

type Body = {
  readonly id: number | bigint;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installation_id: number | bigint | null;
  readonly delivered_at: string;
  readonly status_code: number;
};

function toDelivery(body: Body): HookDelivery {
  return {
    id: String(body.id),
    guid: body.guid,
    event: body.event,
    action: body.action,
    installation: body.installation_id === null ? null : Number(body.installation_id),
    deliveredAt: new Date(body.delivered_at),
    acknowledged: body.status_code >= 200 && body.status_code < 300,
  };
}

function cursorOf(link: string | undefined): string | null {
  const next = /<([^>]+)>;\s*rel="?next"?/u.exec(link ?? "")?.[1];
  if (next === undefined || !URL.canParse(next)) return null;
  return new URL(next).searchParams.get("cursor");
}
