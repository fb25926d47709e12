type Version<Row> = { at: number; row: Row | undefined };

/** Versions kept of one row, for stale reads. */
const KEPT_VERSIONS = 20;

/**
 * Rows by id. A row is never changed in place: an update puts a new one there, so that an older view of it stays
 * readable (`asOf`, milliseconds) and a row can be handed out without a copy.
 */
export class Table<Row extends { id: number }> {
  readonly #rows = new Map<number, Row>();
  readonly #past = new Map<number, Version<Row>[]>();
  readonly #now: () => number;
  readonly #changed: (id: number, row: Row | null) => void;

  constructor(now: () => number, changed: (id: number, row: Row | null) => void) {
    this.#now = now;
    this.#changed = changed;
  }

  get(id: number, asOf?: number): Row | undefined {
    if (asOf === undefined) return this.#rows.get(id);
    return this.#past.get(id)?.findLast(({ at }) => at <= asOf)?.row;
  }

  /** The row of an id that is known to exist. */
  need(id: number): Row {
    const row = this.#rows.get(id);
    if (row === undefined) throw new Error(`no row ${id}`);
    return row;
  }

  find(test: (row: Row) => boolean, asOf?: number): Row | undefined {
    for (const id of this.#ids(asOf)) {
      const row = this.get(id, asOf);
      if (row !== undefined && test(row)) return row;
    }
    return undefined;
  }

  filter(test: (row: Row) => boolean, asOf?: number): Row[] {
    const rows: Row[] = [];
    for (const id of this.#ids(asOf)) {
      const row = this.get(id, asOf);
      if (row !== undefined && test(row)) rows.push(row);
    }
    return rows;
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }

  insert(row: Row): Row {
    return this.#put(row.id, row);
  }

  update(id: number, patch: Partial<Row>): Row {
    return this.#put(id, { ...this.need(id), ...patch });
  }

  delete(id: number): void {
    this.#rows.delete(id);
    this.#remember(id, undefined);
    this.#changed(id, null);
  }

  #put(id: number, row: Row): Row {
    this.#rows.set(id, row);
    this.#remember(id, row);
    this.#changed(id, row);
    return row;
  }

  #ids(asOf?: number): Iterable<number> {
    return asOf === undefined ? this.#rows.keys() : this.#past.keys();
  }

  #remember(id: number, row: Row | undefined): void {
    const versions = this.#past.get(id) ?? [];
    versions.push({ at: this.#now(), row });
    if (versions.length > KEPT_VERSIONS) versions.shift();
    this.#past.set(id, versions);
  }
}
