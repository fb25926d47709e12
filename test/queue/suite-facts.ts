import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import type { Stage } from "./stage.ts";

export function factsSuite(stage: () => Stage): void {
  describe("facts", () => {
    const fresh = (): string => `test/${randomUUID()}`;

    it("keep any JSON and forget what is deleted", async () => {
      const { facts } = stage().open;
      const key = fresh();
      const value = { text: '\u0000 ü 💚 " \\ %_*[a]', list: [1, null, { deep: true }], zero: 0 };
      await facts.set(key, value);
      expect(await facts.get(key)).toEqual(value);
      await facts.set(key, null);
      expect(await facts.list(key)).toEqual(new Map([[key, null]]));
      await facts.delete([key, `${key}/never`]);
      expect(await facts.get(key)).toBeNull();
      await facts.delete([]);
    });

    it("list exactly what starts with the prefix, in order", async () => {
      const { facts } = stage().open;
      const base = fresh();
      const inside = ["p", "p/", "p/a", "p/b_", "p/ü", "p/💚", "pa"].map((end) => `${base}/${end}`);
      const outside = ["P", "o", "q", "%", "_"].map((end) => `${base}/${end}`);
      for (const key of [...inside, ...outside]) await facts.set(key, key);
      expect([...(await facts.list(`${base}/p`)).keys()].sort()).toEqual([...inside].sort());
      expect([...(await facts.list(`${base}/p/`)).keys()].sort()).toEqual(
        inside.slice(1, 6).sort(),
      );
      for (const wild of ["%", "_", "*", "?", "[p]", "\\"]) {
        const expected = outside.filter((key) => key.startsWith(`${base}/${wild}`));
        expect([...(await facts.list(`${base}/${wild}`)).keys()]).toEqual(expected);
      }
      expect((await facts.list("")).size).toBeGreaterThanOrEqual(12);
    });

    it("forget what has outlived its time, and keep what was set anew without one", async () => {
      const { facts } = stage().open;
      const [short, long, renewed, updated] = [fresh(), fresh(), fresh(), fresh()];
      await facts.set(renewed, 1, { ttlMs: 150 });
      await facts.set(renewed, 2);
      await facts.set(short, 1, { ttlMs: 150 });
      await facts.set(long, 1, { ttlMs: 60_000 });
      await facts.update<number>(updated, () => 1, { ttlMs: 150 });
      await pause(250);
      expect(await facts.get(short)).toBeNull();
      expect(await facts.list(short)).toEqual(new Map());
      expect(await facts.get(long)).toBe(1);
      expect(await facts.get(renewed)).toBe(2);
      expect(await facts.update<number>(updated, (current) => (current ?? 10) + 1)).toBe(11);
    });

    it("lose no update of many at once", async () => {
      const { facts } = stage().open;
      const key = fresh();
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let n = 0; n < 10; n += 1) {
            await facts.update<{ n: number }>(key, (current) => ({ n: (current?.n ?? 0) + 1 }));
          }
        }),
      );
      expect(await facts.get(key)).toEqual({ n: 80 });
    });

    it("stay as they are when the change gives nothing", async () => {
      const { facts } = stage().open;
      const key = fresh();
      expect(await facts.update<string>(key, () => undefined)).toBeNull();
      await facts.set(key, "a");
      expect(await facts.update<string>(key, () => undefined)).toBe("a");
      expect(await facts.get(key)).toBe("a");
    });

    it("list everything that stood there all the time, whoever writes meanwhile", async () => {
      const { facts } = stage().open;
      const base = fresh();
      const lasting = Array.from({ length: 200 }, (_, n) => `${base}/lasting/${n}`);
      await Promise.all(lasting.map((key) => facts.set(key, 1)));
      let writing = true;
      const writer = (async () => {
        for (let n = 0; writing; n += 1) {
          const key = `${base}/passing/${n}`;
          await facts.set(key, n);
          await facts.delete([key]);
        }
      })();
      for (let n = 0; n < 20; n += 1) {
        const listed = await facts.list(`${base}/`);
        expect(lasting.filter((key) => !listed.has(key))).toEqual([]);
      }
      writing = false;
      await writer;
    });

    it("refuse a key that no backend can keep", async () => {
      const { facts } = stage().open;
      await expect(facts.set("", 1)).rejects.toThrow("non-empty path");
      await expect(facts.get("a\u0000b")).rejects.toThrow("non-empty path");
    });
  });
}
