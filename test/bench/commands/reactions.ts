import { platform, source } from "../../stage/seed.ts";
import { until, type Watched } from "../../stage/watch.ts";
import { arrived, lastRequest, requestsSince } from "../requests/request-log.ts";

/** Where commands are written: a promotion, and a merged pull request of the source. */
export type Places = { readonly promotion: number; readonly source: number };

/** What people write: what is agreed to, what is slow to answer, what is refused, and what cannot be read. */
const commands = [
  { user: "mona", text: "/promote staging" },
  { user: "bob", text: "/status" },
  { user: "carol", text: "/promote staging" },
  { user: "mona", text: "/promote stagin" },
];

/** Every command in both places, one after the other: milliseconds from each comment to its first reaction. */
export async function reactionTimes(
  watched: Watched,
  places: Places,
  before: () => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (const command of commands)
    for (const [repository, number] of [
      [platform, places.promotion],
      [source, places.source],
    ] as const) {
      await before();
      times.push(await reactionTime(watched, { repository, number, ...command }));
    }
  return times;
}

/** From the moment at which it is written, right before GitHub sends the delivery, to the reaction's arrival there. */
async function reactionTime(
  watched: Watched,
  said: { repository: string; number: number; user: string; text: string },
): Promise<number> {
  const { stage } = watched;
  const { text: body, ...at } = said;
  const since = await lastRequest(stage);
  const written = Date.now();
  const { id } = await stage.githubControl.post<{ id: number }>("comment", { ...at, body });
  const path = `/repos/${said.repository}/issues/comments/${id}/reactions`;
  const reaction = await until({ ...watched, pauseMs: 20 }, `a reaction to ${body}`, async () =>
    (await requestsSince(stage, since)).find((one) => one.method === "POST" && one.path === path),
  );
  return arrived(reaction) - written;
}
