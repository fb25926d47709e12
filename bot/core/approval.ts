/** `/approve <gate>`, said of exactly one head. It falls when the head moves. */
export type Approval = {
  /** The gate's name in the policy. */
  readonly gate: string;
  /** Login. */
  readonly by: string;
  readonly at: Date;
  readonly head: string;
};

/** One review of a pull request, as GitHub shows it. */
export type Review = {
  /** Login. */
  readonly by: string;
  readonly byBot: boolean;
  readonly state: "approved" | "changes-requested" | "dismissed" | "commented";
  /** The head that it was given for. */
  readonly head: string;
  readonly at: Date;
};

/** Each person's last word, comments and bots apart. `reviews` are in the order in which they were given. */
export function lastWords(reviews: readonly Review[]): readonly Review[] {
  const last = new Map<string, Review>();
  for (const review of reviews) {
    if (review.byBot || review.state === "commented") continue;
    last.set(review.by.toLowerCase(), review);
  }
  return [...last.values()];
}

/** Whose change an artifact is, by login; `none`: the policy names no source, so there is nobody to leave out. */
export type Authors =
  | { readonly kind: "known"; readonly logins: readonly string[] }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly sentence: string };

/** Does a person's word count? */
export type ApproverStanding =
  | { readonly kind: "may" }
  /** What it would take, and what could not be asked; `unverified` where that alone may be why. */
  | { readonly kind: "may-not"; readonly sentence: string; readonly unverified?: true };
