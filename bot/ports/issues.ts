/** One plain issue, never a pull request. */
export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  /** Opened by this very App: a marker alone can be forged. */
  readonly ours: boolean;
  /** Its last line still is what this App wrote; false: somebody else changed it, or nothing tells. */
  readonly isSealed: boolean;
  readonly url: string;
};

/** The issues of one repository, as far as this App opened them. */
export interface Issues {
  /** The App's own issues whose body holds the marker, or held it before somebody changed it, open or not, oldest first. */
  own(marker: string, label: string): Promise<readonly Issue[]>;
  /** One issue as it is now; null where there is none, or no more. */
  issue(number: number): Promise<Issue | null>;
  /** Opens an issue, or finds the one that an answer which never came had opened. `marker` stands in its body. */
  open(issue: {
    readonly title: string;
    readonly body: string;
    readonly labels: readonly string[];
    readonly marker: string;
  }): Promise<Issue>;
  edit(
    number: number,
    change: { readonly title?: string; readonly body?: string; readonly state?: Issue["state"] },
  ): Promise<Issue>;
}
