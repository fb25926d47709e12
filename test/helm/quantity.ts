const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 0.001,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** A quantity of Kubernetes as a number: `250m` is 0.25, `64Mi` is bytes. Throws where it is none. */
export function quantity(text: unknown): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(text)) ?? [];
  const factor = factors[unit ?? "?"];
  if (number === undefined || factor === undefined)
    throw new Error(`${JSON.stringify(text)} is no quantity that is known here`);
  return Number(number) * factor;
}
