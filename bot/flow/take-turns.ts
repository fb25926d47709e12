import type { Facts } from "#ports/facts.ts";

type Turn = { readonly holder: string | null; readonly again: boolean };

/** Whoever never comes back, because its job was given up, keeps the others out for this long. */
const kept = { ttlMs: 60_000 };

/**
 * Has one of many write what all of them know, over all replicas. Who comes while another one writes leaves word and
 * goes; the writer then writes once more, so the last thing written knows what everybody knew. `holder` is the same
 * when its job runs again, and takes up its own turn.
 */
export async function takeTurns(
  facts: Facts,
  key: string,
  holder: string,
  write: () => Promise<void>,
): Promise<void> {
  const turn = await facts.update<Turn>(
    key,
    (current) =>
      current === null || current.holder === null || current.holder === holder
        ? { holder, again: false }
        : { ...current, again: true },
    kept,
  );
  for (let mine = turn; mine?.holder === holder;) {
    await write();
    mine = await facts.update<Turn>(
      key,
      (current) =>
        current?.holder === holder
          ? { holder: current.again ? holder : null, again: false }
          : undefined,
      kept,
    );
  }
}
